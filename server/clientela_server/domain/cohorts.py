"""What was bought month by month, and who of those who were new in a month came back.

A month is a calendar month of UTC, counted from January 1970. A client belongs to the cohort of the month of
its first purchase. An order is a purchase; what is given back is taken off the month of the purchase.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

# What is told of at most: fifty years.
MONTHS_MAX = 600


@dataclass(frozen=True, slots=True)
class Month:
    """One month: purchases, nanos, and clients who bought, of whom some were new."""

    month: int
    purchases: int
    amount: int
    active: int
    new: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """The clients who were new in a month, and how many of them bought in it and in each month since."""

    month: int
    customers: int
    active: Sequence[int]


@dataclass(frozen=True, slots=True)
class History:
    """All months from the first purchase on, the cohorts, and what it comes to."""

    months: Sequence[Month]
    _: KW_ONLY
    cohorts: Sequence[Cohort]
    customers: int
    purchases: int
    amount: int
    repeaters: int

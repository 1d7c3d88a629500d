"""What is said of one label: whether it holds, by which rule, what was measured, and what would flip it.

Every label has a finding, held or not. A `Flip` is the nearest change that makes the label the other way;
tests follow it and see the label turn. Sentences are made from findings elsewhere, in the reader's language.
None of these is ever changed in place. They are not frozen, as to make a frozen one takes five times as long,
and an answer has sixty.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field


@dataclass(slots=True)
class Measure:
    """A measured value and its threshold, decimals as text; `threshold` is None where there is none."""

    name: str
    value: str
    threshold: str | None
    unit: str


@dataclass(slots=True)
class Flip:
    """A change, as one bundle: all that is set is to be done, first who the client is, then purchases.

    Purchases are on as many days on which nothing was bought yet, from `day` on; with `purpose`,
    `sales_path`, `category` or `amount` they are of that kind. With `until` the label turns when nothing more
    is bought until then. `says` names the sentence.
    """

    says: str
    _: KW_ONLY
    purchases: int = 0
    day: int = 0
    until: int | None = None
    referrals: int = 0
    party: int | None = None
    reachable: bool | None = None
    prefers: bool | None = None
    purpose: int = 0
    sales_path: int = 0
    category: str = ""
    quantity: str = ""
    amount: int = 0
    currency: str = ""
    # Months of the year, 0 to 11; purchases go into each year's anew.
    months: tuple[int, ...] = ()


NEVER = Flip("never")


@dataclass(slots=True)
class Finding:
    """One label of one client. `facts` fills in the sentence that `says` names."""

    label: str
    holds: bool
    _: KW_ONLY
    rule_id: str
    measures: tuple[Measure, ...]
    flip: Flip
    says: str
    facts: Mapping[str, str] = field(default_factory=dict)


def number(name: str, value: int, threshold: int | None, unit: str) -> Measure:
    """Return the measure of a whole number."""
    return Measure(name, str(value), None if threshold is None else str(threshold), unit)


def share(name: str, part: int, whole: int, threshold: int) -> Measure:
    """Return the measure of a share in percent, rounded down: below the threshold it stays below."""
    return Measure(name, fixed_point(part * 10_000 // whole if whole else 0, 2), str(threshold), "%")


def fixed_point(value: int, digits: int) -> str:
    """Return a whole number as a decimal with its last digits behind the point, without trailing zeros."""
    whole, rest = divmod(abs(value), 10**digits)
    text = f"{whole}.{rest:0{digits}}".rstrip("0") if rest else str(whole)
    return f"-{text}" if value < 0 else text

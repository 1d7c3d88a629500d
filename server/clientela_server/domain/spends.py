"""Spends: money that went to a channel over some days, to win clients or to keep them.

A spend is never changed. Each of its days has an equal share, exactly: shares are fractions, and only what is
told in the end is rounded. Read next: `economics`, what spends brought.
"""

from dataclasses import KW_ONLY, dataclass, replace
from fractions import Fraction

from clientela_server.domain.days import date_of
from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.money import Money, require_coins
from clientela_server.domain.names import require_visible
from clientela_server.domain.writing import composed

# Ten years, with some leap days to spare.
DAYS_MAX = 3660
# Numbers of the contract's enum.
ACQUISITION, RETENTION = 1, 2


@dataclass(frozen=True, slots=True)
class Spend:
    """One spend. Days are counted from 1970-01-01, both are spent on; `channel` is 0 of one that is gone."""

    id: str
    channel: int
    start_day: int
    end_day: int
    amount: Money
    _: KW_ONLY
    campaign: str = ""
    purpose: int = ACQUISITION
    create_us: int = 0
    recorded_by: str = ""

    @property
    def name(self) -> str:
        """The resource name."""
        return f"spends/{self.id}"


def require_period(start: int, end: int, path: str) -> None:
    """Refuse a period that ends before it starts; `path` is the field of its end."""
    if end < start:
        raise InvalidArgument.of_field(
            "PERIOD_REVERSED",
            path,
            "must not be before the start",
            start=date_of(start),
            end=date_of(end),
        )


def settled(draft: Spend, now_us: int, actor: str) -> Spend:
    """Return a spend as it is kept; refuse one that ends before it starts, takes too long, or is too fine."""
    require_period(draft.start_day, draft.end_day, "spend.end_date")
    days = draft.end_day - draft.start_day + 1
    if days > DAYS_MAX:
        raise InvalidArgument.of_field(
            "SPEND_TOO_LONG",
            "spend.end_date",
            f"must be at most {DAYS_MAX} days from start_date on, both counted",
            days=str(days),
            most=str(DAYS_MAX),
        )
    require_coins(draft.amount, "spend.amount")
    require_visible([("spend.campaign", draft.campaign)])
    return replace(draft, campaign=composed(draft.campaign), create_us=now_us, recorded_by=actor)


def share(spend: Spend, first: int, last: int) -> Fraction:
    """Return how many nanos of a spend fall on the days from one to another, both counted; exact."""
    within = min(last, spend.end_day) - max(first, spend.start_day) + 1
    return Fraction(spend.amount.nanos * max(within, 0), spend.end_day - spend.start_day + 1)

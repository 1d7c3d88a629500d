"""The running facts of one client: all that the rules of standing ask of the ledger, in one row.

The rule: after each entry the facts are what a scan of the client's whole ledger would give. Purchases may
come back-dated, so days and gaps are kept as sorted multisets; money given back is taken off the day of the
purchase that it was paid for. A day is a UTC day, counted from 1970-01-01. Facts are never changed in place:
each function gives new ones, so that a write can be undone.
Read next: `stages` and `kinds`, the rules over these facts.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from clientela_server.domain.customers import Customer, Organization, Person, Preferences
from clientela_server.domain.days import day_of, month_of
from clientela_server.domain.purchases import Line, Purchase
from clientela_server.domain.revenue import Revenue

# Numbers of the contract's enums.
PERSON, ORGANIZATION = 1, 2
OWN_USE, RESALE, BUSINESS_USE = 1, 2, 3
DIRECT, THROUGH_PARTNER = 1, 2
_NO_PREFERENCES = Preferences()
# How often each quantity of a category was bought at a time, by the quantity as it is written.
Quantities = Mapping[str, int]


@dataclass(slots=True)
class Facts:
    """The facts of one client: its master data that rules use, and its purchases in aggregates."""

    party: int = 0
    reachable: bool = False
    prefers: bool = False
    referrals: int = 0
    purchases: int = 0
    own_use: int = 0
    business: int = 0
    direct: int = 0
    partner: int = 0
    # The days on which something was bought, each once, and the gaps between them, by size.
    days: array[int] = field(default_factory=lambda: array("i"))
    gaps: array[int] = field(default_factory=lambda: array("i"))
    # Months (12 times the year, plus 0 to 11) with purchases, and the number of purchase days in each.
    months: array[int] = field(default_factory=lambda: array("i"))
    month_days: array[int] = field(default_factory=lambda: array("i"))
    revenue: Revenue = field(default_factory=Revenue)
    quantities: Mapping[str, Quantities] = field(default_factory=dict)
    # Twice the median gap, which is whole; 0 where there is no gap.
    twice_median_gap: int = 0

    def copied(self) -> Facts:
        """Return a copy to change: faster than `copy.copy`, for each purchase makes one."""
        return Facts(
            self.party,
            self.reachable,
            self.prefers,
            self.referrals,
            self.purchases,
            self.own_use,
            self.business,
            self.direct,
            self.partner,
            self.days,
            self.gaps,
            self.months,
            self.month_days,
            self.revenue,
            self.quantities,
            self.twice_median_gap,
        )


def seen_on(days: array[int], purchases: int, referrals: int) -> Facts:
    """Return facts with only what stages depend on."""
    gaps = array("i", sorted(after - before for before, after in pairwise(days)))
    return Facts(
        referrals=referrals, purchases=purchases, days=days, gaps=gaps, twice_median_gap=twice_median(gaps)
    )


def twice_median(gaps: array[int]) -> int:
    """Return twice the median of sorted gaps, in days; an integer."""
    half = len(gaps) // 2
    if not gaps:
        return 0
    return 2 * gaps[half] if len(gaps) % 2 else gaps[half - 1] + gaps[half]


def with_profile(facts: Facts, customer: Customer) -> Facts:
    """Return the facts with the customer's profile fields that rules use."""
    made = facts.copied()
    made.party = {Person: PERSON, Organization: ORGANIZATION}.get(type(customer.party), 0)
    made.reachable = bool(customer.emails or customer.phones or customer.addresses)
    made.prefers = customer.preferences != _NO_PREFERENCES
    return made


def with_purchase(
    before: Facts,
    day: int,
    currency: str,
    amount: int,
    *,
    purpose: int = 0,
    sales_path: int = 0,
    lines: Sequence[Line] = (),
) -> Facts:
    """Return the facts after one purchase of `amount` nanos."""
    after = before.copied()
    count_purchase(after, day, currency, amount, purpose=purpose, sales_path=sales_path, lines=lines)
    return after


def count_purchase(
    facts: Facts,
    day: int,
    currency: str,
    amount: int,
    *,
    purpose: int = 0,
    sales_path: int = 0,
    lines: Sequence[Line] = (),
) -> None:
    """Count one purchase in a copy that nobody else holds; what it shares with others is replaced."""
    facts.purchases += 1
    if purpose == OWN_USE:
        facts.own_use += 1
    elif purpose:
        facts.business += 1
    if sales_path == DIRECT:
        facts.direct += 1
    elif sales_path:
        facts.partner += 1
    facts.revenue = facts.revenue.plus(currency, day, amount, 1)
    if lines:
        facts.quantities = _with_quantities(facts.quantities, lines)
    place = bisect_left(facts.days, day)
    if place == len(facts.days) or facts.days[place] != day:
        _add_day(facts, day, place)


def with_refund(before: Facts, paid_day: int, currency: str, amount: int) -> Facts:
    """Return the facts after a refund of `amount` nanos, taken off the day of its purchase."""
    after = before.copied()
    after.revenue = before.revenue.plus(currency, paid_day, -amount, 0)
    return after


def _add_day(facts: Facts, day: int, place: int) -> None:
    """Insert a new purchase day; the gap around it is split in two."""
    days, gaps = facts.days[:], facts.gaps[:]
    if 0 < place < len(days):
        del gaps[bisect_left(gaps, days[place] - days[place - 1])]
    if place > 0:
        insort(gaps, day - days[place - 1])
    if place < len(days):
        insort(gaps, days[place] - day)
    days.insert(place, day)
    facts.days, facts.gaps, facts.twice_median_gap = days, gaps, twice_median(gaps)
    _add_month(facts, month_of(day))


def _add_month(facts: Facts, month: int) -> None:
    months, counts = facts.months[:], facts.month_days[:]
    place = bisect_left(months, month)
    if place == len(months) or months[place] != month:
        months.insert(place, month)
        counts.insert(place, 0)
    counts[place] += 1
    facts.months, facts.month_days = months, counts


def _with_quantities(before: Mapping[str, Quantities], lines: Sequence[Line]) -> Mapping[str, Quantities]:
    """Count the quantities of each category; a line without a quantity counts as one unit."""
    bought: dict[str, Decimal] = {}
    for line in lines:
        if line.category:
            bought[line.category] = bought.get(line.category, Decimal()) + Decimal(line.quantity or "1")
    after = dict(before)
    for category, quantity in bought.items():
        text = written(quantity)
        known = after.get(category, {})
        after[category] = {**known, text: known.get(text, 0) + 1}
    return after


def written(quantity: Decimal) -> str:
    """Return a quantity in canonical form: no exponent, no trailing zeros."""
    text = f"{quantity:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def median_quantity(quantities: Quantities) -> Decimal:
    """Return the median of a multiset of quantities."""
    counted = sorted((Decimal(text), count) for text, count in quantities.items())
    total = sum(count for _, count in counted)
    return (_nth(counted, (total - 1) // 2) + _nth(counted, total // 2)) / 2


def _nth(counted: Sequence[tuple[Decimal, int]], place: int) -> Decimal:
    for quantity, count in counted:
        if place < count:
            return quantity
        place -= count
    raise IndexError(place)


def added_up(facts: Facts, ledger: list[Purchase], until_us: int | None = None) -> Facts:
    """Fold a ledger into facts: purchases, then refunds; with `until_us` only up to that time."""
    paid = {}
    for entry in ledger:
        if entry.refund_of is None and (until_us is None or entry.purchase_us <= until_us):
            day = paid[entry.name] = day_of(entry.purchase_us)
            currency, amount = entry.amount.currency, entry.amount.nanos
            facts = with_purchase(
                facts,
                day,
                currency,
                amount,
                purpose=entry.purpose,
                sales_path=entry.sales_path,
                lines=entry.lines,
            )
    for entry in ledger:
        if entry.refund_of in paid and (until_us is None or entry.purchase_us <= until_us):
            facts = with_refund(facts, paid[entry.refund_of], entry.amount.currency, entry.amount.nanos)
    return facts

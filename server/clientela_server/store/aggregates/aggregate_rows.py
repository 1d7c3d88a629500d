"""The row format of customer aggregates: columns that filters use, and packed arrays.

Arrays are little-endian int32 (days, gaps, months, days by month); for revenue see `domain/revenue`.
Read next: `customer_aggregates`, `domain/standing/facts`.
"""

import json
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clientela_server.domain.revenue import Revenue
from clientela_server.domain.standing.facts import Facts, Quantities
from clientela_server.domain.totals import Totals
from clientela_server.store.aggregates.totals import text_of, totals_of_text
from clientela_server.store.database.connection import Row
from clientela_server.store.database.schema import facts as table

# In the order of the table.
COLUMNS = tuple(table.columns)
_TOTALS = COLUMNS.index(table.c.totals)


@dataclass(slots=True)
class CustomerAggregates:
    """A customer's facts, totals, stage and kinds within a transaction.

    stored: whether a row exists. moved: whether its `due_day`, an indexed column, has changed.
    """

    facts: Facts
    totals: Mapping[str, Totals] = field(default_factory=dict)
    stage: int = 1
    kinds: int = 0
    due_day: int | None = None
    delete_us: int | None = None
    stored: bool = True
    moved: bool = False

    def with_(self, **following: Any) -> "CustomerAggregates":
        """Return a copy with some fields replaced."""
        return replace(self, **following, moved=self.moved or "due_day" in following)


def aggregates_of_row(row: Row) -> CustomerAggregates:
    """Parse a row without its customer id."""
    delete_us, stage, kinds, due_day, *counts = row[:13]
    twice_median_gap, totals, lists, revenue, quantities = row[16:]
    days, gaps, months, month_days = _lists(lists, row[13])
    party, reachable, prefers, referrals, purchases, own_use, business, direct, partner = counts
    facts = Facts(
        party,
        bool(reachable),
        bool(prefers),
        referrals,
        purchases,
        own_use,
        business,
        direct,
        partner,
        days,
        gaps,
        months,
        month_days,
        Revenue(revenue),
        json.loads(quantities) if quantities else {},
        twice_median_gap,
    )
    return CustomerAggregates(facts, totals_of_text(totals), stage, kinds, due_day, delete_us)


def totals_of_row(row: Row) -> Mapping[str, Totals]:
    """Parse the totals of a row that begins with the customer id."""
    return totals_of_text(row[_TOTALS])


def row_of(customer_id: str, aggregates: CustomerAggregates) -> dict[str, Any]:
    """Make the whole row."""
    return {
        "customer_id": customer_id,
        "due_day": aggregates.due_day,
        **others_of(aggregates),
    }


def others_of(aggregates: CustomerAggregates) -> dict[str, Any]:
    """Build the unindexed columns: an update of these alone is cheaper."""
    values = values_of(aggregates.facts, aggregates.totals)
    values["delete_us"] = aggregates.delete_us
    values["stage"] = aggregates.stage
    values["kinds"] = aggregates.kinds
    return values


def values_of(facts: Facts, totals: Mapping[str, Totals]) -> dict[str, Any]:
    """Build the columns of facts and totals."""
    days = facts.days
    return {
        "party": facts.party,
        "reachable": int(facts.reachable),
        "prefers": int(facts.prefers),
        "referrals": facts.referrals,
        "purchases": facts.purchases,
        "own_use": facts.own_use,
        "business": facts.business,
        "direct": facts.direct,
        "partner": facts.partner,
        "purchase_days": len(days),
        "first_day": days[0] if days else None,
        "last_day": days[-1] if days else None,
        "twice_median_gap": facts.twice_median_gap,
        "totals": text_of(totals),
        "days": packed(days + facts.gaps + facts.months + facts.month_days),
        "revenue": facts.revenue.packed,
        "quantities": _quantities(facts.quantities),
    }


def _quantities(quantities: Mapping[str, Quantities]) -> str:
    """Serialize the multisets canonically."""
    return json.dumps(quantities, sort_keys=True, separators=(",", ":")) if quantities else ""


def unpacked(packed: bytes) -> "array[int]":
    """Read a list of numbers."""
    numbers = array("i", packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def packed(numbers: "array[int]") -> bytes:
    """Write a list of numbers."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _lists(packed: bytes, days: int) -> "tuple[array[int], array[int], array[int], array[int]]":
    """Split into n days, n-1 gaps between them, m months and m counts of days by month."""
    numbers = unpacked(packed)
    months = 2 * days - 1 if days else 0
    counts = (months + len(numbers)) // 2
    return numbers[:days], numbers[days:months], numbers[months:counts], numbers[counts:]

"""Facts as they are kept: a row of numbers that filters may ask for, and packed lists.

All are little-endian: 4 bytes for a day, a gap or a month; for revenue see `domain/revenue`.
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
    """The facts and totals of a customer as they are in a transaction, and what followed from them.

    `stored` tells whether there is a row of them, `moved` whether its day to look again has changed.
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
        """Give the same with something else in it."""
        return replace(self, **following, moved=self.moved or "due_day" in following)


def aggregates_of_row(row: Row) -> CustomerAggregates:
    """Read the columns behind the customer's id."""
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
    """Read the totals of a whole row, with the customer's id before it."""
    return totals_of_text(row[_TOTALS])


def row_of(customer_id: str, aggregates: CustomerAggregates) -> dict[str, Any]:
    """Make the whole row."""
    return {
        "customer_id": customer_id,
        "due_day": aggregates.due_day,
        **others_of(aggregates),
    }


def others_of(aggregates: CustomerAggregates) -> dict[str, Any]:
    """Make the columns that are in no index: to write only these costs less."""
    values = values_of(aggregates.facts, aggregates.totals)
    values["delete_us"] = aggregates.delete_us
    values["stage"] = aggregates.stage
    values["kinds"] = aggregates.kinds
    return values


def values_of(facts: Facts, totals: Mapping[str, Totals]) -> dict[str, Any]:
    """Make the columns that facts and totals fill."""
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
    """Write all multisets in one way, whatever came first."""
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
    """Take the four lists apart: days, the gaps between them, months, and the days in each."""
    numbers = unpacked(packed)
    months = 2 * days - 1 if days else 0
    counts = (months + len(numbers)) // 2
    return numbers[:days], numbers[days:months], numbers[months:counts], numbers[counts:]

"""STRATEGIC and MASS: the kinds that depend on what other clients buy.

No client is compared with all others when somebody asks: where the lines run is found now and then for all
at once, and each is compared with the lines. What they are, and as of when, is told with the finding.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from clientela_server.domain.facts import Facts, median_quantity
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class RevenueLine:
    """One currency: who of all clients is the last in the set, with what revenue in nanos.

    `falling` are the revenues of all who bought, the highest first, in whole units and negative, for ranks.
    """

    amount: int
    customer_id: str
    members: int
    total: int
    falling: array[int] = field(default_factory=lambda: array("q"))

    def holds(self, customer_id: str, revenue: int) -> bool:
        """Tell whether a client with such a revenue is in the set; equals are taken in the order of ids."""
        return revenue > 0 and (-revenue, customer_id) <= (-self.amount, self.customer_id)

    def rank(self, revenue: int) -> int:
        """Tell which place such a revenue has; equal ones share the last of theirs."""
        return max(bisect_right(self.falling, -(revenue // NANOS_PER_UNIT)), 1)


@dataclass(frozen=True, slots=True)
class QuantityLine:
    """One category: the least median quantity that is in the top; None where so few have it that none is."""

    least: Decimal | None
    clients: int


@dataclass(frozen=True, slots=True)
class Market:
    """All lines, as of one time; `day` is None while they are yet to be found."""

    day: int | None = None
    time_us: int = 0
    revenue: Mapping[str, RevenueLine] = field(default_factory=dict)
    quantities: Mapping[str, QuantityLine] = field(default_factory=dict)


def revenue_line(ranked: Sequence[tuple[str, int]], policy: Policy) -> RevenueLine:
    """Find the line of one currency: `ranked` are ids and revenues above zero, highest first, then by id."""
    total, reached = sum(amount for _, amount in ranked), 0
    members, last = 0, ("", 0)
    for last in ranked:
        members, reached = members + 1, reached + last[1]
        if reached * 100 >= policy.strategic_percent * total:
            break
    falling = array("q", (-(amount // NANOS_PER_UNIT) for _, amount in ranked))
    return RevenueLine(last[1], last[0], members, total, falling)


def top_places(clients: int, policy: Policy) -> int:
    """Tell how many clients may be the top of a category; who shares a place with one beyond is not."""
    return policy.mass_percent * clients // 100


def strategic_currency(facts: Facts, policy: Policy, market: Market, day: int, customer_id: str) -> str:
    """Tell the currency in which a client is strategic, or else is nearest to it; else none."""
    nearest, found = -1.0, ""
    for currency in facts.revenue.currencies():
        revenue = window_revenue(facts, policy, currency, day)
        line = market.revenue.get(currency)
        if line is not None and line.holds(customer_id, revenue):
            return currency
        near = revenue / line.amount if line is not None and line.amount else 0.0
        if near > nearest:
            nearest, found = near, currency
    return found


def window_revenue(facts: Facts, policy: Policy, currency: str, day: int) -> int:
    """Sum up the revenue in the days that count, in nanos."""
    return facts.revenue.within(currency, day - policy.strategic_days + 1, day + 1)


def is_strategic(facts: Facts, policy: Policy, market: Market, day: int, customer_id: str) -> bool:
    """Belongs to the smallest set of clients that makes the share of revenue, in any currency."""
    for currency in facts.revenue.currencies():
        line = market.revenue.get(currency)
        if line is not None and line.holds(customer_id, window_revenue(facts, policy, currency, day)):
            return True
    return False


def is_mass(facts: Facts, market: Market) -> bool:
    """Buys more of some category at a time than almost all who buy it."""
    for category, bought in facts.quantities.items():
        line = market.quantities.get(category)
        if line is not None and line.least is not None and median_quantity(bought) >= line.least:
            return True
    return False

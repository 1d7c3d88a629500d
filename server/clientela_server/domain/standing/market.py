"""STRATEGIC and MASS: the kinds that depend on other clients' purchases.

A client is compared with ranking thresholds, which are computed periodically for all clients at once. A
finding states the thresholds and their time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from operator import neg

from clientela_server.domain.standing.facts import Facts, median_quantity
from clientela_server.domain.standing.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueThreshold:
    """A currency's threshold: the last client in the STRATEGIC set, and its revenue in nanos.

    amounts: each client's revenue in nanos, in descending order; sums: what the first ones have together.
    """

    amount: int
    customer_id: str
    members: int
    percent: int
    amounts: Sequence[int]
    sums: Sequence[int]

    @property
    def total(self) -> int:
        """All revenue."""
        return self.sums[-1]

    def includes(self, customer_id: str, revenue: int) -> bool:
        """Return whether a client with this revenue is in the set; ties are broken by id."""
        return revenue > 0 and (-revenue, customer_id) <= (-self.amount, self.customer_id)

    def rank(self, customer_id: str, revenue: int) -> int:
        """Return the rank of a revenue, from 1; ties share the best rank on their side of the threshold."""
        place = self._above(revenue) + 1
        return (
            min(place, self.members) if self.includes(customer_id, revenue) else max(place, self.members + 1)
        )

    def remains_member(self, before: int, after: int) -> bool:
        """Return whether a member stays in the set if its revenue changes, the others' unchanged."""
        above = self._above(after)
        ahead = self._sum(above) - (before if before > after else 0)
        return after > 0 and 100 * ahead < self.percent * (self.total - before + after)

    def entry_revenue(self, before: int) -> int:
        """Return the least revenue that puts a client into the set, the others' unchanged.

        The more it has, the fewer are ahead of it and the greater is the whole: behind as many as may be, so
        much that they make less than the share without it.
        """
        others = self.total - before

        def needed(ahead: int) -> int:
            return 100 * self._sum(ahead) // self.percent - others + 1

        ahead = range(1, self._above(before) + 1)
        most = bisect_left(ahead, True, key=lambda each: needed(each) > self.amounts[each - 1])
        behind = self.amounts[most] if most < len(ahead) else before
        return max(needed(most), behind + 1)

    def _above(self, revenue: int) -> int:
        """Count the clients with more revenue."""
        return bisect_left(self.amounts, -revenue, key=neg)

    def _sum(self, clients: int) -> int:
        return self.sums[clients - 1] if clients else 0


@dataclass(frozen=True, slots=True)
class QuantityThreshold:
    """A category's threshold, over the median quantities of its buyers.

    `least` is the lowest in the top, None where nobody is; `last` the one at the last of the places, None
    where there are no places; `beyond` the highest for which there is no place, None where there is for all.
    """

    clients: int
    least: Decimal | None = None
    last: Decimal | None = None
    beyond: Decimal | None = None

    def includes(self, median: Decimal) -> bool:
        """Return whether a median is in the top; as exact as medians are kept, in a double."""
        return self.least is not None and float(median) >= float(self.least)

    @property
    def entry_quantity(self) -> Decimal | None:
        """The whole median quantity that reaches the top; None if there are no places."""
        return None if self.last is None else self.last // 1 + 1


@dataclass(frozen=True, slots=True)
class RankingThresholds:
    """All thresholds as of one time; `day` is None until they are first computed."""

    day: int | None = None
    time_us: int = 0
    revenue: Mapping[str, RevenueThreshold] = field(default_factory=dict)
    quantities: Mapping[str, QuantityThreshold] = field(default_factory=dict)
    # The category in which the least quantity is enough for the top.
    easiest: str | None = None


def easiest_category(quantities: Mapping[str, QuantityThreshold]) -> str | None:
    """Return the category with the lowest entry quantity, or None."""
    found = [
        (line.entry_quantity, category)
        for category, line in quantities.items()
        if line.entry_quantity is not None
    ]
    return min(found)[1] if found else None


def revenue_threshold(ids: Sequence[str], amounts: Sequence[int], policy: Policy) -> RevenueThreshold:
    """Compute a currency's threshold, from clients by revenue descending, then id."""
    sums: Sequence[int] = list(accumulate(amounts))
    enough = -(-policy.strategic_percent * sums[-1] // 100)
    members = bisect_left(sums, enough) + 1
    if sums[-1] < 2**63:  # of millions of clients a fifth of the memory
        amounts, sums = array("q", amounts), array("q", sums)
    last = members - 1
    return RevenueThreshold(
        amount=amounts[last],
        customer_id=ids[last],
        members=members,
        percent=policy.strategic_percent,
        amounts=amounts,
        sums=sums,
    )


def top_places(clients: int, policy: Policy) -> int:
    """Return the number of places in a category's top; ties across the last place are excluded."""
    return policy.mass_percent * clients // 100


def strategic_currency(
    facts: Facts, policy: Policy, thresholds: RankingThresholds, day: int, customer_id: str
) -> tuple[str, int]:
    """Return the currency in which a client is strategic or nearest to it, or "", and the revenue in it."""
    nearest, found = -1.0, ("", 0)
    for currency in facts.revenue.currencies():
        revenue = window_revenue(facts, policy, currency, day)
        line = thresholds.revenue.get(currency)
        if line is not None and line.includes(customer_id, revenue):
            return currency, revenue
        near = revenue / line.amount if line is not None and line.amount else 0.0
        if near > nearest:
            nearest, found = near, (currency, revenue)
    return found


def window_revenue(facts: Facts, policy: Policy, currency: str, day: int) -> int:
    """Return the revenue in the policy's window, in nanos."""
    return facts.revenue.within(currency, day - policy.strategic_days + 1, day + 1)


def is_strategic(
    facts: Facts, policy: Policy, thresholds: RankingThresholds, day: int, customer_id: str
) -> bool:
    """Return whether the client is in any currency's smallest set with the policy's share of revenue."""
    for currency in facts.revenue.currencies():
        line = thresholds.revenue.get(currency)
        if line is not None and line.includes(customer_id, window_revenue(facts, policy, currency, day)):
            return True
    return False


def is_mass(facts: Facts, thresholds: RankingThresholds) -> bool:
    """Return whether the client's median quantity is in the top of any category."""
    for category, bought in facts.quantities.items():
        line = thresholds.quantities.get(category)
        if line is not None and line.includes(median_quantity(bought)):
            return True
    return False

"""Findings of STRATEGIC and MASS: why they hold, and what would flip them, other clients unchanged."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

from clientela_server.domain.money import Money, coin_nanos
from clientela_server.domain.standing import market as rules
from clientela_server.domain.standing.facts import Facts, Quantities, median_quantity, written
from clientela_server.domain.standing.findings import NEVER, Finding, Flip, Measure, fixed_point, number
from clientela_server.domain.standing.market import QuantityThreshold, RankingThresholds
from clientela_server.domain.standing.policy import Policy


def strategic_finding(
    facts: Facts, policy: Policy, thresholds: RankingThresholds, day: int, customer_id: str
) -> Finding:
    """Build the STRATEGIC finding, in the currency nearest to the threshold."""
    currency, revenue = rules.strategic_currency(facts, policy, thresholds, day, customer_id)
    line = thresholds.revenue.get(currency)
    if line is None:
        says = "market.unknown" if thresholds.day is None else "strategic.nothing"
        measures = (Measure("revenue", _units(revenue), None, currency),) if currency else ()
        flip, told = _first_ever(thresholds, currency, day), {"days": str(policy.strategic_days)}
        return Finding(
            "STRATEGIC", False, rule_id=_STRATEGIC, measures=measures, flip=flip, says=says, facts=told
        )
    holds = line.includes(customer_id, revenue)
    measured = [
        Measure("revenue", _units(revenue), _units(line.amount), currency),
        number("rank", line.rank(customer_id, revenue), line.members, "clients"),
    ]
    flip = _falling(facts, policy, thresholds, day) if holds else _rising(revenue, currency, line, day)
    told = {
        "revenue": _exact(currency, revenue),
        "total": _exact(currency, line.total),
        "line": _exact(currency, line.amount),
        "members": str(line.members),
        "days": str(policy.strategic_days),
        "percent": str(policy.strategic_percent),
    }
    return Finding(
        "STRATEGIC",
        holds,
        rule_id=_STRATEGIC,
        measures=tuple(measured[: None if revenue else 1]),
        flip=flip,
        says="strategic.yes" if holds else "strategic.no",
        facts=told,
    )


_STRATEGIC = "kind.strategic.revenue"


# Two of a finding's three amounts are those of all clients.
@lru_cache(maxsize=1024)
def _exact(currency: str, nanos: int) -> str:
    return Money(currency, nanos).exact


def _units(nanos: int) -> str:
    return fixed_point(nanos, 9)


def _first_ever(thresholds: RankingThresholds, currency: str, day: int) -> Flip:
    """Return the flip to STRATEGIC of a client without revenue; where nobody has any, one coin is enough."""
    if thresholds.day is None:
        return NEVER
    currency = currency or min(thresholds.revenue, default="EUR")
    line = thresholds.revenue.get(currency)
    if line is not None:
        return _rising(0, currency, line, day)
    return Flip("spend", purchases=1, day=day, amount=coin_nanos(currency), currency=currency)


def _rising(revenue: int, currency: str, line: rules.RevenueThreshold, day: int) -> Flip:
    """Return the flip to STRATEGIC: the additional revenue that is needed, in whole coins."""
    coin = coin_nanos(currency)
    missing = -(-(line.entry_revenue(revenue) - revenue) // coin) * coin
    return Flip("spend", purchases=1, day=day, amount=missing, currency=currency)


def _falling(facts: Facts, policy: Policy, thresholds: RankingThresholds, day: int) -> Flip:
    """Return the flip from STRATEGIC: wait until the window's revenue is below every currency's threshold."""

    lines = {
        currency: thresholds.revenue[currency]
        for currency in facts.revenue.currencies()
        if currency in thresholds.revenue
    }

    def revenues(on: int) -> list[int]:
        return [rules.window_revenue(facts, policy, currency, on) for currency in lines]

    now = revenues(day)

    def is_below(end: int) -> bool:
        changes = zip(lines.values(), now, revenues(end), strict=True)
        return not any(line.remains_member(before, after) for line, before, after in changes)

    ends = sorted({bought + policy.strategic_days for bought in facts.revenue.days()})
    # What has left the window doesn't come back: from one end on, all are below.
    coming = ends[bisect_right(ends, day) :]
    place = bisect_left(coming, True, key=is_below)
    return Flip("keep_revenue", until=coming[place]) if place < len(coming) else NEVER


def mass_finding(facts: Facts, thresholds: RankingThresholds, day: int) -> Finding:
    """Build the MASS finding, in the category nearest to the top."""
    medians = {
        category: median_quantity(bought)
        for category, bought in facts.quantities.items()
        if category in thresholds.quantities
    }
    if not medians:
        says = "mass.nothing" if thresholds.day is not None else "market.unknown"
        return Finding(
            "MASS",
            False,
            rule_id=_MASS,
            measures=(),
            flip=_larger(facts, thresholds, thresholds.easiest, day),
            says=says,
        )
    category = min(medians, key=lambda each: (_distance(medians[each], thresholds.quantities[each]), each))
    line, median = thresholds.quantities[category], medians[category]
    holds = line.includes(median)
    flip = (
        _smaller(facts, thresholds, day)
        if holds
        else _larger(facts, thresholds, category if line.last is not None else thresholds.easiest, day)
    )
    return Finding(
        "MASS",
        holds,
        rule_id=_MASS,
        measures=(Measure("median_quantity", written(median), _text(line.least), category),),
        flip=flip,
        says="mass.yes" if holds else "mass.few" if line.least is None else "mass.no",
        facts={"category": category, "clients": str(line.clients)},
    )


_MASS = "kind.mass.quantity"


def _text(quantity: Decimal | None) -> str | None:
    return None if quantity is None else written(quantity)


def _distance(median: Decimal, line: QuantityThreshold) -> Decimal:
    """Return the factor by which a median misses the top; infinite if it can't be reached."""
    least = line.least if line.least is not None else line.entry_quantity
    if least is None:
        return Decimal("Infinity")
    return least / median if median else Decimal(10**30)


def _larger(facts: Facts, thresholds: RankingThresholds, category: str | None, day: int) -> Flip:
    """Return the flip to MASS: how many purchases above the last place move the median above it."""
    line = thresholds.quantities[category] if category is not None else None
    if category is None or line is None or line.last is None or line.entry_quantity is None:
        return NEVER
    quantity, last = written(line.entry_quantity), float(line.last)
    more = _until(facts.quantities.get(category, {}), quantity, lambda median: float(median) > last)
    return Flip("buy_quantity", purchases=more, day=day, category=category, quantity=quantity)


def _smaller(facts: Facts, thresholds: RankingThresholds, day: int) -> Flip:
    """Return the flip from MASS: how many purchases below the top move one category's median below it."""
    holding = [
        category
        for category, bought in facts.quantities.items()
        if (line := thresholds.quantities.get(category)) is not None
        and line.includes(median_quantity(bought))
    ]
    beyond = thresholds.quantities[holding[0]].beyond
    if len(holding) > 1 or beyond is None:
        return NEVER
    quantity, most = written(beyond.quantize(_FINEST, ROUND_DOWN)), float(beyond)
    more = _until(facts.quantities[holding[0]], quantity, lambda median: float(median) <= most)
    return Flip("buy_less", purchases=more, day=day, category=holding[0], quantity=quantity)


# The last digit that a quantity may have.
_FINEST = Decimal("1e-9")


def _until(bought: Quantities, quantity: str, reached: Callable[[Decimal], bool]) -> int:
    """Return the smallest count of purchases that moves the median past the threshold, by bisection.

    One more than all purchases so far always does.
    """
    few, enough = 0, sum(bought.values()) + 1
    while enough - few > 1:
        half = (few + enough) // 2
        more = {**bought, quantity: bought.get(quantity, 0) + half}
        few, enough = (few, half) if reached(median_quantity(more)) else (half, enough)
    return enough

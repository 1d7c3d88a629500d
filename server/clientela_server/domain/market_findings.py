"""Why STRATEGIC and MASS hold or not, and what would turn them, as long as the others stay as they are."""

from collections.abc import Callable
from decimal import Decimal

from clientela_server.domain import market as rules
from clientela_server.domain.facts import Facts, Quantities, median_quantity, written
from clientela_server.domain.findings import NEVER, Finding, Flip, Measure, number
from clientela_server.domain.market import Market
from clientela_server.domain.money import NANOS_PER_UNIT, Money, coin_nanos
from clientela_server.domain.policy import Policy


def strategic_finding(facts: Facts, policy: Policy, market: Market, day: int, customer_id: str) -> Finding:
    """Make the finding of revenue, in the currency in which the client is nearest to the line."""
    currency = rules.strategic_currency(facts, policy, market, day, customer_id)
    line = market.revenue.get(currency)
    if line is None:
        says = "market.unknown" if market.day is None or currency else "strategic.nothing"
        measures = _unmeasured(facts, policy, currency, day)
        return Finding("STRATEGIC", False, _STRATEGIC, measures, _first_ever(facts, market, day), says)
    revenue = rules.window_revenue(facts, policy, currency, day)
    holds = line.holds(customer_id, revenue)
    measured = [
        Measure("revenue", _units(revenue), _units(line.amount), currency),
        number("rank", line.rank(revenue), line.members, "clients"),
    ]
    flip = (
        _falling(facts, policy, market, day, customer_id) if holds else _rising(revenue, currency, line, day)
    )
    told = {
        "revenue": str(Money(currency, revenue)),
        "total": str(Money(currency, line.total)),
        "members": str(line.members),
    }
    return Finding(
        "STRATEGIC",
        holds,
        _STRATEGIC,
        tuple(measured[: None if revenue else 1]),
        flip,
        "strategic.yes" if holds else "strategic.no",
        told,
    )


_STRATEGIC = "kind.strategic.revenue"


def _unmeasured(facts: Facts, policy: Policy, currency: str, day: int) -> tuple[Measure, ...]:
    """Tell the revenue, where no line is known to compare it with."""
    if not currency:
        return ()
    return (Measure("revenue", _units(rules.window_revenue(facts, policy, currency, day)), None, currency),)


def _units(nanos: int) -> str:
    return written(Decimal(nanos) / NANOS_PER_UNIT)


def _first_ever(facts: Facts, market: Market, day: int) -> Flip:
    """Where nobody's purchases count, the first one that does makes its buyer the whole set."""
    if market.day is None:
        return NEVER
    currency = min([*market.revenue, *facts.revenue.currencies()], default="EUR")
    line = market.revenue.get(currency)
    if line is None:
        return NEVER
    return _rising(0, currency, line, day)


def _rising(revenue: int, currency: str, line: rules.RevenueLine, day: int) -> Flip:
    """So much more revenue that it is over the line, in whole coins."""
    coin = coin_nanos(currency)
    missing = -(-(line.amount - revenue + 1) // coin) * coin
    return Flip("spend", purchases=1, day=day, amount=missing, currency=currency)


def _falling(facts: Facts, policy: Policy, market: Market, day: int, customer_id: str) -> Flip:
    """Wait until so much revenue is too old to count that none of the currencies is over its line."""
    ends = {bought + policy.strategic_days for bought in facts.revenue.days()}
    for end in sorted(each for each in ends if each > day):
        if not rules.is_strategic(facts, policy, market, end, customer_id):
            return Flip("keep_revenue", until=end)
    return NEVER


def mass_finding(facts: Facts, market: Market, day: int) -> Finding:
    """Make the finding of quantities, in the category in which the client is nearest to the top."""
    near = sorted(
        (_distance(median_quantity(bought), market.quantities[category].least), category)
        for category, bought in facts.quantities.items()
        if category in market.quantities
    )
    if not near:
        return Finding(
            "MASS", False, _MASS, (), NEVER, "mass.nothing" if market.day is not None else "market.unknown"
        )
    category = near[0][1]
    bought, line = facts.quantities[category], market.quantities[category]
    median = median_quantity(bought)
    if line.least is None:
        return Finding(
            "MASS",
            False,
            _MASS,
            (Measure("median_quantity", written(median), None, category),),
            NEVER,
            "mass.few",
            {"category": category, "clients": str(line.clients)},
        )
    holds = median >= line.least
    return Finding(
        "MASS",
        holds,
        _MASS,
        (Measure("median_quantity", written(median), written(line.least), category),),
        _smaller(facts, market, day) if holds else _larger(bought, line.least, category, day),
        "mass.yes" if holds else "mass.no",
        {"category": category, "clients": str(line.clients)},
    )


_MASS = "kind.mass.quantity"


def _distance(median: Decimal, least: Decimal | None) -> Decimal:
    """Tell by which factor a median misses the line; one that can't be reached is farther than any."""
    if least is None:
        return Decimal("Infinity")
    return least / median if median else Decimal(10**30)


def _larger(bought: Quantities, least: Decimal, category: str, day: int) -> Flip:
    """So many purchases of the least quantity that the median reaches it."""
    return Flip(
        "buy_quantity",
        purchases=_until(bought, written(least), lambda median: median >= least),
        day=day,
        category=category,
        quantity=written(least),
    )


def _smaller(facts: Facts, market: Market, day: int) -> Flip:
    """So many purchases of half of what is least that the median falls below; where one category holds."""
    holding = [
        category
        for category, bought in facts.quantities.items()
        if (line := market.quantities.get(category)) is not None
        and line.least is not None
        and median_quantity(bought) >= line.least
    ]
    least = market.quantities[holding[0]].least
    if len(holding) > 1 or least is None or least <= 0:
        return NEVER
    quantity = written(least / 2)
    more = _until(facts.quantities[holding[0]], quantity, lambda median: median < least)
    return Flip("buy_less", purchases=more, day=day, category=holding[0], quantity=quantity)


def _until(bought: Quantities, quantity: str, reached: Callable[[Decimal], bool]) -> int:
    """Tell how many purchases of a quantity it takes; of one more than there are the median is sure."""
    few, enough = 0, sum(bought.values()) + 1
    while enough - few > 1:
        half = (few + enough) // 2
        more = {**bought, quantity: bought.get(quantity, 0) + half}
        few, enough = (few, half) if reached(median_quantity(more)) else (half, enough)
    return enough

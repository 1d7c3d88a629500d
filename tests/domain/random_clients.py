"""Random clients of `naive`; their facts and market as the server has them; how a flip is followed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from clientela_server.domain.days import first_day_of
from clientela_server.domain.purchases import Line
from clientela_server.domain.standing.facts import Facts, with_purchase, with_refund
from clientela_server.domain.standing.findings import Flip
from clientela_server.domain.standing.market import (
    QuantityThreshold,
    RankingThresholds,
    easiest_category,
    revenue_threshold,
    top_places,
)
from clientela_server.domain.standing.policy import NAMES, Policy, bounds
from tests.domain.naive import EPOCH, Bought, Client, Others, medians, revenue_of

COIN = 10_000_000
PARTIES = ["", "person", "organization"]
PURPOSES = ["", "OWN_USE", "RESALE", "BUSINESS_USE"]
PATHS = ["", "DIRECT", "THROUGH_PARTNER"]
CATEGORIES = ["tea", "cups"]


# ---- as the server has them


def day_of(on: date) -> int:
    return (on - EPOCH).days


def date_of(day: int) -> date:
    return EPOCH + timedelta(day)


def facts_of(client: Client) -> Facts:
    """Run the facts along the ledger in the order in which it came, all refunds behind all purchases."""
    facts = Facts(PARTIES.index(client.party), client.reachable, client.prefers, client.referrals)
    for each in client.ledger:
        lines = [Line(None, None, *pair, None) for pair in each.quantities]
        purpose, path = PURPOSES.index(each.purpose), PATHS.index(each.path)
        facts = with_purchase(
            facts,
            day_of(each.on),
            each.currency,
            each.cents * COIN,
            purpose=purpose,
            sales_path=path,
            lines=lines,
        )
    for each in client.ledger:
        if each.refunded:
            facts = with_refund(facts, day_of(each.on), each.currency, each.refunded * COIN)
    return facts


def market_of(client: Client, policy: Policy, others: Others, today: date) -> RankingThresholds:
    """Find the lines among a client and all others."""
    revenue, quantities = {}, {}
    for currency in {*others.revenue, *(each.currency for each in client.ledger)}:
        own = revenue_of(client, policy, currency, today)
        cents = {**others.revenue.get(currency, {}), client.id: own}
        ranked = sorted(((who, paid * COIN) for who, paid in cents.items() if paid > 0), key=_by_amount)
        if ranked:
            revenue[currency] = revenue_threshold(*zip(*ranked, strict=True), policy)
    bought = medians(client)
    for category in {*others.medians, *bought}:
        everybody = [*others.medians.get(category, ()), *([bought[category]] if category in bought else [])]
        if everybody:
            quantities[category] = _quantity_line(sorted(everybody, reverse=True), policy)
    return RankingThresholds(day_of(today), 0, revenue, quantities, easiest_category(quantities))


def _by_amount(each: tuple[str, int]) -> tuple[int, str]:
    return -each[1], each[0]


def _quantity_line(falling: Sequence[Decimal], policy: Policy) -> QuantityThreshold:
    places = top_places(len(falling), policy)
    beyond = falling[places] if places < len(falling) else None
    least = min((each for each in falling if beyond is None or each > beyond), default=None)
    return QuantityThreshold(len(falling), least, falling[places - 1] if places else None, beyond)


# ---- random ones

_cents = st.one_of(st.integers(0, 40), st.integers(0, 100_000))
_quantities = st.sampled_from(["1", "2", "0.5", "10", "3.25", "0"])
_pairs = st.lists(st.tuples(st.sampled_from(CATEGORIES), _quantities), max_size=3).map(tuple)
todays = st.one_of(
    st.dates(date(2008, 1, 1), date(2040, 12, 31)),
    st.sampled_from(
        [date(2024, 2, 29), date(2028, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(2027, 3, 1)]
    ),
)


@st.composite
def _purchases(draw: st.DrawFn, today: date) -> Bought:
    """Anything, at any time; clocks differ, so perhaps tomorrow."""
    ago = draw(st.one_of(st.integers(-1, 40), st.integers(0, 400), st.integers(0, 2500)))
    cents = draw(_cents)
    return Bought(
        today - timedelta(ago),
        cents,
        draw(st.sampled_from(PURPOSES)),
        draw(st.sampled_from(PATHS)),
        draw(st.sampled_from(["EUR", "EUR", "EUR", "PLN"])),
        draw(_pairs),
        cents * draw(st.sampled_from([0, 0, 0, 5, 10])) // 10,
    )


@st.composite
def _rhythms(draw: st.DrawFn, today: date) -> list[Bought]:
    """Who buys at about the same gap for long: without these, few random clients would be loyal."""
    gap, count, since = draw(st.integers(1, 60)), draw(st.integers(2, 40)), draw(st.integers(0, 200))
    jitter = draw(st.integers(0, gap // 3))
    paid = Bought(today, draw(_cents), draw(st.sampled_from(PURPOSES)), draw(st.sampled_from(PATHS)))
    return [
        replace(paid, on=today - timedelta(since + place * gap + place * 7919 % (jitter + 1)))
        for place in range(count)
    ]


@st.composite
def _seasons(draw: st.DrawFn, today: date) -> list[Bought]:
    """Who buys in the same weeks of some years, also around New Year, and now and then at another time."""
    last = draw(st.sampled_from([today, date(today.year, 1, 20), date(today.year - 1, 12, 10)]))
    years, width = draw(st.integers(1, 6)), draw(st.sampled_from([20, 20, 40, 70]))
    at = [(year, draw(st.integers(0, width))) for year in range(years) for _ in range(3)]
    days = [last - timedelta(365 * year + into) for year, into in at]
    return [Bought(min(each, today)) for each in days] + draw(st.lists(_purchases(today), max_size=2))


@st.composite
def clients(draw: st.DrawFn, today: date) -> Client:
    """A client with any ledger, in any order."""
    ledger = draw(st.one_of(st.lists(_purchases(today), max_size=10), _rhythms(today), _seasons(today)))
    return Client(
        tuple(draw(st.permutations(ledger))),
        draw(st.sampled_from(PARTIES)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(0, 2)),
        draw(st.sampled_from(["a", "m", "z"])),
    )


def _thresholds(name: str) -> st.SearchStrategy[int]:
    """Mostly near the default, now and then anything that is allowed."""
    least, greatest = bounds(name)
    usual: int = getattr(Policy(), name)
    near = st.integers(max(least, usual // 3), min(greatest, 2 * usual + 2))
    return st.one_of(st.just(usual), near, near, st.integers(least, greatest))


@st.composite
def _changed(draw: st.DrawFn) -> Policy:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    return replace(Policy(), **{name: draw(_thresholds(name)) for name in names})


policies = st.one_of(st.just(Policy()), _changed(), _changed())
others = st.builds(
    Others,
    st.dictionaries(
        st.sampled_from(["EUR", "PLN"]),
        st.dictionaries(
            st.sampled_from(["b", "c", "d", "n", "o", "x"]), st.one_of(st.integers(1, 40), _cents)
        ),
        max_size=2,
    ),
    st.dictionaries(
        st.sampled_from(CATEGORIES),
        st.lists(_quantities.map(Decimal), max_size=25),
        max_size=2,
    ),
)


# ---- following a flip


def follow(flip: Flip, client: Client, today: date) -> tuple[Client, date]:
    """Do what a flip says; return the client after it, and the day on which to look again."""
    client = replace(
        client,
        party=client.party if flip.party is None else PARTIES[flip.party],
        reachable=client.reachable if flip.reachable is None else flip.reachable,
        prefers=client.prefers if flip.prefers is None else flip.prefers,
        referrals=client.referrals + flip.referrals,
    )
    days = _season_days(flip, client, today) if flip.months else _days(flip)
    bought = [
        Bought(
            day,
            flip.amount // COIN if flip.currency else 500,
            PURPOSES[flip.purpose],
            PATHS[flip.sales_path],
            flip.currency or "EUR",
            ((flip.category, flip.quantity),) if flip.category else (),
        )
        for day in days
    ]
    last = today if flip.months else max([today, *days])
    until = last if flip.until is None else max(last, date_of(flip.until))
    return replace(client, ledger=(*client.ledger, *bought)), until


def _days(flip: Flip) -> list[date]:
    """New days one after the other; or where it is about purchases, and not about days, always the same."""
    same = flip.purpose or flip.sales_path or flip.category or flip.currency
    return [date_of(flip.day + (0 if same else place)) for place in range(flip.purchases)]


def _season_days(flip: Flip, client: Client, today: date) -> list[date]:
    """The next days that are free in the coming years' windows, each purchase in another of 300 years."""
    taken = {each.on for each in client.ledger}
    days: list[date] = []
    for place in range(flip.purchases):
        month = (today.year + 2 + place % 300) * 12 + flip.months[0]
        day = date_of(first_day_of(month))
        while day in taken:
            day += timedelta(1)
        taken.add(day)
        days.append(day)
    return days


def fewer(flip: Flip) -> list[Flip]:
    """What is a little less than a flip, and so must not turn the label."""
    less = []
    if flip.until is not None and not flip.purchases:
        less.append(replace(flip, until=flip.until - 1))
    if flip.purchases > 1:
        less.append(replace(flip, purchases=flip.purchases - 1))
    if flip.referrals:
        less.append(replace(flip, referrals=flip.referrals - 1))
    less += [
        replace(flip, amount=flip.amount - coins * COIN) for coins in (1, 2) if flip.amount > coins * COIN
    ]
    return less

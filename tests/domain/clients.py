"""Random clients: their ledgers, the facts of these, and how a flip is followed."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from clientela_server.domain.facts import (
    OWN_USE,
    Facts,
    date_of,
    first_day_of,
    month_of,
    with_purchase,
    with_refund,
)
from clientela_server.domain.findings import Flip
from clientela_server.domain.policy import Policy
from clientela_server.domain.purchases import Line

TODAY = 20_000  # 2024-10-04
COIN = 10_000_000
POLICY = Policy()


@dataclass(frozen=True)
class Bought:
    """One purchase: how many days ago, of how many cents, how, and of which quantities."""

    ago: int
    cents: int = 1000
    purpose: int = 0
    sales_path: int = 0
    currency: str = "EUR"
    quantities: tuple[tuple[str, str], ...] = ()
    refunded: int = 0


def line(category: str | None, quantity: str | None) -> Line:
    return Line(None, None, category, quantity, None)


def facts_of(ledger: list[Bought], today: int = TODAY, **profile: object) -> Facts:
    """Run the facts along, purchase by purchase, each followed by its refund."""
    facts = replace(Facts(), **profile)
    for each in ledger:
        day, lines = today - each.ago, [line(*pair) for pair in each.quantities]
        facts = with_purchase(
            facts, day, each.currency, each.cents * COIN, each.purpose, each.sales_path, lines
        )
        if each.refunded:
            facts = with_refund(facts, day, each.currency, each.refunded * COIN)
    return facts


agos = st.one_of(st.integers(0, 40), st.integers(0, 400), st.integers(0, 2000))
quantities = st.sampled_from(["1", "2", "0.5", "10", "3.25"])
pairs = st.lists(st.tuples(st.sampled_from(["tea", "cups"]), quantities), max_size=3).map(tuple)
purchases = st.builds(
    lambda bought, part: replace(bought, refunded=bought.cents * part // 10),
    st.builds(
        Bought,
        agos,
        st.integers(0, 100_000),
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from(["EUR", "EUR", "EUR", "PLN"]),
        pairs,
    ),
    st.sampled_from([0, 0, 0, 5, 10]),
)
profiles = st.fixed_dictionaries(
    {
        "party": st.integers(0, 2),
        "reachable": st.booleans(),
        "prefers": st.booleans(),
        "referrals": st.integers(0, 2),
    }
)


@st.composite
def rhythms(draw: st.DrawFn) -> list[Bought]:
    """Who buys at about the same gap for long: without these, few random clients would be loyal."""
    gap, count, since = draw(st.integers(1, 60)), draw(st.integers(2, 40)), draw(st.integers(0, 100))
    jitter = draw(st.lists(st.integers(0, gap // 3), min_size=count, max_size=count))
    return [Bought(since + place * gap + jitter[place]) for place in range(count)]


@st.composite
def seasons(draw: st.DrawFn) -> list[Bought]:
    """Who buys in the same weeks of some years, and now and then at another time."""
    since, years = draw(st.integers(0, 300)), draw(st.integers(1, 4))
    days = [Bought(since + 365 * year + draw(st.integers(0, 50))) for year in range(years) for _ in range(3)]
    return days + draw(st.lists(purchases, max_size=2))


ledgers = st.one_of(st.lists(purchases, max_size=12), rhythms(), seasons())
clients = st.builds(lambda ledger, profile: facts_of(ledger, **profile), ledgers, profiles)
policies = st.one_of(
    st.just(POLICY),
    st.builds(
        Policy,
        new_days=st.integers(1, 200),
        regular_purchase_days=st.integers(2, 6),
        regular_gap_percent=st.integers(100, 400),
        regular_gap_floor_days=st.integers(0, 60),
        loyal_days=st.integers(30, 500),
        loyal_gap_floor_days=st.integers(0, 30),
        loyal_referral_count=st.integers(1, 3),
        lost_gap_percent=st.integers(200, 500),
        lost_silence_days=st.integers(60, 400),
        seasonal_cycle_count=st.integers(2, 3),
        seasonal_window_months=st.integers(1, 4),
        seasonal_percent=st.integers(51, 100),
        retail_percent=st.integers(1, 100),
        business_percent=st.integers(1, 99),
        b2c_percent=st.integers(1, 99),
        b2b_percent=st.integers(1, 99),
        client_purchase_days=st.integers(1, 5),
    ),
)


def follow(flip: Flip, facts: Facts, today: int) -> tuple[Facts, int]:
    """Do what a flip says; give the facts after it, and the day on which to look again."""
    facts = replace(
        facts,
        party=facts.party if flip.party is None else flip.party,
        reachable=facts.reachable if flip.reachable is None else flip.reachable,
        prefers=facts.prefers if flip.prefers is None else flip.prefers,
        referrals=facts.referrals + flip.referrals,
    )
    day = today
    for place in range(flip.purchases):
        day = _season_day(flip, facts, place) if flip.months else flip.day + (0 if _same_day(flip) else place)
        amount = flip.amount if flip.currency else 5 * COIN
        lines = [line(flip.category, flip.quantity)] if flip.category else []
        facts = with_purchase(
            facts, day, flip.currency or "EUR", amount, flip.purpose, flip.sales_path, lines
        )
    return facts, max(flip.until or day, today)


def _same_day(flip: Flip) -> bool:
    """Whether it is about purchases, and not about days with purchases."""
    return bool(flip.purpose or flip.sales_path or flip.category or flip.currency)


def _season_day(flip: Flip, facts: Facts, place: int) -> int:
    """The next day that is free in a year's window, each purchase in another of the coming 300 years."""
    last = facts.months[-1] if facts.months and not place else month_of(TODAY)
    month = (max(last, month_of(TODAY)) // 12 + 2 + place % 300) * 12 + flip.months[0]
    day = first_day_of(month)
    while day in facts.days:
        day += 1
    assert (month_of(day) % 12) in flip.months, date_of(day)
    return day


__all__ = ["OWN_USE", "POLICY", "TODAY", "Bought", "clients", "facts_of", "follow", "ledgers", "policies"]

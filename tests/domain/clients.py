"""Random ledgers, and the facts of these."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from clientela_server.domain.purchases import Line
from clientela_server.domain.standing.facts import Facts, with_purchase, with_refund
from clientela_server.domain.standing.policy import Policy

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
            facts,
            day,
            each.currency,
            each.cents * COIN,
            purpose=each.purpose,
            sales_path=each.sales_path,
            lines=lines,
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

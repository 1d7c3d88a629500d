"""Acquired and retained customers counted over arrays equal a count one by one."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.economics import Acquired, Period, Tally, combined, tally
from clientela_server.domain.revenue import Revenue
from clientela_server.reports.acquisition import acquired_in, tally_of
from clientela_server.reports.clients import Clients
from clientela_server.store.aggregates.revenues import Part

DAYS = st.integers(20_000, 20_030)
AMOUNTS = st.sampled_from([0, 1, 999_999_999, 10**9, 12 * 10**9 + 340_000_000, 10**18, 2**60 * 10**9])
PURCHASES = st.lists(st.tuples(st.sampled_from(["EUR", "PLN", "USD"]), DAYS, AMOUNTS), max_size=6)
CLIENTS = st.lists(st.tuples(st.integers(0, 6), PURCHASES), min_size=1, max_size=10)
PERIODS = st.tuples(DAYS, DAYS, DAYS).map(lambda days: Period(min(days[:2]), max(days[:2]), days[2]))
Bought = list[tuple[int, list[tuple[str, int, int]]]]


def part_of(clients: Bought, begin: int = 0) -> Part:
    """What the database would give of some clients."""
    records = []
    for _, bought in clients:
        revenue = Revenue()
        for currency, day, nanos in bought:
            revenue = revenue.plus(currency, day, nanos, 1)
        records.append(revenue.packed)
    ids = [f"c{begin + place:03}" for place in range(len(clients))]
    return Part(
        ids[-1],
        ",".join(ids),
        "0" * len(ids),
        ",".join(str(len(each)) for each in records),
        b"".join(records),
    )


def tally_by_one(part: Part, clients: Bought, period: Period) -> Tally:
    return tally(zip([channel for channel, _ in clients], part.by_day("EUR"), strict=True), period)


@given(CLIENTS, PERIODS, st.integers(1, 9))
def test_many_at_once_are_the_same_as_one_after_the_other(clients: Bought, period: Period, cut: int) -> None:
    halves = [(part_of(some, at), some) for at, some in ((0, clients[:cut]), (cut, clients[cut:])) if some]
    known = {f"c{place:03}": str(channel) for place, (channel, _) in enumerate(clients)}

    def channels_of(ids: Sequence[str]) -> str:
        return ",".join(known[each] for each in ids)

    winners = [acquired_in(Clients(part), "EUR", period, channels_of) for part, _ in halves]
    one_by_one = combined(tally_by_one(part, some, period) for part, some in halves)
    assert tally_of(winners, None) == one_by_one


@given(CLIENTS, PERIODS)
def test_one_after_the_other_is_what_the_ledger_says(clients: Bought, period: Period) -> None:
    expected = Tally()
    for channel, bought in clients:
        known = [(day, nanos) for currency, day, nanos in bought if currency == "EUR" and day <= period.as_of]
        days = {day for day, _ in known}
        if days and period.first <= min(days) <= period.last:
            won = Acquired(1, sum(nanos for _, nanos in known))
            expected.won.setdefault(channel, Acquired()).add(won)
        elif days and min(days) < period.first:
            expected.retained += bool(days & set(range(period.first, period.last + 1)))
    assert tally_by_one(part_of(clients), clients, period) == expected

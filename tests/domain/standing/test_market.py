"""Thresholds of revenue and quantity are those that a scan of all customers gives."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.standing.market import (
    QuantityThreshold,
    RevenueThreshold,
    easiest_category,
    revenue_threshold,
    top_places,
)
from clientela_server.domain.standing.policy import Policy

REVENUES = st.lists(st.integers(1, 40), min_size=1, max_size=12)
PERCENTS = st.integers(1, 100)
Client = tuple[str, int]


def ranked(revenues: list[int]) -> list[Client]:
    """Order clients by revenue, the greatest first, then by id."""
    clients = [(f"c{at:02}", revenue) for at, revenue in enumerate(revenues)]
    return sorted(clients, key=lambda client: (-client[1], client[0]))


def threshold(clients: list[Client], percent: int) -> RevenueThreshold:
    ids, amounts = zip(*clients, strict=True)
    return revenue_threshold(ids, amounts, Policy(strategic_percent=percent))


def smallest_set(clients: list[Client], percent: int) -> set[str]:
    """Take clients from the top until they have so many percent of all revenue."""
    total, held, members = sum(revenue for _, revenue in clients), 0, set()
    for name, revenue in clients:
        if Fraction(100 * held, total) >= percent:
            break
        members.add(name)
        held += revenue
    return members


@given(REVENUES, PERCENTS)
def test_the_set_is_the_smallest_that_has_the_share(revenues: list[int], percent: int) -> None:
    clients = ranked(revenues)
    found = threshold(clients, percent)
    members = {name for name, revenue in clients if found.includes(name, revenue)}
    assert members == smallest_set(clients, percent)
    assert (found.members, found.total) == (len(members), sum(revenues))
    assert not found.includes("", 0)


@given(REVENUES, PERCENTS)
def test_ranks_count_from_the_top_with_ties_alike_on_each_side(revenues: list[int], percent: int) -> None:
    clients = ranked(revenues)
    found = threshold(clients, percent)
    for name, revenue in clients:
        rank = found.rank(name, revenue)
        best = 1 + sum(other > revenue for _, other in clients)
        member = found.includes(name, revenue)
        assert (rank <= found.members) == member
        assert rank == (min(best, found.members) if member else max(best, found.members + 1))


@settings(max_examples=20 * settings.default.max_examples)
@given(REVENUES, PERCENTS, st.integers(0, 11))
def test_the_revenue_to_enter_is_the_least_that_does(revenues: list[int], percent: int, which: int) -> None:
    clients = ranked(revenues)
    name, before = clients[which % len(clients)]
    found = threshold(clients, percent)
    if found.includes(name, before):
        return

    def enters(revenue: int) -> bool:
        others = [(other, amount) for other, amount in clients if other != name]
        # Last of those with the same revenue: whoever enters does so whatever its id is.
        anew = sorted([*others, ("~", revenue)], key=lambda client: (-client[1], client[0]))
        return "~" in smallest_set(anew, percent)

    least = found.entry_revenue(before)
    assert least > before
    assert enters(least)
    assert all(not enters(revenue) for revenue in range(before + 1, least) if revenue not in revenues)


@settings(max_examples=10 * settings.default.max_examples)
@given(REVENUES, PERCENTS, st.integers(0, 11), st.none() | st.integers(0, 80))
def test_a_member_stays_as_long_as_those_ahead_have_less_than_the_share(
    revenues: list[int], percent: int, which: int, changed: int | None
) -> None:
    clients = ranked(revenues)
    name, before = clients[which % len(clients)]
    after = before if changed is None else changed
    others = [amount for other, amount in clients if other != name]
    ahead = sum(amount for amount in others if amount > after)
    stays = after > 0 and 100 * ahead < percent * (sum(others) + after)
    assert threshold(clients, percent).remains_member(before, after) == stays


@given(st.integers(0, 10_000), PERCENTS)
def test_places_at_the_top_are_never_more_than_the_percentage(clients: int, percent: int) -> None:
    places = top_places(clients, Policy(mass_percent=percent))
    assert places <= Fraction(clients * percent, 100) < places + 1


@given(st.dictionaries(st.sampled_from("abcdef"), st.none() | st.integers(1, 50), max_size=6))
def test_the_easiest_category_needs_the_least_quantity(lasts: dict[str, int | None]) -> None:
    quantities = {name: QuantityThreshold(9, last=last and Decimal(last)) for name, last in lasts.items()}
    open_ones = sorted((last, name) for name, last in lasts.items() if last is not None)
    assert easiest_category(quantities) == (open_ones[0][1] if open_ones else None)

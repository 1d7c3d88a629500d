"""A season is the shortest window that holds the share of purchase days, and its probability is binomial."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.days import month_of
from clientela_server.domain.standing import seasons
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.seasons import Season, months_of, season_of
from tests.domain import clients
from tests.domain.clients import Bought, facts_of

LIKELY = Policy(seasonal_chance_percent=100)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 11))
def test_the_tail_of_the_binomial_is_that_of_exact_fractions(held: int, of: int, months: int) -> None:
    held = min(held, of)
    share = Fraction(months, 12)
    exact = sum(math.comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(held, of + 1))
    assert seasons._at_least(held, of, float(share)) == pytest.approx(float(exact), rel=1e-9)


@given(clients.seasons())
def test_no_shorter_window_has_the_share_and_the_years(ledger: list[Bought]) -> None:
    facts = facts_of(ledger)
    found = season_of(months_of(facts), LIKELY)
    months = [month_of(day) for day in facts.days]

    def holds(start: int, length: int) -> bool:
        inside = [month for month in months if (month - start) % 12 < length]
        years = {(month - start) // 12 for month in inside}
        enough = 100 * len(inside) >= LIKELY.seasonal_percent * len(months)
        return enough and len(years) >= LIKELY.seasonal_cycle_count

    shortest = [
        length
        for length in range(1, LIKELY.seasonal_window_months + 1)
        if any(holds(start, length) for start in range(12))
    ]
    if found is None:
        assert not shortest or len(months) < LIKELY.seasonal_purchase_days
    else:
        assert (found.length, holds(found.start, found.length)) == (shortest[0], True)
        assert found.days == sum(month % 12 in found.months for month in months)


def test_the_twentieth_of_each_december_is_a_season_of_one_month() -> None:
    ledger = [Bought(289 + 365 * year) for year in range(5)]
    assert season_of(months_of(facts_of(ledger)), Policy()) == Season(11, 1, 5, 5)


def test_a_window_goes_over_the_turn_of_the_year() -> None:
    assert Season(11, 3, 0, 0).months == (11, 0, 1)

"""Spends: each day has an equal share, exactly; what can't be recorded is refused by its field."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.money import NANOS_PER_UNIT, Money
from clientela_server.domain.spends import DAYS_MAX, Spend, settled, share

ADVERTISING = 1
DAYS = st.integers(20_000, 20_060)


@given(st.integers(0, 10**16), DAYS, st.integers(0, DAYS_MAX - 1), st.lists(st.integers(1, 400), max_size=10))
def test_the_shares_of_all_days_add_up_to_the_amount(
    nanos: int, start: int, length: int, lengths: list[int]
) -> None:
    spend = Spend("s", ADVERTISING, start, start + length, Money("EUR", nanos))
    first, shares = start - 3, []
    for days in lengths:
        shares.append(share(spend, first, first + days - 1))
        first += days
    shares.append(share(spend, first, start + length + 5))
    assert sum(shares) == nanos


def test_a_spend_outside_of_the_period_has_no_share() -> None:
    spend = Spend("s", ADVERTISING, 100, 100, Money("EUR", 7 * NANOS_PER_UNIT))
    assert (share(spend, 90, 99), share(spend, 101, 200), share(spend, 100, 100)) == (
        0,
        0,
        7 * NANOS_PER_UNIT,
    )


@pytest.mark.parametrize(("end", "reason"), [(99, "PERIOD_REVERSED"), (100 + DAYS_MAX, "SPEND_TOO_LONG")])
def test_a_spend_has_at_least_one_day_and_at_most_ten_years(end: int, reason: str) -> None:
    draft = Spend("s", ADVERTISING, 100, end, Money("EUR", 1))
    with pytest.raises(InvalidArgument) as caught:
        settled(draft, 1, "clerk")
    assert (caught.value.reason, caught.value.facts["field"]) == (reason, "spend.end_date")


@given(st.integers(0, 10**16), DAYS, st.integers(0, DAYS_MAX - 1), st.integers(0, DAYS_MAX - 1))
def test_each_day_has_the_same_share(nanos: int, start: int, length: int, at: int) -> None:
    spend = Spend("s", ADVERTISING, start, start + length, Money("EUR", nanos))
    day = start + at % (length + 1)
    assert share(spend, day, day) == Fraction(nanos, length + 1)


def test_the_longest_spend_is_of_ten_years() -> None:
    draft = Spend(
        "s", ADVERTISING, 100, 100 + DAYS_MAX - 1, Money("EUR", NANOS_PER_UNIT), campaign="Cafe\u0301"
    )
    kept = settled(draft, 5, "clerk")
    assert kept == replace(draft, create_us=5, recorded_by="clerk", campaign="Caf\u00e9")
    assert kept.name == "spends/s"


@pytest.mark.parametrize(
    ("amount", "campaign", "field"),
    [(Money("EUR", 1), "", "spend.amount"), (Money("EUR", 0), "\u200b", "spend.campaign")],
)
def test_an_amount_below_a_coin_and_a_campaign_that_shows_nothing_are_refused(
    amount: Money, campaign: str, field: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        settled(Spend("s", ADVERTISING, 1, 1, amount, campaign=campaign), 1, "clerk")
    assert caught.value.faults[0].path == field

"""Acquisition cost and customer revenue are exact fractions, and never more than was recorded."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.economics import (
    UNKNOWN_CHANNEL,
    Acquired,
    ChannelEconomics,
    Economics,
    Period,
    Tally,
    Verdict,
    economics_of,
    margin_of,
    rounded,
    tally,
    verdict_of,
)
from clientela_server.domain.errors import OutOfRange
from clientela_server.domain.money import NANOS_PER_UNIT, Money
from clientela_server.domain.spends import ACQUISITION, RETENTION, Spend, share

ADVERTISING, MARKETING = 1, 2
DAYS = st.integers(20_000, 20_060)
NANOS = st.integers(0, 10**13)
SPENDS = st.lists(
    st.builds(
        lambda channel, start, length, nanos, purpose: Spend(
            "s", channel, start, start + length, Money("EUR", nanos), purpose=purpose
        ),
        st.integers(1, 6),
        DAYS,
        st.integers(0, 40),
        NANOS,
        st.sampled_from([ACQUISITION, RETENTION]),
    ),
    max_size=8,
)
HISTORIES = st.dictionaries(DAYS, NANOS, min_size=1, max_size=6).map(lambda by_day: sorted(by_day.items()))
CLIENTS = st.lists(st.tuples(st.integers(0, 6), HISTORIES), max_size=12)
PERIODS = st.tuples(DAYS, DAYS, DAYS).map(lambda days: Period(min(days[:2]), max(days[:2]), days[2]))
MARGINS = st.sampled_from([0.1, 0.35, 0.4, 0.999, 1.0, 1e-3])


def on(day: int, units: int, channel: int = ADVERTISING, **fields: int) -> Spend:
    return Spend("s", channel, day, day, Money("EUR", units * NANOS_PER_UNIT), **fields)


def of(found: Economics, channel: int) -> ChannelEconomics:
    return next(each for each in found.channels if each.channel == channel)


@given(SPENDS, CLIENTS, MARGINS, PERIODS)
def test_all_channels_together_are_the_total(
    spends: list[Spend], clients: list[tuple[int, list[tuple[int, int]]]], margin: float, period: Period
) -> None:
    found = economics_of(spends, tally(clients, period), margin_of(margin), period)
    assert sum(each.spend for each in found.channels) == found.total.spend
    assert sum(each.won for each in found.channels) == found.total.won
    brought = [each.realized * each.won for each in found.channels if each.realized is not None]
    assert sum(brought) == (found.total.realized or 0) * found.total.won
    assert [each.channel for each in found.channels] == sorted({each.channel for each in found.channels})
    assert found.channels[0].channel == UNKNOWN_CHANNEL
    everything = sum(share(each, period.first, period.last) for each in spends)
    assert found.total.spend + found.retention.spend == everything


@given(SPENDS, CLIENTS, MARGINS, PERIODS)
def test_each_figure_is_what_comes_out_by_hand(
    spends: list[Spend], clients: list[tuple[int, list[tuple[int, int]]]], margin: float, period: Period
) -> None:
    found = economics_of(spends, tally(clients, period), margin_of(margin), period)
    days = range(period.first, period.last + 1)
    for channel in found.channels:
        cost, recorded = Fraction(0), False
        for spend in spends:
            of_spend = range(spend.start_day, spend.end_day + 1)
            if spend.channel == channel.channel and spend.purpose == ACQUISITION:
                recorded |= any(day in days for day in of_spend)
                cost += Fraction(spend.amount.nanos, len(of_spend)) * len(
                    [day for day in of_spend if day in days]
                )
        mine = [
            sum(nanos for day, nanos in bought if day <= period.as_of)
            for of_client, bought in clients
            if of_client == channel.channel and bought[0][0] in days and bought[0][0] <= period.as_of
        ]
        assert (channel.spend, channel.won) == (cost, len(mine))
        if mine:
            assert channel.realized == Fraction(sum(mine), len(mine)) * Fraction(str(margin))
        if mine and recorded:
            assert channel.cac == cost / len(mine)
        else:
            assert channel.cac is None and channel.ratio is None
    kept = [
        bought
        for _, bought in clients
        if bought[0][0] < period.first and any(day in days and day <= period.as_of for day, _ in bought)
    ]
    assert found.retention.retained == len(kept)


FIGURES = st.none() | st.fractions(0, 1000)


@given(FIGURES, FIGURES, FIGURES)
def test_a_verdict_is_what_the_figures_say(
    cac: Fraction | None, realized: Fraction | None, more: Fraction | None
) -> None:
    predicted = None if realized is None or more is None else realized + more
    verdict = verdict_of(cac, realized, predicted)
    if cac is None or realized is None:
        assert verdict is Verdict.NONE
    else:
        assert (verdict is Verdict.PROFITABLE) == (realized >= cac)
        lost = realized < cac and (predicted is None or predicted < cac)
        assert (verdict is Verdict.UNPROFITABLE) == lost


def test_the_worked_example_comes_out() -> None:
    """A cost of 50 for each client, who bring 300: the ratio is 6."""
    period = Period(100, 130, 200)
    clients = [
        (ADVERTISING, [(110 + n, 500 * NANOS_PER_UNIT), (150, 250 * NANOS_PER_UNIT)]) for n in range(4)
    ]
    found = economics_of([on(101, 200)], tally(clients, period), margin_of(0.4), period)
    channel = of(found, ADVERTISING)
    assert (rounded("EUR", channel.cac), rounded("EUR", channel.realized)) == (
        Money("EUR", 50 * NANOS_PER_UNIT),
        Money("EUR", 300 * NANOS_PER_UNIT),
    )
    assert channel.ratio == 6
    assert found.total.verdict is Verdict.PROFITABLE


def test_what_nobody_was_won_by_has_no_cost_of_winning_one() -> None:
    period = Period(100, 130, 200)
    found = economics_of([on(101, 200)], Tally(), margin_of(0.5), period)
    for each in (*found.channels, found.total):
        assert (each.cac, each.ratio, each.realized, each.verdict) == (None, None, None, Verdict.NONE)


def test_clients_of_whom_it_is_recorded_that_they_cost_nothing_are_profit_without_a_ratio() -> None:
    period = Period(100, 130, 200)
    won = tally([(MARKETING, [(100, 0)])], period)
    found = economics_of([on(101, 0, MARKETING)], won, margin_of(0.5), period)
    for each in (of(found, MARKETING), found.total):
        assert (each.cac, each.ratio, each.verdict) == (0, None, Verdict.PROFITABLE)


@pytest.mark.parametrize("spends", [[], [on(99, 5, MARKETING)], [on(101, 5, MARKETING, purpose=RETENTION)]])
def test_what_was_never_recorded_is_not_profitable(spends: list[Spend]) -> None:
    period = Period(100, 130, 200)
    found = economics_of(spends, tally([(MARKETING, [(100, 10**12)])], period), margin_of(0.5), period)
    for each in (of(found, MARKETING), found.total):
        assert (each.cac, each.ratio, each.verdict, each.recorded) == (None, None, Verdict.NONE, False)


@pytest.mark.parametrize(
    ("brought", "predicted", "verdict"),
    [(60, None, Verdict.NONE), (40, 10, Verdict.NONE), (40, None, Verdict.UNPROFITABLE)],
)
def test_of_all_together_a_loss_is_sure_where_a_channel_was_never_recorded_and_no_profit_is(
    brought: int, predicted: int | None, verdict: Verdict
) -> None:
    more = None if predicted is None else Fraction(predicted * NANOS_PER_UNIT)
    won = {ADVERTISING: Acquired(1, brought * NANOS_PER_UNIT, more), MARKETING: Acquired(1, 0, more)}
    found = economics_of([on(101, 50)], Tally(won), margin_of(1.0), Period(100, 130, 200))
    assert of(found, ADVERTISING).recorded and not of(found, MARKETING).recorded
    assert found.total.cac == 25 * NANOS_PER_UNIT
    assert found.total.verdict is verdict


def test_what_is_predicted_may_pay_later_and_may_not() -> None:
    def verdict(predicted: int | None) -> Verdict:
        won = Acquired(2, 40, None if predicted is None else Fraction(predicted))
        found = economics_of(
            [on(101, 0), Spend("s", 1, 101, 101, Money("EUR", 100))],
            Tally({1: won}),
            margin_of(0.5),
            Period(100, 130, 200),
        )
        return found.total.verdict

    assert verdict(None) is verdict(159) is Verdict.UNPROFITABLE
    assert verdict(160) is Verdict.PAYS_LATER


def test_acquisition_is_put_beside_retention() -> None:
    period = Period(100, 130, 200)
    clients = [(MARKETING, [(90, 1), (110, 1)]), (MARKETING, [(95, 1), (99, 1)]), (ADVERTISING, [(105, 1)])]
    found = economics_of(
        [on(101, 60), on(101, 20, purpose=RETENTION)], tally(clients, period), margin_of(1.0), period
    )
    assert (found.retention.retained, found.retention.cost, found.retention.acquisition_ratio) == (
        1,
        20 * NANOS_PER_UNIT,
        3,
    )
    nobody = economics_of([on(101, 20, purpose=RETENTION)], Tally(), margin_of(1.0), period)
    assert (nobody.retention.cost, nobody.retention.acquisition_ratio) == (None, None)


def test_a_margin_is_read_as_it_is_written() -> None:
    assert margin_of(0.4) == Fraction(2, 5)
    assert margin_of(1e-7) == Fraction(1, 10**7)


def test_what_is_reported_is_rounded_to_a_nano_half_to_even() -> None:
    assert [rounded("EUR", Fraction(nanos, 2)).nanos for nanos in (1, 3, 5)] == [0, 2, 2]
    with pytest.raises(OutOfRange):
        rounded("EUR", Fraction(2**63 * NANOS_PER_UNIT))

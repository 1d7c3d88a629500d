"""What is predicted: the periods of a horizon, how far the back-test looks back, and limits that hold."""

import numpy as np
import pytest
from numpy.random import Generator

from clientela_server.reports.clients import Ints
from clientela_server.reports.forecasts import Forecast, back_test_day, fit, forecast, periods
from clientela_server.reports.histories import HistoryArrays, Observed
from clientela_server.reports.orders import Order, read_order

END, FUTURE = 700, 200


def bought(chance: Generator, count: int) -> tuple[Ints, Ints, Ints]:
    """Let clients buy as BG/NBD says they do: whose each purchase day is, which day, and cents."""
    first = chance.integers(0, END - 30, count)
    rate, leaves = chance.gamma(0.8, 1 / 40, count), chance.beta(0.9, 4.0, count)
    mean = 15 / chance.gamma(4.0, 1 / 6, count)
    who, when, now = [np.arange(count)], [first], first.astype(float)
    there = np.ones(count, dtype=bool)
    while there.any():
        now = now + chance.exponential(1, count) / rate
        there &= now < END + FUTURE
        who.append(np.flatnonzero(there))
        when.append(now[there].astype(np.int64))
        there &= chance.random(count) >= leaves
    owner, day = np.concatenate(who), np.concatenate(when)
    owner, day = np.unique(np.stack([owner, day]), axis=1)
    amount = 100 * mean[owner] * chance.gamma(6.0, 1 / 6, len(owner))
    return owner, day, amount.astype(np.int64)


def known(owner: Ints, day: Ints, cents: Ints, until: int) -> HistoryArrays:
    count = owner.max() + 1
    begins = np.searchsorted(owner, np.arange(count))
    first = day[begins]
    counts = day <= until
    x, spent = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(x, owner, counts)
    later = counts.copy()
    later[begins] = False
    np.add.at(spent, owner, cents * later)
    last = np.maximum.reduceat(np.where(counts, day, first[owner]), begins)
    return HistoryArrays(x - 1, first, last, spent // 100, spent % 100 * 10**7)


@pytest.fixture(scope="module")
def predicted() -> tuple[Forecast, np.ndarray]:
    """A forecast of some thousand made-up clients, and what each then brought."""
    owner, day, cents = bought(np.random.default_rng(20261122), 6000)
    earlier = back_test_day(0, END, FUTURE)
    then, later = known(owner, day, cents, END), known(owner, day, cents, END + FUTURE)
    ids = np.array([f"c{place:04}".encode() for place in range(6000)])
    observed = Observed(ids, np.ones(6000, dtype=bool), then, known(owner, day, cents, earlier))
    model = fit(observed, "EUR", END, earlier)
    brought = later.units - then.units + (later.nanos - then.nanos) / 1e9
    return forecast(observed, model, FUTURE, 0.0), brought


@pytest.mark.long
def test_limits_of_8_of_10_hold_for_8_of_10(predicted: tuple[Forecast, np.ndarray]) -> None:
    found, brought = predicted
    low, high = limits(found)
    held = (brought >= low) & (brought <= high)
    # Of whom most bring nothing the limits are 0, and hold as often as these bring nothing.
    for some in (high > 0, np.argsort(-found.found.value)[:600]):
        assert np.mean(held[some]) == pytest.approx(0.8, abs=0.04)
    assert np.mean(brought[high == 0] == 0) > 0.8
    assert np.all(low <= high)
    sure = low > 0
    assert sure.any()
    assert np.mean(brought[sure] < low[sure]) == pytest.approx(0.1, abs=0.05)
    assert np.mean(brought[sure] > high[sure]) == pytest.approx(0.1, abs=0.05)


def test_what_all_bring_together_is_within_its_limits(predicted: tuple[Forecast, np.ndarray]) -> None:
    found, brought = predicted
    assert found.limits_of_sum is not None
    low, high = found.limits_of_sum
    assert 0 < low < brought.sum() < high < 2 * low


def limits(found: Forecast) -> tuple[np.ndarray, np.ndarray]:
    """The limits of everybody."""
    told = found.limits(np.arange(len(found.ids)))
    assert told is not None
    return told


def test_limits_are_the_same_alone_and_among_others(predicted: tuple[Forecast, np.ndarray]) -> None:
    found, _ = predicted
    low, high = limits(found)
    for place in (0, 17, int(found.found.value.argmax())):
        alone = found.limits(np.array([place]))
        assert alone is not None
        assert [each[0] for each in alone] == pytest.approx([low[place], high[place]], rel=1e-3, abs=0.01)


def test_where_all_pay_the_same_limits_hold_too() -> None:
    owner, day, _ = bought(np.random.default_rng(8), 6000)
    cents = np.full(len(owner), 1000)
    observed = Observed(
        np.array([f"c{place:04}".encode() for place in range(6000)]),
        np.ones(6000, dtype=bool),
        known(owner, day, cents, END),
        known(owner, day, cents, END - FUTURE),
    )
    found = forecast(observed, fit(observed, "EUR", END, END - FUTURE), FUTURE, 0.0)
    low, high = limits(found)
    brought = known(owner, day, cents, END + FUTURE).units - observed.known.units
    assert set(np.unique(high % 10)) == {0}
    some = high > 0
    assert np.mean((brought >= low)[some] & (brought <= high)[some]) == pytest.approx(0.8, abs=0.06)


def test_the_back_test_is_near_where_clients_buy_as_the_model_says(
    predicted: tuple[Forecast, np.ndarray],
) -> None:
    found, brought = predicted
    test = found.model.back_test
    assert test is not None
    assert (test.days, test.fitted_until) == (FUTURE, END - FUTURE)
    assert abs(test.relative_error) < 0.15
    assert test.predicted_purchase_days == pytest.approx(test.actual_purchase_days, rel=0.15)
    assert found.found.value.sum() == pytest.approx(brought.sum(), rel=0.15)


def test_a_horizon_is_twelfths_of_a_year_and_a_shorter_rest() -> None:
    year = periods(365, 0.1)
    assert [round(each.end * 7, 9) for each in year] == [round(k * 365 / 12, 9) for k in range(1, 13)]
    assert year[-1].worth == pytest.approx(1 / 1.1)
    assert [round(each.end * 7, 9) for each in periods(31, 0.1)] == [round(365 / 12, 9), 31]
    assert [each.end * 7 for each in periods(1, 0.0)] == [1]
    assert periods(1, 0.0)[0].worth == 1
    assert len(periods(3650, 0.1)) == 120


@pytest.mark.parametrize(
    ("first", "horizon", "until"),
    [(0, 100, 900), (0, 500, 500), (0, 900, 500), (990, 300, 995), (1000, 10, 1000), (None, 10, 1000)],
)
def test_the_back_test_looks_back_at_most_half_of_the_time(
    first: int | None, horizon: int, until: int
) -> None:
    assert back_test_day(first, 1000, horizon) == until


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("", Order(by_value=True, values_fall=True, names_fall=True)),
        ("value", Order(by_value=True, values_fall=False, names_fall=False)),
        ("value desc, name", Order(by_value=True, values_fall=True, names_fall=False)),
        ("name desc, value", Order(by_value=False, values_fall=False, names_fall=True)),
    ],
)
def test_what_follows_a_name_changes_no_order(text: str, order: Order) -> None:
    assert read_order(text) == order

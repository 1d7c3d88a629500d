"""Prediction intervals of 80 % hold for 8 of 10 of what came after the prediction."""

import numpy as np
import pytest

from clientela_server.models.limits import SpendDistribution
from clientela_server.reports.back_test import TOP
from clientela_server.reports.forecasts import Forecast
from tests.reports.holdouts import day, predicted, sample

LEAST, MOST = 0.74, 0.86
CALIBRATED = day("1997-09-30")


@pytest.fixture(scope="module")
def calibrated() -> tuple[Forecast, np.ndarray]:
    return predicted(sample(), CALIBRATED, 273)


def share_held(found: Forecast, came: np.ndarray, some: np.ndarray) -> float:
    limits = found.limits(some)
    assert limits is not None
    low, high = (np.round(each * 100) for each in limits)
    return float(np.mean((came[some] >= low) & (came[some] <= high)))


def test_on_the_sample_limits_hold_for_8_of_10_of_all_and_of_the_top(
    calibrated: tuple[Forecast, np.ndarray],
) -> None:
    found, came = calibrated
    assert LEAST <= share_held(found, came, np.arange(len(came))) <= MOST
    top = np.argsort(-found.found.value)[:50]
    assert LEAST <= share_held(found, came, top) <= MOST
    limits = found.limits(top)
    assert limits is not None
    assert np.any(limits[0] > 0)
    assert np.all(limits[1] > limits[0])


def test_how_often_limits_held_is_reported_with_the_back_test(
    calibrated: tuple[Forecast, np.ndarray],
) -> None:
    found, _ = calibrated
    assert found.model.back_test is not None
    trial = found.model.back_test.coverage
    # The same, predicted and counted without the back-test.
    before, came = predicted(sample(), found.model.back_test.fitted_until, found.model.back_test.days)
    low, high = SpendDistribution(
        before.history, before.model.buying, before.model.spending, 136 / 7, 136
    ).limits(0.8)
    within = (came >= np.round(low * 100)) & (came <= np.round(high * 100))
    assert trial.covered == pytest.approx(within.mean(), abs=1e-3)
    assert trial.covered_open == pytest.approx(within[high > 0].mean(), abs=2e-3)
    assert trial.covered_top == pytest.approx(within[np.argsort(-before.found.value)[:TOP]].mean(), abs=0.03)
    assert trial.share_zero == pytest.approx((came == 0).mean(), abs=1e-3)


def test_what_all_bring_together_is_within_its_limits_too(
    calibrated: tuple[Forecast, np.ndarray],
) -> None:
    found, came = calibrated
    assert found.limits_of_sum is not None
    low, high = found.limits_of_sum
    assert low < came.sum() / 100 < high

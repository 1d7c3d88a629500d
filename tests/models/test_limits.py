"""Prediction intervals of a customer's revenue lie at the models' quantiles."""

import numpy as np
import pytest

from clientela_server.models.bg_nbd import BgNbd
from clientela_server.models.fitting import Fit
from clientela_server.models.gamma_gamma import ConstantSpend, GammaGamma
from clientela_server.models.histories import Histories
from clientela_server.models.limits import SpendDistribution, calibrated_level, covered, limits_of_sum

BUYING = BgNbd(
    r=0.6, alpha=4.0, a=0.8, b=2.4, log_likelihood=0.0, found=Fit(np.array([0.6, 4.0, 0.8, 2.4]), 0.0, 1, 1)
)
SPENDING = GammaGamma(
    p=6.0,
    q=4.0,
    v=15.0,
    log_likelihood=0.0,
    correlation=0.0,
    found=Fit(np.array([6.0, 4.0, 15.0]), 0.0, 1, 1),
)
CLIENTS = Histories(*np.array([[0, 0, 10, 0], [3, 9, 10, 25], [12, 29, 30, 8], [2, 1, 20, 40.0]]).T)


def drawn(clients: Histories, time: float, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Let clients go on as the models say they do: days, and what these bring, a row a client."""
    chance = np.random.default_rng(20261130)
    shape = (len(clients), draws)
    x, mean = clients.x[:, None], clients.mean_spend[:, None]
    alive = chance.random(shape) < BUYING.p_alive(clients.x, clients.t_x, clients.T)[:, None]
    rate = chance.gamma(BUYING.r + x, 1.0, shape) / (BUYING.alpha + clients.T[:, None])
    until_leaving = chance.geometric(chance.beta(BUYING.a, BUYING.b + x, shape))
    days = np.where(alive, np.minimum(chance.poisson(rate * time), until_leaving), 0)
    nu = chance.gamma(SPENDING.q + SPENDING.p * x, 1.0, shape) / (SPENDING.v + x * mean)
    return days, np.where(days > 0, chance.gamma(SPENDING.p * np.maximum(days, 1)) / nu, 0.0)


def test_chances_are_those_of_clients_who_go_on_as_the_models_say() -> None:
    days, brought = drawn(CLIENTS, 39.0, 40_000)
    chances = SpendDistribution(CLIENTS, BUYING, SPENDING, 39.0, 273)
    assert chances.p_zero == pytest.approx((days == 0).mean(axis=1), abs=0.01)
    told = BUYING.p_purchase_days(39.0, CLIENTS.x, CLIENTS.t_x, CLIENTS.T, 100)
    assert told.sum(axis=1) + chances.p_zero == pytest.approx(1.0)
    for n in (1, 2, 5):
        assert told[:, n - 1] == pytest.approx((days == n).mean(axis=1), abs=0.01)
    amounts = np.array([30.0, 200.0, 90.0, 20.0])
    assert chances.cdf(amounts) == pytest.approx((brought < amounts[:, None]).mean(axis=1), abs=0.01)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_limits_are_where_their_chances_are(level: float) -> None:
    chances = SpendDistribution(CLIENTS, BUYING, SPENDING, 39.0, 273)
    nothing, (low, high) = chances.p_zero, chances.limits(level)
    tail = (1 - level) / 2
    two_sided = nothing < tail
    assert np.all(high[nothing >= level] == 0)
    assert np.all((low > 0) == two_sided)
    upper = np.where(two_sided, 1 - tail, level)[high > 0]
    assert chances.cdf(high)[high > 0] == pytest.approx(upper, abs=1e-4)
    assert chances.cdf(low)[two_sided] == pytest.approx(tail, abs=1e-4)


def test_what_is_within_limits_is_said_to_be() -> None:
    chances = SpendDistribution(CLIENTS, BUYING, SPENDING, 39.0, 273)
    low, high = chances.limits(0.8)
    for amounts, within in ((low * 1.001, True), (high * 0.999, True), (high * 1.01 + 1, False)):
        assert np.all(covered(chances.p_zero, chances.cdf(amounts), amounts, 0.8) == within)


def test_where_limits_held_too_seldom_they_are_made_wider_and_never_narrower() -> None:
    nothing, brought = np.full(1000, 0.3), np.ones(1000)
    evenly = np.linspace(0.3005, 0.9995, 1000)
    assert calibrated_level(nothing, np.where(evenly < 0.6, 0.5, evenly), brought) == pytest.approx(
        0.86, abs=0.3
    )
    too_high = 0.3 + 0.7 * np.linspace(0.0005, 0.9995, 1000) ** 0.1
    assert calibrated_level(nothing, too_high, brought) > 0.95
    assert calibrated_level(nothing, np.full(1000, 0.5), brought) == 0.8
    assert calibrated_level(np.full(10, 0.9), np.full(10, 0.95), np.ones(10)) == 0.8


def test_where_all_days_are_worth_the_same_limits_are_whole_days() -> None:
    chances = SpendDistribution(CLIENTS, BUYING, ConstantSpend(10.0), 39.0, 273)
    low, high = chances.limits(0.8)
    assert np.all(high % 10 == 0)
    assert np.all(low <= high)
    assert np.all(SpendDistribution(CLIENTS, BUYING, ConstantSpend(0.0), 39.0, 273).limits(0.8)[1] == 0)


def test_one_trial_that_was_far_off_leaves_much_open() -> None:
    values, means = np.full(400, 100.0), np.full(400, 20.0)
    near, far = limits_of_sum(values, means, 1000, 1010), limits_of_sum(values, means, 1000, 1200)
    assert near[0] < 40_000 < near[1] < far[1]
    assert far[0] == pytest.approx(40_000 * 1.2**-3.08, rel=0.02)
    assert limits_of_sum(values, means, 1000, 0) == (0, np.inf)

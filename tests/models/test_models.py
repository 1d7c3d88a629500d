"""The models find what is published of real data, what is put into made-up data, and say what they can't."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from clientela_server.models import bg_nbd, fitting, gamma_gamma
from clientela_server.models.bg_nbd import BgNbd, fit_bg_nbd
from clientela_server.models.gamma_gamma import ConstantSpend, GammaGamma, fit_gamma_gamma, fit_spending
from clientela_server.models.histories import Histories, InsufficientHistory
from clientela_server.models.lifetime import Period, predict
from tests.models.cdnow_histories import calibrating

WEEKS_OF_MONTH = 4.345


@pytest.fixture(scope="module")
def clients() -> Histories:
    return calibrating()


@pytest.fixture(scope="module")
def buying(clients: Histories) -> BgNbd:
    return fit_bg_nbd(clients)


@pytest.fixture(scope="module")
def spending(clients: Histories) -> GammaGamma:
    return fit_gamma_gamma(clients)


def about(value: float, tolerance: float) -> object:
    return pytest.approx(value, rel=tolerance)


# ---- what is published of the CDNOW sample


def test_bg_nbd_finds_the_published_parameters(buying: BgNbd) -> None:
    # Fader, Hardie, Lee 2005, table 2, to the digits printed there: .243, 4.414, .793, 2.426, -9582.4
    assert [buying.r, buying.alpha, buying.a, buying.b] == about(
        [0.242595, 4.413602, 0.792922, 2.425907], 1e-4
    )
    assert buying.log_likelihood == pytest.approx(-9582.4292, abs=0.01)
    assert buying.found.agreeing == buying.found.starts
    assert not buying.found.at_the_edge


def test_gamma_gamma_finds_the_published_parameters(spending: GammaGamma) -> None:
    assert [spending.p, spending.q, spending.v] == about([6.249569, 3.744225, 15.443533], 1e-4)
    assert spending.log_likelihood == pytest.approx(-4055.9177, abs=0.01)
    assert spending.population_mean == about(35.170372, 1e-4)
    assert spending.correlation == about(0.113888, 1e-3)


def test_what_is_expected_is_what_is_published(clients: Histories, buying: BgNbd) -> None:
    assert buying.expected(39.0, clients.x, clients.t_x, clients.T).sum() == about(1653.409, 1e-4)
    assert buying.p_alive(clients.x, clients.t_x, clients.T).sum() == about(1917.278, 1e-4)
    assert buying.expected_of_new(52.0) == about(1.444012, 1e-4)


def test_the_value_of_twelve_months(clients: Histories, buying: BgNbd, spending: GammaGamma) -> None:
    months = [Period(k * WEEKS_OF_MONTH, 1.01**-k) for k in range(1, 13)]
    found = predict(clients, buying, spending, months)
    assert found.value.sum() == about(71507.95, 1e-4)
    assert np.all(found.value >= 0)
    assert np.all((found.p_alive >= 0) & (found.p_alive <= 1))


@pytest.mark.parametrize("yearly", [0.0, 0.1, 2.0])
def test_the_value_of_many_periods_is_that_of_each_added_up(
    clients: Histories, buying: BgNbd, spending: GammaGamma, yearly: float
) -> None:
    months = [Period(k * WEEKS_OF_MONTH, (1 + yearly) ** (-k / 12)) for k in range(1, 121)]
    value, before = np.zeros(len(clients)), np.zeros(len(clients))
    for month in months:
        until = buying.expected(month.end, clients.x, clients.t_x, clients.T)
        value += (until - before) * month.worth
        before = until
    value *= spending.expected_mean(clients.x, clients.mean_spend)
    found = predict(clients, buying, spending, months)
    assert found.value == pytest.approx(value, rel=2e-4, abs=1e-3)
    assert found.value.sum() == about(value.sum(), 1e-5)
    assert found.purchases == pytest.approx(before, rel=1e-9)


def test_a_client_who_bought_once_is_never_lost_by_the_model_alone(clients: Histories, buying: BgNbd) -> None:
    once = clients.x == 0
    assert np.all(buying.p_alive(clients.x, clients.t_x, clients.T)[once] == 1.0)


def test_the_unit_of_time_changes_nothing_but_alpha(clients: Histories, buying: BgNbd) -> None:
    days = fit_bg_nbd(Histories(clients.x, clients.t_x * 7, clients.T * 7, clients.mean_spend))
    assert [days.r, days.alpha / 7, days.a, days.b] == about(
        [buying.r, buying.alpha, buying.a, buying.b], 1e-3
    )
    expected = days.expected(39 * 7, clients.x, clients.t_x * 7, clients.T * 7).sum()
    assert expected == about(1653.409, 1e-3)


def test_what_is_expected_has_no_hole_where_a_is_one(clients: Histories, buying: BgNbd) -> None:
    around = [
        replace(buying, a=a).expected(39.0, clients.x, clients.t_x, clients.T).sum()
        for a in (0.9999, 1.0, 1.0001)
    ]
    assert around[1] == about((around[0] + around[2]) / 2, 1e-5)


@given(
    st.lists(st.floats(-12, 12), min_size=4, max_size=4),
    st.floats(0.01, 600),
    st.integers(0, 300),
    st.floats(0, 600),
)
def test_what_is_expected_is_a_number_whatever_was_found(
    logarithms: list[float], t: float, x: int, observed: float
) -> None:
    r, alpha, a, b = np.exp(logarithms)
    found = BgNbd(r, alpha, a, b, 0.0, fitting.Fit(np.exp(logarithms), 0.0, 1, 1))
    [expected] = found.expected(
        t, np.array([float(x)]), np.array([observed / 2 if x else 0.0]), np.array([observed])
    )
    assert 0.0 <= expected <= (r + x) / (alpha + observed) * t * 1.001


def test_where_the_equation_can_be_reckoned_the_average_is_the_same(
    clients: Histories, buying: BgNbd
) -> None:
    exact = bg_nbd._expected_if_alive(buying, 39.0, clients.x, clients.T)
    assert bg_nbd._averaged(buying, 39.0, clients.x, clients.T) == about(exact, 1e-3)


# ---- what is put in comes out


def made_up(count: int, r: float, alpha: float, a: float, b: float) -> Histories:
    """Let clients buy as the model says they do."""
    chance = np.random.default_rng(20261122)
    observed = chance.uniform(27, 39, count)
    rate, leaves = chance.gamma(r, 1 / alpha, count), chance.beta(a, b, count)
    x, t_x, now = np.zeros(count), np.zeros(count), np.zeros(count)
    there = np.ones(count, dtype=bool)
    while there.any():
        now = now + chance.exponential(1, count) / rate
        there &= now < observed
        x[there] += 1
        t_x[there] = now[there]
        there &= chance.random(count) >= leaves
    mean = np.where(
        x > 0, chance.gamma(6.0 * np.maximum(x, 1)) / np.maximum(x, 1) / chance.gamma(4.0, 1 / 15, count), 0
    )
    return Histories(x, t_x, observed, mean)


@pytest.mark.parametrize("of_all", [True, False])
def test_the_parameters_that_made_the_clients_are_found(
    monkeypatch: pytest.MonkeyPatch, of_all: bool
) -> None:
    monkeypatch.setattr(bg_nbd, "SKETCH", 10**9 if of_all else 2_000)
    monkeypatch.setattr(gamma_gamma, "SKETCH", 10**9 if of_all else 2_000)
    clients = made_up(60_000, 0.6, 8.0, 0.9, 3.0)
    buying, spending = fit_bg_nbd(clients), fit_gamma_gamma(clients)
    assert [buying.r, buying.alpha, buying.a, buying.b] == about([0.6, 8.0, 0.9, 3.0], 0.1)
    assert [spending.p, spending.q, spending.v] == about([6.0, 4.0, 15.0], 0.1)


@given(st.lists(st.floats(0.05, 20), min_size=4, max_size=4))
def test_the_gradients_are_those_of_the_likelihoods(parameters: list[float]) -> None:
    clients = made_up(50, 0.6, 8.0, 0.9, 3.0)
    x, m = clients.spenders()

    def of_buying(at: np.ndarray) -> tuple[float, np.ndarray]:
        values, gradients = bg_nbd._log_likelihood(at, clients.x, clients.t_x, clients.T)
        return float(values.sum()), gradients.sum(axis=1)

    for likelihood, at in (
        (of_buying, np.array(parameters)),
        (lambda at: gamma_gamma._log_likelihood(at, x, m), np.array(parameters[:3])),
    ):
        value, gradient = likelihood(at)
        approximate = approx_fprime(at, likelihood_only(likelihood), 1e-7)
        assert approximate == pytest.approx(gradient, rel=1e-3, abs=1e-3 + abs(value) * 1e-5)


def likelihood_only(likelihood: fitting.LogLikelihood) -> Callable[[np.ndarray], float]:
    return lambda at: likelihood(at)[0]


# ---- what can't be told is said


def histories(*clients: tuple[float, float, float, float]) -> Histories:
    return Histories(*np.array(clients, dtype=np.float64).T)


def test_where_nobody_came_back_there_is_nothing_to_fit() -> None:
    with pytest.raises(InsufficientHistory, match="no client came back"):
        fit_bg_nbd(histories((0, 0, 10, 0), (0, 0, 20, 0)))


def test_where_one_client_paid_there_is_nothing_to_fit() -> None:
    with pytest.raises(InsufficientHistory, match="too few clients"):
        fit_gamma_gamma(histories((3, 9, 10, 5), (0, 0, 20, 0), (2, 3, 9, 0)))


@pytest.mark.parametrize(
    ("clients", "mean"),
    [
        ([(3, 9, 10, 5), (0, 0, 20, 0), (1, 3, 9, 5)], 5.0),
        ([(3, 9, 10, 8), (0, 0, 20, 0), (1, 3, 9, 0)], 6.0),
        ([(0, 0, 20, 0)], 0.0),
    ],
)
def test_where_amounts_tell_nothing_a_purchase_is_worth_what_one_was(
    clients: list[tuple[float, float, float, float]], mean: float
) -> None:
    known = histories(*clients)
    spending = fit_spending(known)
    assert spending == ConstantSpend(mean)
    assert spending.expected_mean(known.x, known.mean_spend).tolist() == [mean] * len(clients)


def test_data_that_do_not_determine_a_parameter_are_told() -> None:
    found = fit_bg_nbd(histories(*[(4.0, 8.0, 10.0, 5.0)] * 50))
    assert found.found.at_the_edge


@pytest.mark.parametrize(
    "client", [(-1.0, 0, 5, 0), (1.0, 6, 5, 0), (1.0, 0.0, 5, 0), (0.0, 3.0, 5, 0), (2.0, -1.0, 5.0, 0)]
)
def test_figures_that_contradict_each_other_are_refused(client: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"must hold|is 0 where"):
        histories(client)


def test_a_likelihood_without_a_summit_is_told() -> None:
    with pytest.raises(InsufficientHistory, match="no summit"):
        fitting.fit(lambda at: (float("nan"), at), [(1.0,)])

"""Fitting: the gradients of both likelihoods are right, and a likelihood without a maximum is refused."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from clientela_server.models import bg_nbd, fitting, gamma_gamma
from clientela_server.models.histories import InsufficientHistory
from tests.models.made_up import made_up


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


def test_a_likelihood_without_a_summit_is_reported() -> None:
    with pytest.raises(InsufficientHistory, match="no summit"):
        fitting.fit(lambda at: (float("nan"), at), [(1.0,)])

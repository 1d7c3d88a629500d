"""Gamma-Gamma finds what is published of the CDNOW sample and the parameters of made-up data."""

import pytest

from clientela_server.models import gamma_gamma
from clientela_server.models.gamma_gamma import ConstantSpend, GammaGamma, fit_gamma_gamma, fit_spending
from clientela_server.models.histories import InsufficientHistory
from tests.models.made_up import about, histories_of, made_up


def test_gamma_gamma_finds_the_published_parameters(spending: GammaGamma) -> None:
    assert [spending.p, spending.q, spending.v] == about([6.249569, 3.744225, 15.443533], 1e-4)
    assert spending.log_likelihood == pytest.approx(-4055.9177, abs=0.01)
    assert spending.population_mean == about(35.170372, 1e-4)
    assert spending.correlation == about(0.113888, 1e-3)


@pytest.mark.parametrize("of_all", [pytest.param(True, marks=pytest.mark.long), False])
def test_the_parameters_that_made_the_clients_are_found(
    monkeypatch: pytest.MonkeyPatch, of_all: bool
) -> None:
    monkeypatch.setattr(gamma_gamma, "SKETCH", 10**9 if of_all else 2_000)
    spending = fit_gamma_gamma(made_up(60_000, 0.6, 8.0, 0.9, 3.0))
    assert [spending.p, spending.q, spending.v] == about([6.0, 4.0, 15.0], 0.1)


def test_where_one_client_paid_there_is_nothing_to_fit() -> None:
    with pytest.raises(InsufficientHistory, match="too few clients"):
        fit_gamma_gamma(histories_of((3, 9, 10, 5), (0, 0, 20, 0), (2, 3, 9, 0)))


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
    known = histories_of(*clients)
    spending = fit_spending(known)
    assert spending == ConstantSpend(mean)
    assert spending.expected_mean(known.x, known.mean_spend).tolist() == [mean] * len(clients)

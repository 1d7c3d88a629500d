"""BG/NBD finds what is published of the CDNOW sample and the parameters that made-up data were drawn with."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.models import bg_nbd, fitting
from clientela_server.models.bg_nbd import BgNbd, fit_bg_nbd
from clientela_server.models.histories import Histories, InsufficientHistory
from tests.models.made_up import about, histories_of, made_up


def test_bg_nbd_finds_the_published_parameters(buying: BgNbd) -> None:
    # Fader, Hardie, Lee 2005, table 2, to the digits printed there: .243, 4.414, .793, 2.426, -9582.4
    assert [buying.r, buying.alpha, buying.a, buying.b] == about(
        [0.242595, 4.413602, 0.792922, 2.425907], 1e-4
    )
    assert buying.log_likelihood == pytest.approx(-9582.4292, abs=0.01)
    assert buying.found.agreeing == buying.found.starts
    assert not buying.found.at_the_edge


def test_what_is_expected_is_what_is_published(clients: Histories, buying: BgNbd) -> None:
    assert buying.expected(39.0, clients.x, clients.t_x, clients.T).sum() == about(1653.409, 1e-4)
    assert buying.p_alive(clients.x, clients.t_x, clients.T).sum() == about(1917.278, 1e-4)
    assert buying.expected_of_new(52.0) == about(1.444012, 1e-4)


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
    found = BgNbd(
        r=r, alpha=alpha, a=a, b=b, log_likelihood=0.0, found=fitting.Fit(np.exp(logarithms), 0.0, 1, 1)
    )
    [expected] = found.expected(
        t, np.array([float(x)]), np.array([observed / 2 if x else 0.0]), np.array([observed])
    )
    assert 0.0 <= expected <= (r + x) / (alpha + observed) * t * 1.001


def test_where_the_equation_can_be_reckoned_the_average_is_the_same(
    clients: Histories, buying: BgNbd
) -> None:
    exact = bg_nbd._expected_if_alive(buying, 39.0, clients.x, clients.T)
    assert bg_nbd._averaged(buying, 39.0, clients.x, clients.T) == about(exact, 1e-3)


@pytest.mark.parametrize("of_all", [pytest.param(True, marks=pytest.mark.long), False])
def test_the_parameters_that_made_the_clients_are_found(
    monkeypatch: pytest.MonkeyPatch, of_all: bool
) -> None:
    monkeypatch.setattr(bg_nbd, "SKETCH", 10**9 if of_all else 2_000)
    buying = fit_bg_nbd(made_up(60_000, 0.6, 8.0, 0.9, 3.0))
    assert [buying.r, buying.alpha, buying.a, buying.b] == about([0.6, 8.0, 0.9, 3.0], 0.1)


def test_where_nobody_came_back_there_is_nothing_to_fit() -> None:
    with pytest.raises(InsufficientHistory, match="no client came back"):
        fit_bg_nbd(histories_of((0, 0, 10, 0), (0, 0, 20, 0)))


def test_data_that_do_not_determine_a_parameter_are_reported() -> None:
    found = fit_bg_nbd(histories_of(*[(4.0, 8.0, 10.0, 5.0)] * 50))
    assert found.found.at_the_edge

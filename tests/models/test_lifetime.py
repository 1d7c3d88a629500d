"""Expected revenue of a customer: the published value of twelve months, and that of any periods."""

import numpy as np
import pytest

from clientela_server.models.bg_nbd import BgNbd
from clientela_server.models.gamma_gamma import GammaGamma
from clientela_server.models.histories import Histories
from clientela_server.models.lifetime import Period, predict
from tests.models.made_up import about

WEEKS_OF_MONTH = 4.345


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

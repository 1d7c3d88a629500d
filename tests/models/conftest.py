"""The CDNOW sample, and the two models fitted to it, once a session."""

import pytest

from clientela_server.models.bg_nbd import BgNbd, fit_bg_nbd
from clientela_server.models.gamma_gamma import GammaGamma, fit_gamma_gamma
from clientela_server.models.histories import Histories
from tests.models.cdnow_histories import calibrating


@pytest.fixture(scope="session")
def clients() -> Histories:
    return calibrating()


@pytest.fixture(scope="session")
def buying(clients: Histories) -> BgNbd:
    return fit_bg_nbd(clients)


@pytest.fixture(scope="session")
def spending(clients: Histories) -> GammaGamma:
    return fit_gamma_gamma(clients)

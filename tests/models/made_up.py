"""Histories for the models: written down, or drawn as the models say that clients buy."""

import numpy as np
import pytest

from clientela_server.models.histories import Histories


def histories_of(*clients: tuple[float, float, float, float]) -> Histories:
    return Histories(*np.array(clients, dtype=np.float64).T)


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


def about(value: float, tolerance: float) -> object:
    return pytest.approx(value, rel=tolerance)

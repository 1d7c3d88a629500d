"""Customer lifetime value: expected purchases, their mean value, and discounting.

    sum over k = 1..n of  E[spend] * (purchases expected in the k-th period) * (worth of a coin at its end)

Periods are given by when they end, in the unit of time that the model was fitted in: a month is not 30 weeks,
and not always 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from clientela_server.models.bg_nbd import BgNbd
from clientela_server.models.gamma_gamma import ConstantSpend, GammaGamma
from clientela_server.models.histories import Figures, Histories

# Of more periods than this, so many ends are computed: what is expected lies on a smooth curve through them.
_ENDS_MAX = 24


@dataclass(frozen=True)
class Period:
    """The end of a period, in the models' unit of time, and the discount factor at it."""

    end: float
    worth: float


@dataclass(frozen=True)
class Prediction:
    """Predictions, arrays of shape (n,): purchases, P(alive), mean spend, discounted value."""

    purchases: Figures
    p_alive: Figures
    mean_spend: Figures
    value: Figures


def predict(
    histories: Histories, buying: BgNbd, spending: GammaGamma | ConstantSpend, periods: Sequence[Period]
) -> Prediction:
    """Predict over consecutive periods, the first of which begins where the histories end."""
    groups = histories.grouped()
    ends, weights = _weighted(periods)
    purchases, discounted = np.zeros(len(groups.x)), np.zeros(len(groups.x))
    for end, weight in zip(ends, weights, strict=True):
        purchases = buying.expected(float(end), groups.x, groups.t_x, groups.T)
        discounted += weight * purchases
    alive = buying.p_alive(groups.x, groups.t_x, groups.T)
    mean_spend = spending.expected_mean(histories.x, histories.mean_spend)
    of = groups.group_of
    return Prediction(purchases[of], alive[of], mean_spend, mean_spend * np.maximum(discounted, 0.0)[of])


def _weighted(periods: Sequence[Period]) -> tuple[Figures, Figures]:
    """Return the ends to evaluate, shape (m,), and the weight of each in the discounted sum, shape (m,).

    What comes in a period is what comes until its end, less what comes until that of the one before.
    """
    ends = np.array([period.end for period in periods])
    worth = np.array([period.worth for period in periods])
    weights = worth - np.append(worth[1:], 0.0)
    if len(ends) <= _ENDS_MAX:
        return ends, weights
    # Close together at first, where the curve bends most; nothing has come at time 0.
    nodes = ends[-1] * np.linspace(0.0, 1.0, _ENDS_MAX + 1) ** 2
    curves = CubicSpline(nodes, np.eye(len(nodes)))(ends)
    return nodes[1:], (weights @ curves)[1:]

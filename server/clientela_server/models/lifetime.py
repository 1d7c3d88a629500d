"""The value of what a client is still to bring: how many purchases, worth how much, and how soon.

    sum over k = 1..n of  E[spend] * (purchases expected in the k-th period) / (1 + d)^k

d is the rate of discount for one period, from a yearly one: (1 + yearly)^(period / year) - 1. Periods are
given by their number and their length, in the unit of time that the model was fitted in: a month is not 30
weeks, and not always 4.
"""

from dataclasses import dataclass

import numpy as np

from clientela_server.models.bg_nbd import BgNbd
from clientela_server.models.gamma_gamma import GammaGamma
from clientela_server.models.histories import Figures, Histories


@dataclass(frozen=True)
class Prediction:
    """What is foretold of each client: purchases, P(alive), mean spend, and the discounted value."""

    purchases: Figures
    p_alive: Figures
    mean_spend: Figures
    value: Figures


def predict(
    histories: Histories,
    buying: BgNbd,
    spending: GammaGamma,
    *,
    periods: int,
    period: float,
    discount: float,
) -> Prediction:
    """Foretell `periods` periods of the length `period`; `discount` is the rate for one of them."""
    groups = histories.grouped()
    before, discounted = np.zeros(len(groups.x)), np.zeros(len(groups.x))
    for k in range(1, periods + 1):
        until = buying.expected(k * period, groups.x, groups.t_x, groups.T)
        discounted += (until - before) / (1.0 + discount) ** k
        before = until
    alive = buying.p_alive(groups.x, groups.t_x, groups.T)
    mean_spend = spending.expected_mean(histories.x, histories.mean_spend)
    of = groups.group_of
    return Prediction(before[of], alive[of], mean_spend, mean_spend * discounted[of])

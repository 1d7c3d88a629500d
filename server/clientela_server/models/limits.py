"""Prediction intervals that hold for 80 % of clients, from the joint distribution of both models.

How probable n purchase days are is told by BG/NBD, and that n days bring less than an amount by Gamma-Gamma:
added up over n that is the chance to bring less, exactly, without a draw. Most clients bring nothing at all,
and half of nothing can't be had. So

    nothing < tail      from what 1 of 10 falls short of to what 1 of 10 exceeds
    nothing < level     from 0 to what 2 of 10 exceed
    else                0: what brings nothing in more than 8 of 10 cases; these limits hold more often

with level = 0.8 and tail = (1 - level) / 2. Where all days are worth the same (`ConstantSpend`), an amount
exactly at the limit counts by half (the mid-p of H. O. Lancaster, JASA 56, 1961): else limits hold too often.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela_server.models.bg_nbd import BgNbd
from clientela_server.models.gamma_gamma import ConstantSpend, GammaGamma
from clientela_server.models.histories import Figures, Histories

LEVEL = 0.8
_BATCH_SIZE = 512
_UNLIKELY = 1e-6
# A millionth of the share that an amount is of it and what is known.
_HALVINGS = 20


@dataclass(frozen=True)
class SpendDistribution:
    """The distribution of n clients' undiscounted spend in the next `time`, on at most `days_max` days."""

    histories: Histories
    buying: BgNbd
    spending: GammaGamma | ConstantSpend
    time: float
    days_max: int

    @property
    def p_zero(self) -> Figures:
        """P(spend = 0) of each client, shape (n,)."""
        known = self.histories
        return self.buying.p_no_purchase(self.time, known.x, known.t_x, known.T)

    def cdf(self, amounts: Figures) -> Figures:
        """Return P(spend < amount) of each client; `amounts` in units of the currency, shape (n,)."""
        found = self.p_zero
        for some, days in self._batches(amounts > 0):
            found[some] += self._cdf(some, days, amounts[some])
        return found

    def limits(self, level: float) -> tuple[Figures, Figures]:
        """Return lower and upper limits at a level in (0, 1), each of shape (n,), in currency units."""
        p_zero, tail = self.p_zero, (1.0 - level) / 2.0
        two_sided = p_zero < tail
        low, high = np.zeros(len(p_zero)), np.zeros(len(p_zero))
        for some, days in self._batches(p_zero < level):
            upper = np.where(two_sided[some], 1.0 - tail, level)
            high[some] = self._amounts(some, days, upper - p_zero[some])
        for some, days in self._batches(two_sided):
            low[some] = self._amounts(some, days, tail - p_zero[some], begin=1)
        return low, high

    def _batches(self, chosen: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], Figures]]:
        """Yield client indices, similar in `max_purchase_days`, with P(n days), shape (batch, days)."""
        known = self.histories
        most = np.minimum(self.buying.max_purchase_days(self.time, known.x, known.T), self.days_max)
        places = np.flatnonzero(chosen)
        places = places[np.argsort(most[places], kind="stable")]
        for begin in range(0, len(places), _BATCH_SIZE):
            some = places[begin : begin + _BATCH_SIZE]
            figures = (known.x[some], known.t_x[some], known.T[some])
            days = self.buying.p_purchase_days(self.time, *figures, max(int(most[some[-1]]), 1))
            likely = np.flatnonzero(days.max(axis=0) > _UNLIKELY)
            yield some, days[:, : likely[-1] + 1]

    def _cdf(self, some: NDArray[np.int64], days: Figures, amounts: Figures) -> Figures:
        """Return P(0 < spend < amount), shape (batch,)."""
        x, mean = self.histories.x[some], self.histories.mean_spend[some]
        n = np.arange(1.0, days.shape[1] + 1.0)
        found: Figures = (days * self.spending.cdf(x, mean, n, amounts)).sum(axis=1)
        return found

    def _amounts(self, some: NDArray[np.int64], days: Figures, chance: Figures, *, begin: int = 0) -> Figures:
        """Return the quantiles of P(0 < spend < amount) by bisection, shape (batch,).

        begin: of days that are worth the same, so many more than are within the chance.
        """
        if isinstance(self.spending, ConstantSpend):
            within = np.cumsum(days, axis=1) - days / 2.0 <= chance[:, None]
            count: Figures = within.sum(axis=1, dtype=np.float64)
            return self.spending.mean * (count + begin)
        scale = self.spending.expected_mean(self.histories.x[some], self.histories.mean_spend[some])
        low, high = np.zeros(len(some)), np.ones(len(some))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            less = self._cdf(some, days, scale * middle / (1.0 - middle)) < chance
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        found: Figures = scale * high / (1.0 - np.minimum(high, 1.0 - 1e-9))
        return found


def covered(p_zero: Figures, below: Figures, brought: Figures, level: float) -> NDArray[np.bool_]:
    """Return which actual spends were within their limits, from P(0) and the CDF at the actual spend."""
    tail = (1.0 - level) / 2.0
    within: NDArray[np.bool_] = (brought > 0) & (below >= tail) & (below <= 1.0 - tail)
    up_to: NDArray[np.bool_] = (brought <= 0) | (below <= level)
    return np.where(p_zero < tail, within, up_to)


def calibrated_level(p_zero: Figures, below: Figures, brought: Figures) -> float:
    """Return the level in [0.8, 0.99] at which limits cover LEVEL of the clients whose limits exceed 0.

    At least the promised one: what is wider than need be by chance in one trial is not taken back.
    """
    open_ended = p_zero < LEVEL
    figures = (p_zero[open_ended], below[open_ended], brought[open_ended])
    for percent in range(round(100 * LEVEL), 99):
        if not open_ended.any() or covered(*figures, percent / 100).mean() >= LEVEL:
            return percent / 100
    return 0.99


def limits_of_sum(values: Figures, mean_spend: Figures, predicted: float, came: float) -> tuple[float, float]:
    """Return the limits of the total spend, from sampling variance and the error of one back-test.

    Of one trial the tenth part beyond is 3.08 of its errors away (Student's t with one degree of freedom), of
    chance 1.28 deviations; both count by logarithms.
    """
    total = float(values.sum())
    if total <= 0.0 or predicted <= 0.0 or came <= 0.0:
        return 0.0, math.inf
    chance = float((values * mean_spend).sum()) / total**2
    width = math.sqrt(_OF_CHANCE**2 * chance + (_OF_ONE_TRIAL * math.log(came / predicted)) ** 2)
    return total * math.exp(-width), total * math.exp(width)


_OF_CHANCE = 1.2816
_OF_ONE_TRIAL = math.tan(0.4 * math.pi)

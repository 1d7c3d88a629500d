"""The back-test: the models fitted on what was known on an earlier day, against what came to pass since.

Its clients, in the order of what was foretold of them, are divided into bins; in each, one of ten brought
less than `low` and one of ten more than `high`. Who is foretold as much now is given the same limits. Between
the middles of two bins limits are on a line.
"""

from dataclasses import dataclass

import numpy as np

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.models.bg_nbd import fit_bg_nbd
from clientela_server.models.gamma_gamma import fit_spending
from clientela_server.models.histories import Figures, NotEnough
from clientela_server.models.lifetime import Period, predict
from clientela_server.reports.histories import WEEK, Observed
from clientela_server.reports.sums import in_nanos, total

# Of more clients only so many are fitted on, evenly chosen; what is foretold is compared for all.
_FITTED_MAX = 100_000
_IN_BIN = 50
_BINS_MAX = 20
_LOW, _HIGH = 10, 90


@dataclass(frozen=True)
class BackTest:
    """What was foretold and what came, not discounted: in units of the currency, and in nanos.

    middles, low, high: by bin, what was foretold, and what one of ten fell short of and exceeded.
    """

    fitted_until: int
    days: int
    predicted_purchase_days: float
    actual_purchase_days: int
    predicted_amount: float
    actual_nanos: int
    middles: Figures
    low: Figures
    high: Figures

    @property
    def relative_error(self) -> float:
        """By how much of what came too much was foretold; 0 where nothing came."""
        actual = self.actual_nanos / NANOS_PER_UNIT
        return (self.predicted_amount - actual) / actual if actual else 0.0

    def limits(self, foretold: Figures) -> tuple[Figures, Figures]:
        """Tell how low and how high what is foretold for so many days may come out."""
        low, high = (np.interp(foretold, self.middles, each) for each in (self.low, self.high))
        beyond = np.maximum(foretold / self.middles[-1], 1.0) if self.middles[-1] > 0 else 1.0
        return low * beyond, high * beyond


def back_test(observed: Observed, as_of: int, fitted_until: int) -> BackTest | None:
    """Fit until an earlier day and compare; None where too little was known by then."""
    if fitted_until >= as_of:
        return None
    histories = observed.earlier.histories(fitted_until)
    some = histories.every(1 + len(histories) // _FITTED_MAX)
    try:
        buying = fit_bg_nbd(some)
    except NotEnough:
        return None
    days = as_of - fitted_until
    found = predict(histories, buying, fit_spending(some), [Period(days / WEEK, 1.0)])
    there = observed.earlier.x >= 0
    then, now = observed.earlier.of(there), observed.known.of(there)
    brought = in_nanos(now.units - then.units, now.nanos - then.nanos)
    return BackTest(
        fitted_until,
        days,
        float(found.purchases.sum()),
        int((now.x - then.x).sum()),
        float(found.value.sum()),
        total(brought),
        *_bins(found.value, brought.astype(np.float64) / NANOS_PER_UNIT),
    )


def _bins(foretold: Figures, brought: Figures) -> tuple[Figures, Figures, Figures]:
    """Divide clients into bins of equal size, by what was foretold of them."""
    order = np.argsort(foretold, kind="stable")
    bins = np.array_split(order, min(max(len(order) // _IN_BIN, 1), _BINS_MAX))
    middles = np.array([np.median(foretold[each]) for each in bins])
    low, high = (np.array([np.percentile(brought[each], part) for each in bins]) for part in (_LOW, _HIGH))
    return middles, low, high

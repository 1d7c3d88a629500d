"""The back-test: models fitted up to an earlier day, compared with the actual purchases since.

It also tells how often the limits held that were predicted with it: of all clients, and of those of whom most
was predicted. Where they held less often than is promised, those of today are made for a higher level.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.models.bg_nbd import fit_bg_nbd
from clientela_server.models.gamma_gamma import fit_spending
from clientela_server.models.histories import Figures, InsufficientHistory
from clientela_server.models.lifetime import Period, predict
from clientela_server.models.limits import LEVEL, SpendDistribution, calibrated_level, covered
from clientela_server.reports.clients import Ints
from clientela_server.reports.histories import WEEK, Observed
from clientela_server.reports.sums import in_nanos, total

# Of more clients only so many are fitted on, evenly chosen; what is predicted is compared for all.
_FITTED_MAX = 100_000
# And of so many it is looked whether limits held.
_TRIED_MAX = 20_000
TOP = 50


@dataclass(frozen=True, kw_only=True)
class BackTest:
    """Predicted and actual purchase days and amounts, undiscounted, in units and nanos."""

    fitted_until: int
    days: int
    predicted_purchase_days: float
    actual_purchase_days: int
    predicted_amount: float
    actual_nanos: int
    coverage: "LimitCoverage"

    @property
    def relative_error(self) -> float:
        """(predicted - actual) / actual; 0 if nothing was bought."""
        actual = self.actual_nanos / NANOS_PER_UNIT
        return (self.predicted_amount - actual) / actual if actual else 0.0


@dataclass(frozen=True)
class LimitCoverage:
    """The share of clients within their limits: all, those with limits above 0, the TOP by prediction.

    share_zero: the share without a purchase. level: the calibrated level for current predictions.
    """

    covered: float
    covered_open: float
    covered_top: float
    share_zero: float
    level: float


def back_test(observed: Observed, as_of: int, fitted_until: int) -> BackTest | None:
    """Fit up to an earlier day and compare with the actual; None with too little history by then."""
    if fitted_until >= as_of:
        return None
    histories = observed.earlier.histories(fitted_until)
    some = histories.every(1 + len(histories) // _FITTED_MAX)
    try:
        buying = fit_bg_nbd(some)
    except InsufficientHistory:
        return None
    days = as_of - fitted_until
    spending = fit_spending(some)
    found = predict(histories, buying, spending, [Period(days / WEEK, 1.0)])
    there = observed.earlier.x >= 0
    then, now = observed.earlier.of(there), observed.known.of(there)
    brought = in_nanos(now.units - then.units, now.nanos - then.nanos)
    return BackTest(
        fitted_until=fitted_until,
        days=days,
        predicted_purchase_days=float(found.purchases.sum()),
        actual_purchase_days=int((now.x - then.x).sum()),
        predicted_amount=float(found.value.sum()),
        actual_nanos=total(brought),
        coverage=_coverage(
            lambda chosen: SpendDistribution(histories.of(chosen), buying, spending, days / WEEK, days),
            found.value,
            brought.astype(np.float64) / NANOS_PER_UNIT,
        ),
    )


def _coverage(
    chances: Callable[[Ints], SpendDistribution], predicted: Figures, brought: Figures
) -> LimitCoverage:
    """Measure the coverage of the limits."""

    def looked_at(chosen: Ints) -> tuple[Figures, Figures, Figures]:
        tried, came = chances(chosen), brought[chosen]
        return tried.p_zero, tried.cdf(came), came

    some = np.arange(0, len(predicted), 1 + len(predicted) // _TRIED_MAX)
    of_all = looked_at(some)
    of_top = looked_at(np.argsort(-predicted, kind="stable")[:TOP])
    all_held, is_open = covered(*of_all, LEVEL), of_all[0] < LEVEL
    return LimitCoverage(
        float(all_held.mean()),
        float(all_held[is_open].mean()) if is_open.any() else 1.0,
        float(covered(*of_top, LEVEL).mean()),
        float((brought[some] <= 0).mean()),
        calibrated_level(*of_all),
    )

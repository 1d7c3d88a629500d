"""Predictions for all clients: the models fitted to all buyers, and each active client's value.

The back-test looks back as far as the forecast looks ahead, but at most half of the time that there is. Each
figure is predicted for clients not deleted; the models are fitted on all. docs/economics.md has the formulas.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clientela_server.domain.days import date_of
from clientela_server.domain.errors import FailedPrecondition
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.models.bg_nbd import BgNbd, fit_bg_nbd
from clientela_server.models.gamma_gamma import ConstantSpend, GammaGamma, fit_spending
from clientela_server.models.histories import Figures, Histories, InsufficientHistory
from clientela_server.models.lifetime import Period, Prediction, predict
from clientela_server.models.limits import SpendDistribution, limits_of_sum
from clientela_server.reports.back_test import BackTest, back_test
from clientela_server.reports.clients import Ints
from clientela_server.reports.histories import WEEK, Observed
from clientela_server.reports.orders import Order

YEAR = 365
_MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Model:
    """The fitted models; `customers`: number of clients, `as_of`: last day, `repeats`: sum of x."""

    customers: int
    repeats: int
    as_of: int
    buying: BgNbd
    spending: GammaGamma | ConstantSpend
    spenders: int
    back_test: BackTest | None

    def require_determined(self) -> None:
        """Raise FailedPrecondition if a parameter ran to the bound of the search."""
        spending = self.gamma_gamma
        if self.buying.found.at_the_edge or (spending is not None and spending.found.at_the_edge):
            raise FailedPrecondition(
                "MODEL_AT_THE_EDGE", as_of=date_of(self.as_of), customer_count=str(self.customers)
            )

    @property
    def gamma_gamma(self) -> GammaGamma | None:
        """The model of amounts; None where there is none, and a purchase is worth the same for all."""
        return self.spending if isinstance(self.spending, GammaGamma) else None


@dataclass(frozen=True)
class Forecast:
    """Predictions for the n clients that are not deleted; amounts in units of the currency."""

    model: Model
    ids: NDArray[np.bytes_]
    found: Prediction
    history: Histories
    horizon_days: int

    def limits(self, places: Ints) -> tuple[Figures, Figures] | None:
        """Return the value limits of clients, by index; None without a back-test to calibrate them."""
        model, found = self.model, self.found
        if model.back_test is None:
            return None
        weeks, history = self.horizon_days / WEEK, self.history.of(places)
        chances = SpendDistribution(history, model.buying, model.spending, weeks, self.horizon_days)
        low, high = chances.limits(model.back_test.coverage.level)
        predicted = found.purchases[places] * found.mean_spend[places]
        discount = np.divide(found.value[places], predicted, out=np.zeros(len(places)), where=predicted > 0)
        return low * discount, high * discount

    @cached_property
    def limits_of_sum(self) -> tuple[float, float] | None:
        """The limits of all values together; None where there is no back-test, or nothing came in it."""
        test = self.model.back_test
        if test is None:
            return None
        came = test.actual_nanos / NANOS_PER_UNIT
        low, high = limits_of_sum(self.found.value, self.found.mean_spend, test.predicted_amount, came)
        return (low, high) if np.isfinite(high) else None

    @cached_property
    def by_id(self) -> Ints:
        """The places of the clients, in the order of their ids."""
        return np.argsort(self.ids, kind="stable")

    @cached_property
    def _rows(self) -> dict[Order, Ints]:
        return {}

    def row(self, order: Order) -> Ints:
        """Return the places of the clients in an order."""
        if order not in self._rows:
            row = self.by_id[::-1] if order.names_fall else self.by_id
            if order.by_value:
                values = self.found.value[row]
                row = row[np.argsort(-values if order.values_fall else values, kind="stable")]
            self._rows[order] = row
        return self._rows[order]

    def page(self, order: Order, after: tuple[float, str] | None, limit: int) -> tuple[Ints, bool]:
        """Return the places of the clients behind a value and a name, and whether there are more."""
        row = self.row(order)
        begin = 0 if after is None else int(np.count_nonzero(~self._behind(order, *after)))
        return row[begin : begin + limit], begin + limit < len(row)

    def _behind(self, order: Order, value: float, customer_id: str) -> NDArray[np.bool_]:
        wanted = np.bytes_(customer_id.encode())
        behind = self.ids < wanted if order.names_fall else self.ids > wanted
        if not order.by_value:
            return behind
        values = self.found.value
        further = values < value if order.values_fall else values > value
        same: NDArray[np.bool_] = np.equal(values, value)
        return further | (same & behind)

    def id_of(self, place: int) -> str:
        """Return the id of a client."""
        return bytes(self.ids[place]).decode()

    def places_of(self, customer_id: str) -> Ints:
        """Return the index of a client as an array of one; empty if it has no prediction."""
        wanted = np.bytes_(customer_id.encode())
        begin, end = (int(np.searchsorted(self.ids, wanted, side, self.by_id)) for side in ("left", "right"))
        return self.by_id[begin:end]

    def values_of(self, ids: NDArray[np.bytes_]) -> Figures:
        """Return the values that are predicted of many clients; 0 where nothing is."""
        if not len(self.ids):
            return np.zeros(len(ids))
        found = np.searchsorted(self.ids, ids, sorter=self.by_id)
        places = self.by_id[np.minimum(found, len(self.ids) - 1)]
        return np.where(self.ids[places] == ids, self.found.value[places], 0.0)


def back_test_day(first_day: int | None, as_of: int, horizon_days: int) -> int:
    """Return the last day of the back-test's fit: as far back as the horizon, at most half of the history."""
    return as_of - min(horizon_days, max(as_of - (as_of if first_day is None else first_day), 0) // 2)


def periods(horizon_days: int, discount_rate_annual: float) -> list[Period]:
    """Divide a horizon into twelfths of a year of 365 days, in weeks; the last one may be shorter."""
    whole, rest = divmod(horizon_days * _MONTHS, YEAR)
    ends = [month * YEAR / _MONTHS for month in range(1, whole + 1)] + ([horizon_days] if rest else [])
    return [Period(end / WEEK, (1.0 + discount_rate_annual) ** (-end / YEAR)) for end in ends]


def fit(observed: Observed, currency: str, as_of: int, earlier: int) -> Model:
    """Fit the models on all clients, and test them; FailedPrecondition where too few came back."""
    histories = observed.known.histories(as_of)
    try:
        buying = fit_bg_nbd(histories)
    except InsufficientHistory:
        raise _too_little(histories, currency, as_of) from None
    spending = fit_spending(histories)
    tested = back_test(observed, as_of, earlier)
    spenders = len(histories.spenders()[0])
    return Model(
        customers=len(histories),
        repeats=int(observed.known.x.sum()),
        as_of=as_of,
        buying=buying,
        spending=spending,
        spenders=spenders,
        back_test=tested,
    )


def _too_little(histories: Histories, currency: str, as_of: int) -> FailedPrecondition:
    return FailedPrecondition(
        "TOO_LITTLE_HISTORY",
        currency_code=currency,
        as_of=date_of(as_of),
        customer_count=str(len(histories)),
        repeat_customer_count=str(int(np.count_nonzero(histories.x))),
    )


def forecast(observed: Observed, model: Model, horizon_days: int, discount_rate_annual: float) -> Forecast:
    """Predict the value of each client that is not deleted."""
    lives = observed.lives
    histories = observed.known.of(lives).histories(model.as_of)
    found = predict(histories, model.buying, model.spending, periods(horizon_days, discount_rate_annual))
    return Forecast(model, observed.ids[lives], found, histories, horizon_days)

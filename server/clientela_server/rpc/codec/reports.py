"""Convert reports. Model figures are floats until here, where they are rounded to nanos."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money as MoneyMessage

from clientela.v1 import economics_pb2 as pb
from clientela_server.domain import money
from clientela_server.domain.cohorts import Cohort, History, Month
from clientela_server.domain.money import NANOS_PER_UNIT, Money
from clientela_server.domain.rfm import Cell, Cutpoints, RfmTable
from clientela_server.rpc.codec.values import to_date, to_money

if TYPE_CHECKING:
    from clientela_server.reports.back_test import BackTest
    from clientela_server.reports.clients import Ints
    from clientela_server.reports.forecasts import Forecast, Model

_WEEK = 7
_DIGITS = 60


def to_rfm(table: RfmTable, currency: str, as_of: int, scoring: pb.RfmScoring.ValueType) -> pb.GetRfmResponse:
    """Return the message of an RFM table."""
    return pb.GetRfmResponse(
        currency_code=currency,
        as_of=to_date(as_of),
        scoring=scoring,
        customer_count=table.customers,
        cutpoints=_to_cutpoints(table.cuts) if table.cuts is not None else None,
        cells=[_to_cell(each, currency) for each in table.cells],
    )


def _to_cutpoints(cuts: Cutpoints) -> pb.RfmCutpoints:
    return pb.RfmCutpoints(
        recency_days=[float(cut) for cut in cuts.recency],
        frequencies=[float(cut) for cut in cuts.frequency],
        amounts=[DecimalMessage(value=_decimal(cut / NANOS_PER_UNIT)) for cut in cuts.monetary],
    )


def _decimal(value: Fraction) -> str:
    """Return a fraction as a decimal; it must terminate, as fifths of a nano do."""
    with localcontext(prec=_DIGITS):
        return f"{(Decimal(value.numerator) / value.denominator).normalize():f}"


def _to_cell(cell: Cell, currency: str) -> pb.RfmCell:
    return pb.RfmCell(
        recency=cell.scores.recency,
        frequency=cell.scores.frequency,
        monetary=cell.scores.monetary,
        customer_count=cell.customers,
        amount=_exact(currency, cell.amount),
    )


def to_cohorts(history: History, currency: str, as_of: int) -> pb.GetCohortsResponse:
    """Return the message of months and cohorts."""
    return pb.GetCohortsResponse(
        currency_code=currency,
        as_of=to_date(as_of),
        months=[_to_month(each, currency) for each in history.months],
        cohorts=[_to_cohort(each) for each in history.cohorts],
        customer_count=history.customers,
        purchase_count=history.purchases,
        amount=_exact(currency, history.amount),
        repeat_customer_count=history.repeaters,
    )


def _to_month(month: Month, currency: str) -> pb.Month:
    return pb.Month(
        month=_first_day(month.month),
        purchase_count=month.purchases,
        amount=_exact(currency, month.amount),
        active_customer_count=month.active,
        new_customer_count=month.new,
        returning_customer_count=month.active - month.new,
    )


def _to_cohort(cohort: Cohort) -> pb.Cohort:
    return pb.Cohort(
        month=_first_day(cohort.month),
        customer_count=cohort.customers,
        active_customer_counts=cohort.active,
    )


def _first_day(month: int) -> Date:
    years, rest = divmod(month, 12)
    return Date(year=1970 + years, month=rest + 1, day=1)


def to_model(
    model: "Model", currency: str, unit: pb.TimeUnit.ValueType, horizon_days: int
) -> pb.LifetimeModel:
    """Return the message of the fitted models; parameters are converted from weeks to the time unit."""
    in_days = unit == pb.TIME_UNIT_DAY
    buying, test = model.buying, model.back_test
    return pb.LifetimeModel(
        customer_count=model.customers,
        as_of=to_date(model.as_of),
        time_unit=pb.TIME_UNIT_DAY if in_days else pb.TIME_UNIT_WEEK,
        bg_nbd=pb.BgNbdParameters(
            r=buying.r,
            alpha=buying.alpha * (_WEEK if in_days else 1),
            a=buying.a,
            b=buying.b,
            # Each purchase after the first has a density in time.
            log_likelihood=buying.log_likelihood - (model.repeats * math.log(_WEEK) if in_days else 0.0),
            at_the_edge=buying.found.at_the_edge,
        ),
        gamma_gamma=_to_gamma_gamma(model),
        back_test=_to_back_test(test, currency, horizon_days) if test is not None else None,
    )


def _to_gamma_gamma(model: "Model") -> pb.GammaGammaParameters | None:
    spending = model.gamma_gamma
    if spending is None:
        return None
    return pb.GammaGammaParameters(
        p=spending.p,
        q=spending.q,
        v=spending.v,
        log_likelihood=spending.log_likelihood,
        customer_count=model.spenders,
        correlation=spending.correlation,
        at_the_edge=spending.found.at_the_edge,
    )


def _to_back_test(test: "BackTest", currency: str, asked_days: int) -> pb.BackTest:
    return pb.BackTest(
        fitted_until=to_date(test.fitted_until),
        day_count=test.days,
        predicted_purchase_days=test.predicted_purchase_days,
        actual_purchase_days=test.actual_purchase_days,
        predicted_amount=to_amount(currency, test.predicted_amount),
        actual_amount=_exact(currency, test.actual_nanos),
        relative_error=test.relative_error,
        limits_held=test.coverage.covered,
        open_limits_held=test.coverage.covered_open,
        top_limits_held=test.coverage.covered_top,
        brought_nothing=test.coverage.share_zero,
        limits_level=test.coverage.level,
        asked_day_count=asked_days,
    )


def to_predictions(forecast: "Forecast", places: "Ints", currency: str) -> list[pb.LifetimePrediction]:
    """Return the messages of predictions. places: int array (n,), rows of the forecast."""
    limits = forecast.limits(places)
    predictions = [_to_prediction(forecast, place, currency) for place in places.tolist()]
    for low, high, prediction in zip(*limits, predictions, strict=True) if limits is not None else ():
        prediction.value_low.CopyFrom(to_amount(currency, low))
        prediction.value_high.CopyFrom(to_amount(currency, high))
    return predictions


def _to_prediction(forecast: "Forecast", place: int, currency: str) -> pb.LifetimePrediction:
    found = forecast.found
    return pb.LifetimePrediction(
        customer=f"customers/{forecast.id_of(place)}",
        value=to_amount(currency, found.value[place]),
        purchase_days=found.purchases[place],
        p_alive=found.p_alive[place],
        mean_spend=to_amount(currency, found.mean_spend[place]),
        history=_to_history(forecast, place, currency),
    )


def _to_history(forecast: "Forecast", place: int, currency: str) -> pb.BuyingHistory:
    known = forecast.history
    return pb.BuyingHistory(
        repeat_purchase_days=int(known.x[place]),
        recency_days=round(known.t_x[place] * _WEEK),
        age_days=round(known.T[place] * _WEEK),
        mean_repeat_spend=to_amount(currency, known.mean_spend[place]),
    )


def to_amount(currency: str, units: float) -> MoneyMessage:
    """Return the money of a model's figure, in units of the currency."""
    return _exact(currency, round(float(units) * NANOS_PER_UNIT))


def _exact(currency: str, nanos: int) -> MoneyMessage:
    return to_money(Money(currency, money.add(currency, nanos)))

"""EconomicsService: decode, compute, encode.

Read next: `domain/economics` (the rules), `reports` (how reports over all customers are computed).
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from clientela.v1 import economics_pb2 as pb
from clientela.v1.economics_pb2_grpc import EconomicsServiceServicer
from clientela_server.clock import Clock
from clientela_server.domain.days import date_of, day_of
from clientela_server.domain.economics import Economics, Period, economics_of, margin_of
from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.spends import require_period
from clientela_server.reports.orders import Order, read_order
from clientela_server.reports.reports import AcquisitionReport, Reports
from clientela_server.rpc.codec import reports as codec
from clientela_server.rpc.codec.economics import to_channels, to_retention
from clientela_server.rpc.codec.values import customer_id, from_date
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.locales import sentence
from clientela_server.rpc.locales.economics import no_horizon
from clientela_server.rpc.locales.standing import language_for
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.nouns.purchase_lists import require_customer
from clientela_server.usecases.spends import Spends

if TYPE_CHECKING:
    from clientela_server.reports.forecasts import Forecast

_EVERYBODY = "customers/-"
_HORIZON_DAYS = 365
_YEARLY = 0.1


class EconomicsService(EconomicsServiceServicer):
    """The handlers of EconomicsService."""

    def __init__(
        self,
        database: Database,
        tokens: PageTokens,
        clock: Clock,
        *,
        reports: Reports,
        spends: Spends,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._reports = reports
        self._spends = spends

    async def GetUnitEconomics(
        self, request: pb.GetUnitEconomicsRequest, call: CallContext
    ) -> pb.GetUnitEconomicsResponse:
        """Return spend, customers acquired and their value, by channel."""
        period, currency = self._period(request), request.currency_code
        horizon = request.horizon_days if request.HasField("horizon_days") else _HORIZON_DAYS
        yearly = request.discount_rate_annual if request.HasField("discount_rate_annual") else _YEARLY
        spent, revision = await self._database.scan(
            lambda connection: self._spends.within(connection, currency, period.first, period.last)
        )
        acquisition = await self._reports.acquisition(currency, period, horizon, yearly)
        call.revision = min(revision, acquisition.revision)
        found = economics_of(spent, acquisition.tally, margin_of(request.gross_margin), period)
        return _answer(request, found, acquisition, horizon, language_for(call.languages))

    def _period(self, request: pb.GetUnitEconomicsRequest) -> Period:
        """Return the period, with the last day of purchases that counts."""
        first, last = from_date(request.start, "start"), from_date(request.end, "end")
        require_period(first, last, "end")
        return Period(first, last, self._last_day(request))

    async def GetRfm(self, request: pb.GetRfmRequest, call: CallContext) -> pb.GetRfmResponse:
        """Return how many customers have which RFM scores."""
        as_of, scoring = self._last_day(request), request.scoring or pb.RFM_SCORING_QUINTILE
        table, call.revision = await self._reports.rfm(
            request.currency_code, as_of, by_ntile=scoring == pb.RFM_SCORING_NTILE
        )
        return codec.to_rfm(table, request.currency_code, as_of, scoring)

    async def GetCohorts(self, request: pb.GetCohortsRequest, call: CallContext) -> pb.GetCohortsResponse:
        """Return revenue by month, and retention by cohort."""
        as_of = self._last_day(request)
        history, call.revision = await self._reports.cohorts(request.currency_code, as_of)
        return codec.to_cohorts(history, request.currency_code, as_of)

    async def PredictLifetimeValue(
        self, request: pb.PredictLifetimeValueRequest, call: CallContext
    ) -> pb.PredictLifetimeValueResponse:
        """Return predicted lifetime values: one customer's, or a page of all."""
        yearly = request.discount_rate_annual if request.HasField("discount_rate_annual") else _YEARLY
        day = self._last_day(request)
        asked = (
            *(call.caller, call.rpc.name, request.parent, str(request.horizon_days), repr(yearly)),
            *(str(day) if request.HasField("as_of") else "", request.currency_code),
            *(str(request.time_unit), request.order_by),
        )
        after = self._tokens.read(asked, request.page_token)
        order = read_order(request.order_by)
        await self._require_known(request.parent)
        # Later pages are of the first one's forecast, even after midnight or a write.
        least, day, *behind = after or (-1, day)
        forecast, revision = await self._reports.forecast(
            request.currency_code, day, request.horizon_days, yearly, least=least
        )
        call.revision = revision
        page = partial(_page, request, forecast, order, (behind[0], behind[1]) if behind else None)
        response, last = await self._reports.compute(page)
        if last is not None:
            response.next_page_token = self._tokens.make(asked, (revision, day, *last))
        return response

    async def _require_known(self, parent: str) -> None:
        """Raise NotFound for a customer that never existed."""
        if parent != _EVERYBODY:
            wanted = customer_id(parent)
            await self._database.read(lambda connection: require_customer(connection, wanted))

    def _last_day(self, request: Any) -> int:
        """Return `as_of` as a day since 1970-01-01, today if unset; InvalidArgument if it is after today."""
        today = day_of(self._clock())
        day = from_date(request.as_of, "as_of") if request.HasField("as_of") else today
        if not 0 <= day <= today:
            raise InvalidArgument.of_field(
                "DATE_OUT_OF_RANGE",
                "as_of",
                "must be from 1970-01-01 to today",
                date=date_of(day),
                today=date_of(today),
            )
        return day


def _answer(
    request: pb.GetUnitEconomicsRequest,
    found: Economics,
    acquisition: AcquisitionReport,
    horizon_days: int,
    language: str,
) -> pb.GetUnitEconomicsResponse:
    channels, total = to_channels(found, request.currency_code, horizon_days, language)
    return pb.GetUnitEconomicsResponse(
        start=request.start,
        end=request.end,
        currency_code=request.currency_code,
        gross_margin=request.gross_margin,
        channels=channels,
        total=total,
        retention=to_retention(found.retention, request.currency_code),
        model=codec.to_model(acquisition.model, request.currency_code, pb.TIME_UNIT_WEEK, horizon_days)
        if acquisition.model
        else None,
        no_prediction=_no_prediction(acquisition, language),
    )


def _no_prediction(acquisition: AcquisitionReport, language: str) -> str:
    """Return why nothing is predicted, "" if something is."""
    if acquisition.model is not None:
        return ""
    if acquisition.why_not is None:
        return no_horizon(language)
    return sentence(acquisition.why_not.reason, acquisition.why_not.facts, language)


def _page(
    request: pb.PredictLifetimeValueRequest,
    forecast: "Forecast",
    order: Order,
    behind: tuple[float, str] | None,
) -> tuple[pb.PredictLifetimeValueResponse, tuple[float, str] | None]:
    """Return a page of a forecast, and the value and id of its last row, None if it is the last page."""
    currency, found = request.currency_code, forecast.found
    if request.parent == _EVERYBODY:
        places = forecast.row(order)
        shown, more = forecast.page(order, behind, page_limit(request.page_size))
    else:
        shown = places = forecast.places_of(customer_id(request.parent))
        more = False
    response = pb.PredictLifetimeValueResponse(
        predictions=codec.to_predictions(forecast, shown, currency),
        model=codec.to_model(forecast.model, currency, request.time_unit, request.horizon_days),
        customer_count=len(places),
        total_value=codec.to_amount(currency, found.value[places].sum()),
        total_purchase_days=found.purchases[places].sum(),
        total_p_alive=found.p_alive[places].sum(),
    )
    if request.parent == _EVERYBODY and forecast.limits_of_sum is not None:
        low, high = (codec.to_amount(currency, each) for each in forecast.limits_of_sum)
        response.total_value_low.CopyFrom(low)
        response.total_value_high.CopyFrom(high)
    last = int(shown[-1]) if more else None
    return response, None if last is None else (float(found.value[last]), forecast.id_of(last))

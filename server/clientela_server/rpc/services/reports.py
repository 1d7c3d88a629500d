"""The handlers of reports over all customers: decode, compute, encode.

Read next: `reports` (how they are computed).
"""

from functools import partial
from typing import TYPE_CHECKING

from clientela.v1 import insight_pb2 as pb
from clientela_server.reports.orders import Order, read_order
from clientela_server.rpc.codec import reports as codec
from clientela_server.rpc.codec.values import customer_id
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.services.insight_parts import InsightCalls
from clientela_server.store.filters.paging import page_limit

if TYPE_CHECKING:
    from clientela_server.reports.forecasts import Forecast

_EVERYBODY = "customers/-"
_YEARLY = 0.1


class ReportCalls(InsightCalls):
    """GetRfm, GetCohorts, PredictLifetimeValue."""

    async def GetRfm(self, request: pb.GetRfmRequest, call: CallContext) -> pb.GetRfmResponse:
        """Return how many customers have which RFM scores."""
        as_of, scoring = self._last_day(request), request.scoring or pb.RFM_SCORING_QUINTILE
        table, call.revision = await self._parts.reports.rfm(
            request.currency_code, as_of, by_ntile=scoring == pb.RFM_SCORING_NTILE
        )
        return codec.to_rfm(table, request.currency_code, as_of, scoring)

    async def GetCohorts(self, request: pb.GetCohortsRequest, call: CallContext) -> pb.GetCohortsResponse:
        """Return revenue by month, and retention by cohort."""
        as_of = self._last_day(request)
        history, call.revision = await self._parts.reports.cohorts(request.currency_code, as_of)
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
        forecast, revision = await self._parts.reports.forecast(
            request.currency_code, day, request.horizon_days, yearly, least=least
        )
        call.revision = revision
        page = partial(_page, request, forecast, order, (behind[0], behind[1]) if behind else None)
        response, last = await self._parts.reports.compute(page)
        if last is not None:
            response.next_page_token = self._tokens.make(asked, (revision, day, *last))
        return response

    async def _require_known(self, parent: str) -> None:
        """Raise NotFound for a customer that never existed."""
        if parent != _EVERYBODY:
            wanted = customer_id(parent)
            await self._database.read(lambda connection: self._parts.reads.grounds(connection, wanted))


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

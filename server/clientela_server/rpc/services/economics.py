"""The handler of unit economics: decode, compute, encode.

Read next: `domain/economics` (the rules), `reports/acquisition` (the customers acquired).
"""

from clientela.v1 import insight_pb2 as pb
from clientela_server.domain.economics import Economics, Period, economics_of, margin_of
from clientela_server.domain.spends import require_period
from clientela_server.reports.reports import AcquisitionReport
from clientela_server.rpc.codec.economics import to_channels, to_keeping
from clientela_server.rpc.codec.reports import to_model
from clientela_server.rpc.codec.values import from_date
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.locales import sentence
from clientela_server.rpc.locales.economics import no_horizon
from clientela_server.rpc.locales.standing import language_for
from clientela_server.rpc.services.insight_parts import InsightCalls

_HORIZON_DAYS = 365
_YEARLY = 0.1


class EconomicsCalls(InsightCalls):
    """GetUnitEconomics."""

    async def GetUnitEconomics(
        self, request: pb.GetUnitEconomicsRequest, call: CallContext
    ) -> pb.GetUnitEconomicsResponse:
        """Return spend, customers acquired and their value, by channel."""
        period, currency = self._period(request), request.currency_code
        horizon = request.horizon_days if request.HasField("horizon_days") else _HORIZON_DAYS
        yearly = request.discount_rate_annual if request.HasField("discount_rate_annual") else _YEARLY
        spent, revision = await self._database.scan(
            lambda connection: self._parts.spends.within(connection, currency, period.first, period.last)
        )
        winning = await self._parts.reports.acquisition(currency, period, horizon, yearly)
        call.revision = min(revision, winning.revision)
        found = economics_of(spent, winning.tally, margin_of(request.gross_margin), period)
        return _answer(request, found, winning, horizon, language_for(call.languages))

    def _period(self, request: pb.GetUnitEconomicsRequest) -> Period:
        """Return the period, with the last day of purchases that counts."""
        first, last = from_date(request.start, "start"), from_date(request.end, "end")
        require_period(first, last, "end")
        return Period(first, last, self._last_day(request))


def _answer(
    request: pb.GetUnitEconomicsRequest,
    found: Economics,
    winning: AcquisitionReport,
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
        keeping=to_keeping(found.keeping, request.currency_code),
        model=to_model(winning.model, request.currency_code, pb.TIME_UNIT_WEEK, horizon_days)
        if winning.model
        else None,
        no_prediction=_no_prediction(winning, language),
    )


def _no_prediction(winning: AcquisitionReport, language: str) -> str:
    """Return why nothing is predicted, "" if something is."""
    if winning.model is not None:
        return ""
    if winning.why_not is None:
        return no_horizon(language)
    return sentence(winning.why_not.reason, winning.why_not.facts, language)

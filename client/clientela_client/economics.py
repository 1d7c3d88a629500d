"""What winning and keeping clients costs, what they bring and will bring: a part of InsightService, in order.

`timeout_s` and `request_id` are as in customers.py. Read next: insight.py, which these methods belong to.
"""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty
from google.type.date_pb2 import Date

from clientela.v1 import insight_pb2 as pb
from clientela.v1.insight_pb2 import (
    GetCohortsResponse,
    GetRfmResponse,
    GetUnitEconomicsResponse,
    ListSpendsResponse,
    PredictLifetimeValueResponse,
    RfmScoring,
    Spend,
    TimeUnit,
)
from clientela_client.calls.requests import Intent, Many, One, Pages
from clientela_client.calls.resources import rpc, stream


class Economics:
    """The methods of spends and of what they brought, for both clients."""

    @rpc
    def record_spend(
        self,
        spend: Spend,
        *,
        spend_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Spend]:
        """Record money spent on winning or on keeping clients; without `spend_id` the server makes one up."""
        request = pb.RecordSpendRequest(
            spend=spend, spend_id=spend_id, request_id=request_id, validate_only=validate_only
        )
        return Intent(request, Spend, timeout_s)

    @rpc
    def get_spend(self, name: str, *, timeout_s: float | None = None) -> One[Spend]:
        """Read the spend of this name, "spends/{spend}"."""
        return Intent(pb.GetSpendRequest(name=name), Spend, timeout_s)

    @stream
    def list_spends(
        self,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Spend]:
        """List the spends of all pages."""
        request = pb.ListSpendsRequest(page_size=page_size, filter=filter, order_by=order_by)
        return Pages(request, ListSpendsResponse, lambda page: page.spends, timeout_s)

    @rpc
    def delete_spend(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> One[Empty]:
        """Delete a spend that was recorded by mistake, for good; the history keeps it."""
        return Intent(pb.DeleteSpendRequest(name=name, request_id=request_id), Empty, timeout_s)

    @rpc
    def get_unit_economics(  # noqa: PLR0913  the contract's fields
        self,
        start: Date,
        end: Date,
        currency_code: str,
        gross_margin: float,
        *,
        horizon_days: int | None = None,
        discount_rate_annual: float | None = None,
        as_of: Date | None = None,
        timeout_s: float | None = None,
    ) -> One[GetUnitEconomicsResponse]:
        """Tell what winning clients cost from one day to another, both counted, and what they bring.

        gross_margin: the share of revenue that is left after what was sold is paid for, up to 1.
        """
        request = pb.GetUnitEconomicsRequest(
            start=start,
            end=end,
            currency_code=currency_code,
            gross_margin=gross_margin,
            horizon_days=horizon_days,
            discount_rate_annual=discount_rate_annual,
            as_of=as_of,
        )
        return Intent(request, GetUnitEconomicsResponse, timeout_s)

    @rpc
    def get_rfm(
        self,
        currency_code: str,
        *,
        as_of: Date | None = None,
        scoring: RfmScoring.ValueType = pb.RFM_SCORING_UNSPECIFIED,
        timeout_s: float | None = None,
    ) -> One[GetRfmResponse]:
        """Tell how many clients have which scores, as of a day, or today; by QUINTILE where none is said."""
        request = pb.GetRfmRequest(currency_code=currency_code, as_of=as_of, scoring=scoring)
        return Intent(request, GetRfmResponse, timeout_s)

    @rpc
    def get_cohorts(
        self, currency_code: str, *, as_of: Date | None = None, timeout_s: float | None = None
    ) -> One[GetCohortsResponse]:
        """Tell what was bought month by month, and how many new clients came back, as of a day, or today."""
        return Intent(
            pb.GetCohortsRequest(currency_code=currency_code, as_of=as_of), GetCohortsResponse, timeout_s
        )

    @rpc
    def predict_lifetime_value(  # noqa: PLR0913  as many as the contract has
        self,
        parent: str,
        horizon_days: int,
        currency_code: str,
        *,
        discount_rate_annual: float | None = None,
        as_of: Date | None = None,
        time_unit: TimeUnit.ValueType = pb.TIME_UNIT_UNSPECIFIED,
        page_size: int | None = None,
        page_token: str | None = None,
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> One[PredictLifetimeValueResponse]:
        """Foretell what a client, or with "customers/-" each, will bring; one page, with the models."""
        request = pb.PredictLifetimeValueRequest(
            parent=parent,
            horizon_days=horizon_days,
            currency_code=currency_code,
            discount_rate_annual=discount_rate_annual,
            as_of=as_of,
            time_unit=time_unit,
            page_size=page_size,
            page_token=page_token,
            order_by=order_by,
        )
        return Intent(request, PredictLifetimeValueResponse, timeout_s)

"""Spends, unit economics, RFM, cohorts and predicted lifetime value: other RPCs of InsightService, in order.

`timeout_s`, `request_id`, `validate_only`, Unavailable and InDoubt are as in customers.py. Read next:
insight.py, whose class inherits these methods.
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
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest
from clientela_client.calls.resources import rpc, stream


class Economics:
    """The methods of spends and reports, for both clients."""

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
        """Record money spent on acquisition or retention and return the spend.

        Args:
            spend: the amount, purpose, channel and days; output-only fields are ignored.
            spend_id: its id; default: the server generates one.

        Raises:
            Refused: INVALID_ARGUMENT (no such day, the end before the start, more than 3660 days),
                ALREADY_EXISTS (the id is taken).
            InDoubt: it may be recorded or not.
        """
        request = pb.RecordSpendRequest(
            spend=spend, spend_id=spend_id, request_id=request_id, validate_only=validate_only
        )
        return UnaryRequest(request, Spend, timeout_s)

    @rpc
    def get_spend(self, name: str, *, timeout_s: float | None = None) -> One[Spend]:
        """Return a spend. name: "spends/{spend}".

        Raises:
            Refused: NOT_FOUND.
        """
        return UnaryRequest(pb.GetSpendRequest(name=name), Spend, timeout_s)

    @stream
    def list_spends(
        self,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Spend]:
        """Iterate over all spends; a page is requested when the iteration reaches it.

        Args:
            filter, order_by: an AIP-160 filter and an AIP-132 order, see the proto.
            page_size: spends a page, at least 0; 0 or None is the server's default.
            timeout_s: the deadline of each page.

        Raises:
            Refused: INVALID_ARGUMENT (an unknown field).
        """
        request = pb.ListSpendsRequest(page_size=page_size, filter=filter, order_by=order_by)
        return PagedRequest(request, ListSpendsResponse, lambda page: page.spends, timeout_s)

    @rpc
    def delete_spend(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> One[Empty]:
        """Delete a spend that was recorded by mistake, permanently; the history keeps it.

        Raises:
            Refused: NOT_FOUND.
            InDoubt: it may be deleted or not.
        """
        return UnaryRequest(pb.DeleteSpendRequest(name=name, request_id=request_id), Empty, timeout_s)

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
        """Return acquisition cost, revenue and predicted value by channel, of customers acquired in a period.

        Args:
            start, end: the first and last day of the period, inclusive.
            currency_code: ISO 4217; only spends and purchases in it count.
            gross_margin: the share of revenue left after the cost of goods, more than 0, up to 1.
            horizon_days: how far to predict, in days; default: 365.
            discount_rate_annual: of predicted revenue, a fraction a year; default: 0.1.
            as_of: the last day of purchases that counts; default: today.

        Raises:
            Refused: INVALID_ARGUMENT (no such day, or the end before the start).
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
        return UnaryRequest(request, GetUnitEconomicsResponse, timeout_s)

    @rpc
    def get_rfm(
        self,
        currency_code: str,
        *,
        as_of: Date | None = None,
        scoring: RfmScoring.ValueType = pb.RFM_SCORING_UNSPECIFIED,
        timeout_s: float | None = None,
    ) -> One[GetRfmResponse]:
        """Return how many customers have which recency, frequency and monetary scores (RFM).

        Args:
            currency_code: ISO 4217; only purchases in it count.
            as_of: the last day that counts; default: today.
            scoring: how scores are cut; default: QUINTILE.

        Raises:
            Refused: INVALID_ARGUMENT (no such day, or after today), FAILED_PRECONDITION
                (MODELS_NOT_INSTALLED).
        """
        request = pb.GetRfmRequest(currency_code=currency_code, as_of=as_of, scoring=scoring)
        return UnaryRequest(request, GetRfmResponse, timeout_s)

    @rpc
    def get_cohorts(
        self, currency_code: str, *, as_of: Date | None = None, timeout_s: float | None = None
    ) -> One[GetCohortsResponse]:
        """Return revenue by month, and the retention of each month's new customers.

        Args:
            currency_code: ISO 4217; only purchases in it count.
            as_of: the last day that counts; default: today.

        Raises:
            Refused: INVALID_ARGUMENT (no such day, or after today), FAILED_PRECONDITION
                (MODELS_NOT_INSTALLED).
        """
        return UnaryRequest(
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
        """Return one page of predicted lifetime values, with the fitted models (BG/NBD, Gamma-Gamma).

        Args:
            parent: "customers/{customer}", or "customers/-" for all.
            horizon_days: how far to predict, in days.
            currency_code: ISO 4217; only purchases in it count.
            discount_rate_annual: of predicted revenue, a fraction a year; default: 0.1.
            as_of: the last day of purchases that counts; default: today.
            time_unit: the unit of the model's parameters; default: weeks.
            page_size, page_token, order_by: as of the listings.

        Raises:
            Refused: NOT_FOUND (the customer), INVALID_ARGUMENT (a day, field or token), FAILED_PRECONDITION
                (TOO_LITTLE_HISTORY, MODELS_NOT_INSTALLED).
        """
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
        return UnaryRequest(request, PredictLifetimeValueResponse, timeout_s)

"""Unit economics, RFM, cohorts and predicted lifetime value: one method for each RPC of EconomicsService.

`timeout_s`, `request_id`, `validate_only`, Unavailable and InDoubt are as in customers.py. Read next:
spends.py.
"""

from __future__ import annotations

from google.type.date_pb2 import Date

from clientela.v1 import economics_pb2 as pb
from clientela.v1.economics_pb2 import (
    GetCohortsResponse,
    GetRfmResponse,
    GetUnitEconomicsResponse,
    PredictLifetimeValueResponse,
    RfmScoring,
    TimeUnit,
)
from clientela_client.calls.requests import One, UnaryRequest
from clientela_client.calls.resources import AioResource, SyncResource, rpc


class Economics:
    """The methods of reports over all customers, for both clients."""

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
            pb.GetCohortsRequest(currency_code=currency_code, as_of=as_of),
            GetCohortsResponse,
            timeout_s,
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


class SyncEconomics(Economics, SyncResource):
    """Reports over all customers, blocking."""


class AioEconomics(Economics, AioResource):
    """Reports over all customers, on an event loop."""

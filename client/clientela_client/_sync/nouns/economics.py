# Made from protos/clientela/v1/economics.proto by protos/sync_for_python.py: edit that, and run make sdk.
"""Reports, as of any day: one method for each RPC of EconomicsService, in its order."""

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
from clientela_client._sync.calls import SyncNoun


class SyncEconomics(SyncNoun):
    """Reports, as of any day.

    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
    """

    def get_unit_economics(
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
    ) -> GetUnitEconomicsResponse:
        """Return what the acquisition of clients costs and what they bring, by channel.

        Args:
            start: the first day of the period: of spending, and of first purchases.
            end: the last day, counted too.
            currency_code: ISO 4217; only what was spent and bought in it counts.
            gross_margin: the share of revenue that is left after what was sold is paid for: more than 0, at
                most 1. Only the firm knows it.
            horizon_days: how far `ltv_predicted` looks beyond `as_of`, in days, at most 3650; unset: 365. 0:
                nothing is predicted.
            discount_rate_annual: as in PredictLifetimeValue.
            as_of: the last day that counts of what clients bought; unset: today. What was spent counts for
                the whole period.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for a day that is none, or an end before the start. Where nothing can be
                predicted, `no_prediction` says why, and all else is returned.
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
        return self._calls.unary(request, GetUnitEconomicsResponse, timeout_s)

    def get_rfm(
        self,
        currency_code: str,
        *,
        as_of: Date | None = None,
        scoring: RfmScoring.ValueType = pb.RFM_SCORING_UNSPECIFIED,
        timeout_s: float | None = None,
    ) -> GetRfmResponse:
        """Return how recently, how often and for how much clients buy: how many have which scores. The scores
        of each client are in ListStandings.

        Args:
            as_of: the last day that counts; unset: today. A refund is taken off the purchase that it is of,
                whenever it was given.
            currency_code: ISO 4217; only what was bought in it counts.
            scoring: how to cut; unset: QUINTILE.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for a day that is none, or is to come. FAILED_PRECONDITION with the
                reason MODELS_NOT_INSTALLED where the server lacks numpy and scipy.
        """
        request = pb.GetRfmRequest(as_of=as_of, currency_code=currency_code, scoring=scoring)
        return self._calls.unary(request, GetRfmResponse, timeout_s)

    def get_cohorts(
        self, currency_code: str, *, as_of: Date | None = None, timeout_s: float | None = None
    ) -> GetCohortsResponse:
        """Return what was bought month by month, and how many of the new clients of each month came back.
        Deleted customers count too, for what was bought was bought.

        Args:
            as_of: the last day that counts; unset: today.
            currency_code: ISO 4217; only what was bought in it counts.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for a day that is none, or is to come. FAILED_PRECONDITION with the
                reason MODELS_NOT_INSTALLED where the server lacks numpy and scipy.
        """
        request = pb.GetCohortsRequest(as_of=as_of, currency_code=currency_code)
        return self._calls.unary(request, GetCohortsResponse, timeout_s)

    def predict_lifetime_value(
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
    ) -> PredictLifetimeValueResponse:
        """Predict what clients will bring, by BG/NBD and Gamma-Gamma fitted on all who bought. Of deleted
        customers nothing is predicted. Pages go on in the forecast that the first one was of, as long as the
        server still has it.

        Args:
            parent: "customers/{customer}", or "customers/-" for all.
            horizon_days: how far to look beyond `as_of`, in days, at most 3650.
            discount_rate_annual: what money loses in a year of 365 days: 0.1 is ten percent. Discounted at
                the end of each twelfth of such a year. Unset: 0.1.
            as_of: the last day that counts; unset: today.
            currency_code: ISO 4217; only what was bought in it counts.
            time_unit: what `model` is told in; unset: WEEK. The predictions are the same.
            page_size: how many predictions at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            order_by: fields with an optional " desc": value, name. Unset: "value desc".
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there never was such a customer. INVALID_ARGUMENT for a day that is none, or
                is to come, an unknown field in `order_by`, or a `page_token` of another call.
                FAILED_PRECONDITION with the reason TOO_LITTLE_HISTORY where the models can't be fitted, or
                MODELS_NOT_INSTALLED where the server lacks numpy and scipy.
        """
        request = pb.PredictLifetimeValueRequest(
            parent=parent,
            horizon_days=horizon_days,
            discount_rate_annual=discount_rate_annual,
            as_of=as_of,
            currency_code=currency_code,
            time_unit=time_unit,
            page_size=page_size,
            page_token=page_token,
            order_by=order_by,
        )
        return self._calls.unary(request, PredictLifetimeValueResponse, timeout_s)

# Made from protos/clientela/v1/standing.proto by protos/nouns_for_python.py: edit that, and run make sdk.
"""Standing, and the policy: one method for each RPC of StandingService, in its order."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from clientela.v1 import standing_pb2 as pb
from clientela.v1.standing_pb2 import ListStandingsResponse, Policy, Standing
from clientela_client._async.calls import AioNoun
from clientela_client._async.items import AioItems, AioPages


class AioStanding(AioNoun):
    """Standing, and the policy.

    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
    """

    async def get(
        self, name: str, *, read_time: Timestamp | None = None, timeout_s: float | None = None
    ) -> Standing:
        """Return what a client is to us, with a finding for every label, held or not.

        Args:
            name: "customers/{customer}".
            read_time: the moment to judge at; unset: now. Before now, only what was bought up to then counts,
                as the ledger has it today; after now, the client is judged as if nothing more were bought.
                STRATEGIC and MASS are measured against the other clients as they are now: the answer's
                `market_time` says when that is.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there never was such a customer.
        """
        request = pb.GetStandingRequest(name=name, read_time=read_time)
        return await self._calls.unary(request, Standing, timeout_s)

    async def list_page(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        with_findings: bool | None = None,
        timeout_s: float | None = None,
    ) -> ListStandingsResponse:
        """List standings, a page at a time. Filters see stages and kinds as they were last looked at: with
        each write of the client, and where time or other clients change them, within seconds, or for
        STRATEGIC and MASS within minutes.

        Args:
            page_size: how many at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT. A page that is full at about 1 MiB holds fewer.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            filter: AIP-160, at most 2000 characters. Fields: stage, kinds, purchases, purchase_days,
                first_purchase_time, last_purchase_time, median_gap_days, referrals, categories, and all
                fields of ListCustomers; and by currency rfm_recency.EUR, rfm_frequency.EUR, rfm_monetary.EUR
                (1 to 5, as in `rfm_scores`). E.g. `stage = "LOST" AND kinds : "STRATEGIC"`, `categories :
                "tea" AND purchase_days >= 3`, `rfm_monetary.EUR = 5`.
            order_by: fields with an optional " desc", separated by commas: name, purchases, purchase_days,
                first_purchase_time, last_purchase_time. Unset: by name.
            with_findings: whether findings are told too.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for an unknown field in `filter` or `order_by`, or a `page_token` of
                another call.
        """
        request = pb.ListStandingsRequest(
            page_size=page_size,
            page_token=page_token,
            filter=filter,
            order_by=order_by,
            with_findings=with_findings,
        )
        return await self._calls.unary(request, ListStandingsResponse, timeout_s)

    def list(
        self,
        *,
        page_size: int | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        with_findings: bool | None = None,
        timeout_s: float | None = None,
    ) -> AioItems[Standing]:
        """Iterate over all standings; a page is requested when the iteration reaches it.

        Args:
            page_size, filter, order_by, with_findings: as of `list_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: as `list_page`.
        """
        request = pb.ListStandingsRequest(
            page_size=page_size, filter=filter, order_by=order_by, with_findings=with_findings
        )
        return AioPages(self._calls, request, ListStandingsResponse, lambda page: page.standings, timeout_s)

    async def get_policy(self, *, timeout_s: float | None = None) -> Policy:
        """Return the policy: every threshold of every rule.

        Args:
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.
        """
        request = pb.GetPolicyRequest()
        return await self._calls.unary(request, Policy, timeout_s)

    async def update_policy(
        self,
        policy: Policy,
        *,
        update_mask: Iterable[str] | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> Policy:
        """Change the thresholds that `update_mask` names. All clients are looked at anew, a few at a time.

        Args:
            policy: the new thresholds. `etag`, if given, must be the current one.
            update_mask: which thresholds to change, e.g. "new_days,lost_silence_days". Unset: those that are
                filled in. "*": all, so that one left out is its default again.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            validate_only: check the request and write nothing.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for a threshold beyond its bounds, ABORTED on a stale `policy.etag`.
                Needs the role admin.
            InDoubt: it may be done or not.
        """
        request = pb.UpdatePolicyRequest(
            policy=policy,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(request, Policy, timeout_s)

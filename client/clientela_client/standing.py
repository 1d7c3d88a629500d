"""Standing and its policy: one method for each RPC of StandingService, in its order.

`timeout_s`, `request_id`, `validate_only`, Unavailable and InDoubt are as in customers.py. Read next:
segments.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from clientela.v1 import standing_pb2 as pb
from clientela.v1.standing_pb2 import ListStandingsResponse, Policy, Standing
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest
from clientela_client.calls.resources import AioResource, SyncResource, rpc, stream


class StandingMethods:
    """The methods of standing and its policy, for both clients."""

    @rpc
    def get(
        self, name: str, *, read_time: Timestamp | None = None, timeout_s: float | None = None
    ) -> One[Standing]:
        """Return a customer's standing: its stage, and a finding for each label, held or not.

        Args:
            name: "customers/{customer}".
            read_time: judge by the ledger as of this time; default: now.

        Raises:
            Refused: NOT_FOUND (there never was such a customer).
        """
        return UnaryRequest(pb.GetStandingRequest(name=name, read_time=read_time), Standing, timeout_s)

    @stream
    def list(
        self,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        with_findings: bool | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Standing]:
        """Iterate over all standings; a page is requested when the iteration reaches it.

        Args:
            filter, order_by: an AIP-160 filter and an AIP-132 order, see the proto. Stages and kinds
                are matched as last stored, which lags by seconds, STRATEGIC and MASS by minutes.
            with_findings: include the findings.
            page_size: standings a page, at least 0; 0 or None is the server's default.
            timeout_s: the deadline of each page.

        Raises:
            Refused: INVALID_ARGUMENT (an unknown field).
        """
        request = pb.ListStandingsRequest(
            page_size=page_size, filter=filter, order_by=order_by, with_findings=with_findings
        )
        return PagedRequest(request, ListStandingsResponse, lambda page: page.standings, timeout_s)

    @rpc
    def get_policy(self, *, timeout_s: float | None = None) -> One[Policy]:
        """Return the policy: every threshold of every rule."""
        return UnaryRequest(pb.GetPolicyRequest(), Policy, timeout_s)

    @rpc
    def update_policy(
        self,
        policy: Policy,
        *,
        update_mask: Iterable[str] | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Policy]:
        """Update the policy's thresholds and return it; all customers are judged again. Needs the role admin.

        Args:
            policy: the new values; with an `etag`, only if it is the current one.
            update_mask: paths of the fields to change; default: those set in `policy`.

        Raises:
            Refused: INVALID_ARGUMENT (a threshold out of range), ABORTED (stale etag), PERMISSION_DENIED.
            InDoubt: it may be updated or not.
        """
        request = pb.UpdatePolicyRequest(
            policy=policy,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            request_id=request_id,
            validate_only=validate_only,
        )
        return UnaryRequest(request, Policy, timeout_s)


class SyncStanding(StandingMethods, SyncResource):
    """Standing and its policy, blocking."""


class AioStanding(StandingMethods, AioResource):
    """Standing and its policy, on an event loop."""

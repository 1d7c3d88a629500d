"""Standing, policy and segments: one method for each RPC of InsightService, in its order.

`timeout_s`, `request_id`, `validate_only`, Unavailable and InDoubt are as in customers.py. Read next:
economics.py, the other methods.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from clientela.v1 import insight_pb2 as pb
from clientela.v1.customers_pb2 import Customer
from clientela.v1.insight_pb2 import (
    ListSegmentMembersResponse,
    ListSegmentsResponse,
    ListStandingsResponse,
    Policy,
    Segment,
    Standing,
)
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest
from clientela_client.calls.resources import AioResource, SyncResource, rpc, stream
from clientela_client.economics import Economics


class Insight(Economics):
    """The methods of standing, policy, segments and economics, for both clients."""

    @rpc
    def get_standing(
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
    def list_standings(
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

    @rpc
    def create_segment(
        self,
        segment: Segment,
        *,
        segment_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Segment]:
        """Create a segment, which is a stored filter, and return it.

        Args:
            segment: its filter and description; output-only fields are ignored.
            segment_id: its id; default: the server generates one.

        Raises:
            Refused: INVALID_ARGUMENT (the filter), ALREADY_EXISTS (the id is taken).
            InDoubt: it may be created or not.
        """
        request = pb.CreateSegmentRequest(
            segment=segment, segment_id=segment_id, request_id=request_id, validate_only=validate_only
        )
        return UnaryRequest(request, Segment, timeout_s)

    @rpc
    def get_segment(self, name: str, *, timeout_s: float | None = None) -> One[Segment]:
        """Return a segment. name: "segments/{segment}".

        Raises:
            Refused: NOT_FOUND.
        """
        return UnaryRequest(pb.GetSegmentRequest(name=name), Segment, timeout_s)

    @stream
    def list_segments(
        self,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Segment]:
        """Iterate over all segments; a page is requested when the iteration reaches it.

        Args:
            filter, order_by: an AIP-160 filter and an AIP-132 order, see the proto.
            page_size: segments a page, at least 0; 0 or None is the server's default.
            timeout_s: the deadline of each page.

        Raises:
            Refused: INVALID_ARGUMENT (an unknown field).
        """
        request = pb.ListSegmentsRequest(page_size=page_size, filter=filter, order_by=order_by)
        return PagedRequest(request, ListSegmentsResponse, lambda page: page.segments, timeout_s)

    @rpc
    def update_segment(
        self,
        segment: Segment,
        *,
        update_mask: Iterable[str] | None = None,
        allow_missing: bool | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Segment]:
        """Update a segment and return it.

        Args:
            segment: the new values, and the `name`; with an `etag`, only if it is the current one.
            update_mask: paths of the fields to change; default: those set in `segment`.
            allow_missing: create the segment if it does not exist.

        Raises:
            Refused: NOT_FOUND, ABORTED (stale etag), INVALID_ARGUMENT (the filter).
            InDoubt: it may be updated or not.
        """
        request = pb.UpdateSegmentRequest(
            segment=segment,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            allow_missing=allow_missing,
            request_id=request_id,
            validate_only=validate_only,
        )
        return UnaryRequest(request, Segment, timeout_s)

    @rpc
    def delete_segment(
        self,
        name: str,
        *,
        etag: str | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> One[Empty]:
        """Delete a segment permanently; its members are not changed.

        Args:
            name: "segments/{segment}".
            etag: delete only if it is the current one.

        Raises:
            Refused: NOT_FOUND, ABORTED (stale etag).
            InDoubt: it may be deleted or not.
        """
        return UnaryRequest(
            pb.DeleteSegmentRequest(name=name, etag=etag, request_id=request_id), Empty, timeout_s
        )

    @stream
    def list_segment_members(
        self,
        parent: str,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        show_deleted: bool | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Customer]:
        """Iterate over the customers that match a segment's filter now.

        Args:
            parent: "segments/{segment}".
            filter, order_by: narrow and sort the members, see the proto.
            show_deleted: include soft-deleted customers.
            page_size: customers a page, at least 0; 0 or None is the server's default.
            timeout_s: the deadline of each page.

        Raises:
            Refused: NOT_FOUND (the segment), INVALID_ARGUMENT (an unknown field).
        """
        request = pb.ListSegmentMembersRequest(
            parent=parent, page_size=page_size, filter=filter, order_by=order_by, show_deleted=show_deleted
        )
        return PagedRequest(request, ListSegmentMembersResponse, lambda page: page.customers, timeout_s)


class SyncInsight(Insight, SyncResource):
    """Standing, policy, segments and economics, blocking."""


class AioInsight(Insight, AioResource):
    """Standing, policy, segments and economics, on an event loop."""

"""What clients are to us: one method for each RPC of InsightService, in its order.

`timeout_s` and `request_id` are as in customers.py. Read next: economics.py, the rest of them.
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
from clientela_client.calls.requests import Intent, Many, One, Pages
from clientela_client.calls.resources import AioNoun, SyncNoun, rpc, stream
from clientela_client.economics import Economics


class Insight(Economics):
    """The methods of standing, policy, segments and economics, for both clients."""

    @rpc
    def get_standing(
        self, name: str, *, read_time: Timestamp | None = None, timeout_s: float | None = None
    ) -> One[Standing]:
        """Tell what a client is, with a finding for every label; as of `read_time`, or now."""
        return Intent(pb.GetStandingRequest(name=name, read_time=read_time), Standing, timeout_s)

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
        """List the standings of all pages, asking for each when it is reached."""
        request = pb.ListStandingsRequest(
            page_size=page_size, filter=filter, order_by=order_by, with_findings=with_findings
        )
        return Pages(request, ListStandingsResponse, lambda page: page.standings, timeout_s)

    @rpc
    def get_policy(self, *, timeout_s: float | None = None) -> One[Policy]:
        """Read every threshold of every rule."""
        return Intent(pb.GetPolicyRequest(), Policy, timeout_s)

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
        """Change the thresholds that `update_mask` names; without it, those that are filled in."""
        request = pb.UpdatePolicyRequest(
            policy=policy,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            request_id=request_id,
            validate_only=validate_only,
        )
        return Intent(request, Policy, timeout_s)

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
        """Save a filter under a name; without `segment_id` the server makes one up."""
        request = pb.CreateSegmentRequest(
            segment=segment, segment_id=segment_id, request_id=request_id, validate_only=validate_only
        )
        return Intent(request, Segment, timeout_s)

    @rpc
    def get_segment(self, name: str, *, timeout_s: float | None = None) -> One[Segment]:
        """Read the segment of this name, "segments/{segment}"."""
        return Intent(pb.GetSegmentRequest(name=name), Segment, timeout_s)

    @stream
    def list_segments(
        self,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Segment]:
        """List the segments of all pages."""
        request = pb.ListSegmentsRequest(page_size=page_size, filter=filter, order_by=order_by)
        return Pages(request, ListSegmentsResponse, lambda page: page.segments, timeout_s)

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
        """Change the fields that `update_mask` names; without it, what is filled in."""
        request = pb.UpdateSegmentRequest(
            segment=segment,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            allow_missing=allow_missing,
            request_id=request_id,
            validate_only=validate_only,
        )
        return Intent(request, Segment, timeout_s)

    @rpc
    def delete_segment(
        self,
        name: str,
        *,
        etag: str | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> One[Empty]:
        """Delete a segment, for good; its members are left as they are."""
        return Intent(pb.DeleteSegmentRequest(name=name, etag=etag, request_id=request_id), Empty, timeout_s)

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
        """List the customers whom a segment's filter finds now, of all pages."""
        request = pb.ListSegmentMembersRequest(
            parent=parent, page_size=page_size, filter=filter, order_by=order_by, show_deleted=show_deleted
        )
        return Pages(request, ListSegmentMembersResponse, lambda page: page.customers, timeout_s)


class SyncInsight(Insight, SyncNoun):
    """Standing, policy, segments and economics, blocking."""


class AioInsight(Insight, AioNoun):
    """Standing, policy, segments and economics, on an event loop."""

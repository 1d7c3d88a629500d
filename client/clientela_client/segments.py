"""Segments: one method for each RPC of SegmentService, in its order.

`timeout_s`, `request_id`, `validate_only`, Unavailable and InDoubt are as in customers.py. Read next:
standing.py, whose filters they store.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import segments_pb2 as pb
from clientela.v1.customers_pb2 import Customer
from clientela.v1.segments_pb2 import ListSegmentMembersResponse, ListSegmentsResponse, Segment
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest
from clientela_client.calls.resources import AioResource, SyncResource, rpc, stream


class Segments:
    """The methods of segments, for both clients."""

    @rpc
    def create(
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
    def get(self, name: str, *, timeout_s: float | None = None) -> One[Segment]:
        """Return a segment. name: "segments/{segment}".

        Raises:
            Refused: NOT_FOUND.
        """
        return UnaryRequest(pb.GetSegmentRequest(name=name), Segment, timeout_s)

    @stream
    def list(
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
    def update(
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
    def delete(
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
    def list_members(
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


class SyncSegments(Segments, SyncResource):
    """Segments, blocking."""


class AioSegments(Segments, AioResource):
    """Segments, on an event loop."""

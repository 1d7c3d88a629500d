# Made from protos/clientela/v1/segments.proto by protos/nouns_for_python.py: edit that, and run make sdk.
"""Segments, and their members: one method for each RPC of SegmentService, in its order."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import segments_pb2 as pb
from clientela.v1.customers_pb2 import Customer
from clientela.v1.segments_pb2 import ListSegmentMembersResponse, ListSegmentsResponse, Segment
from clientela_client._async.calls import AioNoun
from clientela_client._async.items import AioItems, AioPages


class AioSegments(AioNoun):
    """Segments, and their members.

    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
    """

    async def create(
        self,
        segment: Segment,
        *,
        segment_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> Segment:
        """Save a filter under a name, with what is done for those whom it finds.

        Args:
            segment: the segment to make; `name` and output-only fields are ignored.
            segment_id: the id that becomes the last part of the name. Unset: the server makes one.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            validate_only: check the request and write nothing.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for a filter that can't be read, ALREADY_EXISTS if the id is taken.
            InDoubt: it may be done or not.
        """
        request = pb.CreateSegmentRequest(
            segment=segment, segment_id=segment_id, request_id=request_id, validate_only=validate_only
        )
        return await self._calls.unary(request, Segment, timeout_s)

    async def get(self, name: str, *, timeout_s: float | None = None) -> Segment:
        """Return one segment.

        Args:
            name: "segments/{segment}".
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such segment.
        """
        request = pb.GetSegmentRequest(name=name)
        return await self._calls.unary(request, Segment, timeout_s)

    async def list_page(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> ListSegmentsResponse:
        """List segments, a page at a time.

        Args:
            page_size: how many at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT. A page that is full at about 1 MiB holds fewer.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            filter: AIP-160, at most 2000 characters. Fields: name, display_name, create_time.
            order_by: fields with an optional " desc", separated by commas: name, display_name, create_time.
                Unset: by name.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for an unknown field in `filter` or `order_by`, or a `page_token` of
                another call.
        """
        request = pb.ListSegmentsRequest(
            page_size=page_size, page_token=page_token, filter=filter, order_by=order_by
        )
        return await self._calls.unary(request, ListSegmentsResponse, timeout_s)

    def list(
        self,
        *,
        page_size: int | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> AioItems[Segment]:
        """Iterate over all segments; a page is requested when the iteration reaches it.

        Args:
            page_size, filter, order_by: as of `list_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: as `list_page`.
        """
        request = pb.ListSegmentsRequest(page_size=page_size, filter=filter, order_by=order_by)
        return AioPages(self._calls, request, ListSegmentsResponse, lambda page: page.segments, timeout_s)

    async def update(
        self,
        segment: Segment,
        *,
        update_mask: Iterable[str] | None = None,
        allow_missing: bool | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> Segment:
        """Change the fields of a segment that `update_mask` names.

        Args:
            segment: the segment with its `name`, and with the new values. `etag`, if given, must be the
                current one.
            update_mask: which fields to change, e.g. "filter,strategy". Unset: those that are filled in. "*":
                all, so that what is empty is emptied.
            allow_missing: create the segment under its `name` if there is none.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            validate_only: check the request and write nothing.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such segment (and `allow_missing` is not set), ABORTED on a
                stale `segment.etag`, INVALID_ARGUMENT for a filter that can't be read.
            InDoubt: it may be done or not.
        """
        request = pb.UpdateSegmentRequest(
            segment=segment,
            update_mask=None if update_mask is None else FieldMask(paths=update_mask),
            allow_missing=allow_missing,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(request, Segment, timeout_s)

    async def delete(
        self,
        name: str,
        *,
        etag: str | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Empty:
        """Delete a segment, for good. Its members are left as they are.

        Args:
            name: "segments/{segment}".
            etag: if given and not the current one, the call is ABORTED.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such segment, ABORTED on a stale `etag`.
            InDoubt: it may be done or not.
        """
        request = pb.DeleteSegmentRequest(name=name, etag=etag, request_id=request_id)
        return await self._calls.unary(request, Empty, timeout_s)

    async def list_members_page(
        self,
        parent: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        show_deleted: bool | None = None,
        timeout_s: float | None = None,
    ) -> ListSegmentMembersResponse:
        """List the customers whom a segment's filter finds now, a page at a time.

        Args:
            parent: "segments/{segment}".
            page_size: how many at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT. A page that is full at about 1 MiB holds fewer.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            filter: which of the members: a filter as in ListStandings.
            order_by: as in ListStandings. Unset: by name.
            show_deleted: whether soft-deleted customers are listed too.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such segment. INVALID_ARGUMENT for an unknown field in `filter`
                or `order_by`, or a `page_token` of another call.
        """
        request = pb.ListSegmentMembersRequest(
            parent=parent,
            page_size=page_size,
            page_token=page_token,
            filter=filter,
            order_by=order_by,
            show_deleted=show_deleted,
        )
        return await self._calls.unary(request, ListSegmentMembersResponse, timeout_s)

    def list_members(
        self,
        parent: str,
        *,
        page_size: int | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        show_deleted: bool | None = None,
        timeout_s: float | None = None,
    ) -> AioItems[Customer]:
        """Iterate over all customers; a page is requested when the iteration reaches it.

        Args:
            parent, page_size, filter, order_by, show_deleted: as of `list_members_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: as `list_members_page`.
        """
        request = pb.ListSegmentMembersRequest(
            parent=parent, page_size=page_size, filter=filter, order_by=order_by, show_deleted=show_deleted
        )
        return AioPages(
            self._calls, request, ListSegmentMembersResponse, lambda page: page.customers, timeout_s
        )

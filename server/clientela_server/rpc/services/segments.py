"""SegmentService: decode, call, encode.

Read next: `usecases/segments` (what a write does), `store/nouns/standing_lists` (what filters may ask for).
"""

from collections.abc import Sequence
from typing import Any

from google.protobuf.empty_pb2 import Empty

from clientela.v1 import segments_pb2 as pb
from clientela.v1.segments_pb2_grpc import SegmentServiceServicer
from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.segments import Segment
from clientela_server.rpc.codec import customers as customer_codec
from clientela_server.rpc.codec import segments as codec
from clientela_server.rpc.codec.framing import listed
from clientela_server.rpc.codec.values import segment_id
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Encoded
from clientela_server.rpc.services.field_masks import apply_mask, check_mask
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.nouns import segments as store
from clientela_server.store.nouns.customer_lists import with_totals
from clientela_server.store.nouns.customers import Found
from clientela_server.store.nouns.standing_lists import StandingLists
from clientela_server.usecases.segments import SegmentWrites


class SegmentService(SegmentServiceServicer):
    """The handlers of SegmentService. lists: the customers that filters match."""

    def __init__(
        self,
        database: Database,
        writer: JournalWriter,
        tokens: PageTokens,
        *,
        segments: SegmentWrites,
        lists: StandingLists,
        cutpoints: RfmCutpointsCache,
    ) -> None:
        self._database = database
        self._writer = writer
        self._tokens = tokens
        self._segments = segments
        self._lists = lists
        self._cutpoints = cutpoints

    async def CreateSegment(self, request: pb.CreateSegmentRequest, call: CallContext) -> Encoded:
        """Create a segment."""
        await self._cutpoints.current()
        apply = self._segments.create(codec.segment_draft(request.segment), request.segment_id or None)
        return await self._writer.write(request, call, apply, dry_run=request.validate_only)

    async def GetSegment(self, request: pb.GetSegmentRequest, call: CallContext) -> Encoded:
        """Return one segment."""
        wanted = segment_id(request.name)
        record, call.revision = await self._database.read(lambda connection: store.get(connection, wanted))
        return Encoded(record)

    async def ListSegments(self, request: pb.ListSegmentsRequest, call: CallContext) -> Encoded:
        """Return one page."""
        asked = (call.caller, call.rpc.name, request.filter, request.order_by)
        after = self._tokens.read(asked, request.page_token)
        limit = page_limit(request.page_size)
        (records, last), call.revision = await self._database.scan(
            lambda connection: store.page(connection, request.filter, request.order_by, after, limit)
        )
        token = self._tokens.make(asked, last) if last else ""
        return listed(pb.ListSegmentsResponse(next_page_token=token), "segments", records)

    async def UpdateSegment(self, request: pb.UpdateSegmentRequest, call: CallContext) -> Encoded:
        """Update the fields of the mask; without one, those that are set."""
        if not request.segment.name:
            raise InvalidArgument.of_field("NAME_MISSING", "segment.name", "required")
        await self._cutpoints.current()
        mask = request.update_mask if request.HasField("update_mask") else None
        check_mask(request.segment, mask)

        def change(current: Segment) -> Segment:
            message = codec.to_segment(current)
            apply_mask(request.segment, mask, message)
            return codec.from_segment(message)

        apply = self._segments.update(
            segment_id(request.segment.name), request.segment.etag, change, request.allow_missing
        )
        return await self._writer.write(request, call, apply, dry_run=request.validate_only)

    async def DeleteSegment(self, request: pb.DeleteSegmentRequest, call: CallContext) -> Empty:
        """Delete a segment."""
        await self._writer.write(request, call, self._segments.delete(segment_id(request.name), request.etag))
        return Empty()

    async def ListSegmentMembers(self, request: pb.ListSegmentMembersRequest, call: CallContext) -> Encoded:
        """Return one page of the customers that match the segment's filter now."""
        await self._cutpoints.current()
        deleted = request.show_deleted
        asked = (call.caller, call.rpc.name, request.parent, request.filter, request.order_by, str(deleted))
        after = self._tokens.read(asked, request.page_token)
        wanted, limit = self._lists.condition(request.filter), page_limit(request.page_size)

        def read(connection: Connection) -> tuple[list[Found], Sequence[Any] | None]:
            segment = pb.Segment.FromString(store.get(connection, segment_id(request.parent)))
            # Checked again: an older server may have accepted a filter that is refused now.
            conditions = (self._lists.condition(segment.filter, "parent"), wanted)
            rows, last = self._lists.members(
                connection, conditions, request.order_by, after, limit, show_deleted=deleted
            )
            return with_totals(connection, rows, last)

        (found, last), call.revision = await self._database.scan(read)
        rest = pb.ListSegmentMembersResponse(next_page_token=self._tokens.make(asked, last) if last else "")
        return listed(rest, "customers", (customer_codec.encoded(*each) for each in found))

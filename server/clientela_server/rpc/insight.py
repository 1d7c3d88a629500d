"""InsightService: decode, call, encode.

Read next: `store/standings` (how a client is judged), `store/segments`, `domain/standing` (the rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2
from clientela.v1 import insight_pb2 as pb
from clientela.v1.insight_pb2_grpc import InsightServiceServicer
from clientela_server.clock import Clock
from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.facts import day_of
from clientela_server.domain.policy import Policy
from clientela_server.domain.segments import Segment
from clientela_server.domain.standing import standing_of
from clientela_server.rpc.call import Call
from clientela_server.rpc.codec import customers as customer_codec
from clientela_server.rpc.codec import insight as codec
from clientela_server.rpc.codec.values import customer_id, from_time, segment_id, to_time
from clientela_server.rpc.known_standings import Grounds, KnownStandings
from clientela_server.rpc.masks import apply_mask
from clientela_server.rpc.texts.standing import language_for
from clientela_server.rpc.writes import Writes
from clientela_server.store import policy as policies
from clientela_server.store import segments as store
from clientela_server.store.connection import Connection
from clientela_server.store.customer_lists import with_totals
from clientela_server.store.customers import Found
from clientela_server.store.database import Database
from clientela_server.store.fact_rows import kept_of_row
from clientela_server.store.markets import Markets
from clientela_server.store.paging import PageTokens, page_limit
from clientela_server.store.policy import Policies
from clientela_server.store.segments import SegmentWrites
from clientela_server.store.standing_lists import Page, StandingLists
from clientela_server.store.standings import StandingReads


def new_lists() -> StandingLists:
    """Make the lists over the names of the contract's enums."""
    return StandingLists(
        dict(pb.Stage.items()), dict(pb.Kind.items()), dict(customers_pb2.AcquisitionChannel.items())
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What of the store the calls need."""

    policies: Policies
    reads: StandingReads
    markets: Markets
    segments: SegmentWrites
    lists: StandingLists


class InsightService(InsightServiceServicer):
    """The calls about what clients are to us."""

    def __init__(
        self,
        database: Database,
        writes: Writes,
        parts: Parts,
        tokens: PageTokens,
        clock: Clock,
    ) -> None:
        self._database = database
        self._writes = writes
        self._policies = parts.policies
        self._reads = parts.reads
        self._markets = parts.markets
        self._segments = parts.segments
        self._lists = parts.lists
        self._known = KnownStandings()
        self._tokens = tokens
        self._clock = clock

    async def GetStanding(self, request: pb.GetStandingRequest, call: Call) -> pb.Standing:
        """Judge one client, from one row; as of a past time from its ledger."""
        now_us, wanted = self._clock(), customer_id(request.name)
        at_us = from_time(request.read_time, "read_time") if request.HasField("read_time") else now_us
        market = await self._markets.current()
        if at_us < now_us:
            standing, call.revision = await self._database.scan(
                lambda connection: self._reads.get_past(connection, wanted, market, at_us)
            )
            return codec.to_standing(standing, at_us, language_for(call.languages))
        (row, policy), call.revision = await self._database.read(
            lambda connection: self._reads.grounds(connection, wanted)
        )
        grounds = Grounds(row, policy, market, day_of(at_us))
        return self._answer(wanted, grounds, at_us, language_for(call.languages))

    def _answer(self, wanted: str, grounds: Grounds, at_us: int, language: str) -> pb.Standing:
        """Judge a client, or say again what was said on the same grounds."""

        def make() -> pb.Standing:
            facts = kept_of_row(grounds.row).facts
            judged = standing_of(facts, grounds.policy, grounds.market, grounds.day, wanted)
            return codec.to_standing(judged, at_us, language)

        answer = self._known.answer(wanted, language, grounds, make)
        answer.read_time.CopyFrom(to_time(at_us))
        return answer

    async def ListStandings(self, request: pb.ListStandingsRequest, call: Call) -> pb.ListStandingsResponse:
        """Read one page, and judge each client on it."""
        now_us, findings = self._clock(), request.with_findings
        asked = (call.caller, call.rpc.name, request.filter, request.order_by, str(findings))
        after = self._tokens.read(asked, request.page_token)
        condition, limit = self._lists.condition(request.filter), page_limit(request.page_size)
        market = await self._markets.current()

        def read(connection: Connection) -> tuple[Page, list[pb.Standing]]:
            page = self._lists.page(connection, condition, request.order_by, after, limit)
            judged = self._reads.judge(connection, page.rows, market, now_us)
            language = language_for(call.languages)
            return page, [codec.to_standing(each, now_us, language, findings=findings) for each in judged]

        (page, standings), call.revision = await self._database.scan(read)
        return pb.ListStandingsResponse(
            standings=standings,
            next_page_token=self._tokens.make(asked, page.last) if page.last else "",
            total_size=page.total,
        )

    async def GetPolicy(self, request: pb.GetPolicyRequest, call: Call) -> pb.Policy:
        """Read all thresholds."""
        record, call.revision = await self._database.read(policies.record_of)
        return codec.stored_policy(record)

    async def UpdatePolicy(self, request: pb.UpdatePolicyRequest, call: Call) -> pb.Policy:
        """Change what the mask names; a mask left out names what is filled in."""
        mask = request.update_mask if request.HasField("update_mask") else None
        paths = apply_mask(request.policy, mask, pb.Policy())

        def change(current: Policy) -> Policy:
            message = codec.to_policy(current)
            apply_mask(request.policy, FieldMask(paths=paths), message)
            return codec.from_policy(message)

        apply = self._policies.update(change, request.policy.etag)
        return pb.Policy.FromString(
            await self._writes.do(request, call, apply, dry_run=request.validate_only)
        )

    async def CreateSegment(self, request: pb.CreateSegmentRequest, call: Call) -> pb.Segment:
        """Save a filter."""
        apply = self._segments.create(codec.segment_draft(request.segment), request.segment_id or None)
        return pb.Segment.FromString(
            await self._writes.do(request, call, apply, dry_run=request.validate_only)
        )

    async def GetSegment(self, request: pb.GetSegmentRequest, call: Call) -> pb.Segment:
        """Read one segment."""
        wanted = segment_id(request.name)
        record, call.revision = await self._database.read(lambda connection: store.get(connection, wanted))
        return pb.Segment.FromString(record)

    async def ListSegments(self, request: pb.ListSegmentsRequest, call: Call) -> pb.ListSegmentsResponse:
        """Read one page."""
        asked = (call.caller, call.rpc.name, request.filter, request.order_by)
        after = self._tokens.read(asked, request.page_token)
        limit = page_limit(request.page_size)
        (records, last), call.revision = await self._database.scan(
            lambda connection: store.page(connection, request.filter, request.order_by, after, limit)
        )
        return pb.ListSegmentsResponse(
            segments=[pb.Segment.FromString(record) for record in records],
            next_page_token=self._tokens.make(asked, last) if last else "",
        )

    async def UpdateSegment(self, request: pb.UpdateSegmentRequest, call: Call) -> pb.Segment:
        """Change what the mask names; a mask left out names what is filled in."""
        if not request.segment.name:
            raise InvalidArgument.of_field("NAME_MISSING", "segment.name", "required")
        mask = request.update_mask if request.HasField("update_mask") else None
        paths = apply_mask(request.segment, mask, pb.Segment())

        def change(current: Segment) -> Segment:
            message = codec.to_segment(current)
            apply_mask(request.segment, FieldMask(paths=paths), message)
            return codec.from_segment(message)

        apply = self._segments.update(
            segment_id(request.segment.name), request.segment.etag, change, request.allow_missing
        )
        return pb.Segment.FromString(
            await self._writes.do(request, call, apply, dry_run=request.validate_only)
        )

    async def DeleteSegment(self, request: pb.DeleteSegmentRequest, call: Call) -> Empty:
        """Remove a segment."""
        await self._writes.do(request, call, self._segments.delete(segment_id(request.name), request.etag))
        return Empty()

    async def ListSegmentMembers(
        self, request: pb.ListSegmentMembersRequest, call: Call
    ) -> pb.ListSegmentMembersResponse:
        """Read one page of those whom the segment's filter finds now."""
        deleted = request.show_deleted
        asked = (call.caller, call.rpc.name, request.parent, request.filter, request.order_by, str(deleted))
        after = self._tokens.read(asked, request.page_token)
        wanted, limit = self._lists.condition(request.filter), page_limit(request.page_size)

        def read(connection: Connection) -> tuple[list[Found], Sequence[Any] | None]:
            segment = pb.Segment.FromString(store.get(connection, segment_id(request.parent)))
            conditions = (self._lists.condition(segment.filter), wanted)
            rows, last = self._lists.members(
                connection, conditions, request.order_by, after, limit, show_deleted=deleted
            )
            return with_totals(connection, rows), last

        (found, last), call.revision = await self._database.scan(read)
        return pb.ListSegmentMembersResponse(
            customers=[customer_codec.stored(*each) for each in found],
            next_page_token=self._tokens.make(asked, last) if last else "",
        )

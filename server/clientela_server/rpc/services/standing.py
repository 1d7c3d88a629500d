"""StandingService: decode, call, encode.

Read next: `usecases/standings` (how a client is judged), `domain/standing/standing` (the rules).
"""

from clientela.v1 import customers_pb2
from clientela.v1 import standing_pb2 as pb
from clientela.v1.standing_pb2_grpc import StandingServiceServicer
from clientela_server.clock import Clock
from clientela_server.domain.days import day_of
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.standing import Standing, standing_of
from clientela_server.rpc.codec import standing as codec
from clientela_server.rpc.codec.values import customer_id, from_time, to_time
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Answer, Encoded
from clientela_server.rpc.locales.standing import language_for
from clientela_server.rpc.services.field_masks import apply_mask, check_mask
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.standing_cache import CacheInputs, StandingCache
from clientela_server.store.aggregates import policy as policies
from clientela_server.store.aggregates.aggregate_rows import aggregates_of_row, totals_of_row
from clientela_server.store.aggregates.ranking_thresholds import RankingThresholdsCache
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.database.answer_size import RECORD_OVERHEAD, take_fitting
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.nouns.standing_lists import Page, StandingLists
from clientela_server.usecases.policy import PolicyWrites
from clientela_server.usecases.standings import StandingReads


def new_lists(cutpoints: RfmCutpointsCache) -> StandingLists:
    """Return the standing lists, with the contract's enum names for filters."""
    channels = dict(customers_pb2.AcquisitionChannel.items())
    return StandingLists(dict(pb.Stage.items()), dict(pb.Kind.items()), channels, cutpoints)


class StandingService(StandingServiceServicer):
    """The handlers of StandingService."""

    def __init__(  # noqa: PLR0913  each has its name
        self,
        database: Database,
        writer: JournalWriter,
        tokens: PageTokens,
        clock: Clock,
        *,
        policies: PolicyWrites,
        reads: StandingReads,
        thresholds: RankingThresholdsCache,
        lists: StandingLists,
        cutpoints: RfmCutpointsCache,
    ) -> None:
        self._database = database
        self._writer = writer
        self._tokens = tokens
        self._clock = clock
        self._policies = policies
        self._reads = reads
        self._thresholds = thresholds
        self._lists = lists
        self._cutpoints = cutpoints
        self._cache = StandingCache()

    async def GetStanding(self, request: pb.GetStandingRequest, call: CallContext) -> Answer:
        """Judge one client from its aggregate row; as of a past time, from its ledger."""
        now_us, wanted = self._clock(), customer_id(request.name)
        at_us = from_time(request.read_time, "read_time") if request.HasField("read_time") else now_us
        market = await self._thresholds.current()
        if at_us < now_us:
            standing, call.revision = await self._database.scan(
                lambda connection: self._reads.get_past(connection, wanted, market, at_us)
            )
            return codec.to_standing(standing, at_us, market, language_for(call.languages))
        (row, policy), call.revision = await self._database.read(
            lambda connection: self._reads.grounds(connection, wanted)
        )
        inputs = CacheInputs(row, policy, market, day_of(at_us))
        return self._answer(wanted, inputs, at_us, language_for(call.languages))

    def _answer(self, wanted: str, inputs: CacheInputs, at_us: int, language: str) -> Encoded:
        """Judge a client, or return the cached response of the same inputs; only `read_time` is new.

        It is appended: concatenated protobuf messages parse as one, merged.
        """

        def make() -> bytes:
            facts = aggregates_of_row(inputs.row).facts
            judged = standing_of(facts, inputs.policy, inputs.market, inputs.day, wanted)
            message = codec.to_standing(judged, at_us, inputs.market, language)
            message.ClearField("read_time")
            return message.SerializeToString()

        answer = self._cache.get_or_make(wanted, language, inputs, make)
        return Encoded(answer + pb.Standing(read_time=to_time(at_us)).SerializeToString())

    async def ListStandings(
        self, request: pb.ListStandingsRequest, call: CallContext
    ) -> pb.ListStandingsResponse:
        """Return one page, with each client judged now."""
        now_us, findings = self._clock(), request.with_findings
        asked = (call.caller, call.rpc.name, request.filter, request.order_by, str(findings))
        after = self._tokens.read(asked, request.page_token)
        cutpoints, market = await self._cutpoints.current(), await self._thresholds.current()
        condition, limit = self._lists.condition(request.filter), page_limit(request.page_size)

        def read(connection: Connection) -> tuple[Page, list[pb.Standing]]:
            page = self._lists.page(connection, condition, request.order_by, after, limit)
            judged = self._reads.judge(connection, page.rows, market, now_us, findings=findings)
            language = language_for(call.languages)

            def to_message(standing: Standing, row: Row) -> pb.Standing:
                message = codec.to_standing(standing, now_us, market, language, findings=findings)
                message.rfm_scores.extend(codec.to_rfm_scores(totals_of_row(row), cutpoints))
                return message

            return page, take_fitting(
                map(to_message, judged, page.rows), lambda each: each.ByteSize() + RECORD_OVERHEAD
            )

        (page, standings), call.revision = await self._database.scan(read)
        last = page.last(len(standings))
        return pb.ListStandingsResponse(
            standings=standings,
            next_page_token=self._tokens.make(asked, last) if last else "",
            total_size=page.total,
        )

    async def GetPolicy(self, request: pb.GetPolicyRequest, call: CallContext) -> pb.Policy:
        """Return the policy."""
        record, call.revision = await self._database.read(policies.policy_record)
        return codec.stored_policy(record)

    async def UpdatePolicy(self, request: pb.UpdatePolicyRequest, call: CallContext) -> Encoded:
        """Update the fields of the mask; without one, those that are set."""
        mask = request.update_mask if request.HasField("update_mask") else None
        check_mask(request.policy, mask)

        def change(current: Policy) -> Policy:
            message = codec.to_policy(current)
            apply_mask(request.policy, mask, message)
            return codec.from_policy(message)

        apply = self._policies.update(change, request.policy.etag)
        return await self._writer.write(request, call, apply, dry_run=request.validate_only)

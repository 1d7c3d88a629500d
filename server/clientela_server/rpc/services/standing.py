"""StandingService: decode, call, encode.

Read next: `usecases/standings` (how a client is judged), `domain/standing/standing` (the rules).
"""

from clientela.v1 import customers_pb2
from clientela.v1 import standing_pb2 as pb
from clientela.v1.standing_pb2_grpc import StandingServiceServicer
from clientela_server.clock import Clock
from clientela_server.domain.days import day_of
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.standing import labels_of
from clientela_server.rpc.codec import standing as codec
from clientela_server.rpc.codec.framing import listed
from clientela_server.rpc.codec.standing_encoder import StandingEncoder, encoded_standing, encoder_of
from clientela_server.rpc.codec.values import customer_id, from_time, set_time
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Encoded
from clientela_server.rpc.locales.standing import language_for
from clientela_server.rpc.services.field_masks import apply_mask, check_mask
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.rpc.services.kept_answers import KeptAnswers
from clientela_server.rpc.services.standing_cache import StandingCache
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
        kept: KeptAnswers,
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
        self._kept = kept

    async def GetStanding(self, request: pb.GetStandingRequest, call: CallContext) -> Encoded:
        """Judge one client from its aggregate row; as of a past time, from its ledger."""
        now_us, wanted = self._clock(), customer_id(request.name)
        at_us = from_time(request.read_time, "read_time") if request.HasField("read_time") else now_us
        market, language = await self._thresholds.current(), language_for(call.languages)
        if at_us < now_us:
            standing, call.revision = await self._database.scan(
                lambda connection: self._reads.get_past(connection, wanted, market, at_us)
            )
            return Encoded(encoded_standing(standing, market, language) + _moment(at_us))
        row, policy = await self._grounds(wanted, call)
        day = day_of(at_us)
        if day == day_of(now_us):
            encoder = encoder_of(policy, day, language)
            return Encoded(self._cache.encoded(wanted, row, encoder, market) + _moment(at_us))
        facts, encoder = aggregates_of_row(row).facts, StandingEncoder(policy, day, language)
        return Encoded(encoder.encode(wanted, facts, market) + _moment(at_us))

    async def _grounds(self, wanted: str, call: CallContext) -> tuple[Row, Policy]:
        """Return by what a client is judged."""
        revision = call.revision = self._database.revision_read
        kept: tuple[Row, Policy] | None = self._kept.find(wanted, "grounds", revision)
        if kept is not None:
            return kept
        grounds, call.revision = await self._database.read(
            lambda connection: self._reads.grounds(connection, wanted)
        )
        self._kept.keep(wanted, "grounds", revision, grounds, size=_size_of(grounds[0]))
        return grounds

    async def ListStandings(self, request: pb.ListStandingsRequest, call: CallContext) -> Encoded:
        """Return one page, with each client judged now."""
        now_us, findings = self._clock(), request.with_findings
        asked = (call.caller, call.rpc.name, request.filter, request.order_by, str(findings))
        after = self._tokens.read(asked, request.page_token)
        cutpoints, market = await self._cutpoints.current(), await self._thresholds.current()
        condition, limit = self._lists.condition(request.filter), page_limit(request.page_size)
        language, moment = language_for(call.languages), _moment(now_us)

        def encoded(policy: Policy, row: Row) -> bytes:
            facts, day = aggregates_of_row(row[1:]).facts, day_of(now_us)
            if findings:
                standing = encoder_of(policy, day, language).encode(row[0], facts, market)
            else:
                labels = labels_of(facts, policy, market, day, row[0])
                standing = encoded_standing(labels, market, language)
            scores = codec.to_rfm_scores(totals_of_row(row), cutpoints)
            return standing + moment + pb.Standing(rfm_scores=scores).SerializeToString()

        def read(connection: Connection) -> tuple[Page, list[bytes]]:
            page = self._lists.page(connection, condition, request.order_by, after, limit)
            policy = self._reads.policy(connection)
            return page, take_fitting(
                (encoded(policy, row) for row in page.rows), lambda each: len(each) + RECORD_OVERHEAD
            )

        (page, standings), call.revision = await self._database.scan(read)
        last = page.last(len(standings))
        rest = pb.ListStandingsResponse(
            next_page_token=self._tokens.make(asked, last) if last else "",
            total_size=page.total,
        )
        return listed(rest, "standings", standings)

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


def _moment(us: int) -> bytes:
    """Return the moment of a standing, put behind it: messages one behind the other are one."""
    rest = pb.Standing()
    set_time(rest.read_time, us)
    return rest.SerializeToString()


def _size_of(row: Row) -> int:
    return sum(len(value) for value in row if isinstance(value, str | bytes))

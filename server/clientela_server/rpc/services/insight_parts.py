"""What the handlers of InsightService share: dependencies, and reading of common fields.

Read next: `standing`, `segments` and `spends`, the handlers.
"""

from dataclasses import dataclass
from typing import Any

from clientela.v1 import customers_pb2
from clientela.v1 import insight_pb2 as pb
from clientela.v1.insight_pb2_grpc import InsightServiceServicer
from clientela_server.clock import Clock
from clientela_server.domain.days import date_of, day_of
from clientela_server.domain.errors import InvalidArgument
from clientela_server.reports.reports import Reports
from clientela_server.rpc.codec.values import from_date
from clientela_server.rpc.services.journal_writer import JournalWriter
from clientela_server.store.aggregates.ranking_thresholds import RankingThresholdsCache
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.aggregates.standings import StandingReads
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens
from clientela_server.store.nouns.spends import SpendLists
from clientela_server.store.nouns.standing_lists import StandingLists
from clientela_server.usecases.policy import PolicyWrites
from clientela_server.usecases.segments import SegmentWrites
from clientela_server.usecases.spends import Spends


def new_lists(scales: RfmCutpointsCache) -> StandingLists:
    """Return the standing lists, with the contract's enum names for filters."""
    channels = dict(customers_pb2.AcquisitionChannel.items())
    return StandingLists(dict(pb.Stage.items()), dict(pb.Kind.items()), channels, scales)


def new_spend_lists() -> SpendLists:
    """Return the spend lists, with the contract's enum names for filters."""
    return SpendLists(dict(customers_pb2.AcquisitionChannel.items()), dict(pb.SpendPurpose.items()))


@dataclass(frozen=True, slots=True)
class Parts:
    """The dependencies of the handlers."""

    policies: PolicyWrites
    reads: StandingReads
    markets: RankingThresholdsCache
    segments: SegmentWrites
    lists: StandingLists
    spends: Spends
    spend_lists: SpendLists
    reports: Reports
    scales: RfmCutpointsCache


class InsightCalls(InsightServiceServicer):
    """A part of the handlers; `InsightService` combines all."""

    def __init__(
        self, database: Database, writer: JournalWriter, parts: Parts, tokens: PageTokens, clock: Clock
    ) -> None:
        self._database = database
        self._writer = writer
        self._parts = parts
        self._tokens = tokens
        self._clock = clock

    def _last_day(self, request: Any) -> int:
        """Return `as_of` as a day since 1970-01-01, today if unset; InvalidArgument if it is after today."""
        today = day_of(self._clock())
        day = from_date(request.as_of, "as_of") if request.HasField("as_of") else today
        if not 0 <= day <= today:
            raise InvalidArgument.of_field(
                "DATE_OUT_OF_RANGE",
                "as_of",
                "must be from 1970-01-01 to today",
                date=date_of(day),
                today=date_of(today),
            )
        return day

"""FeedService: stream the journal in the order of revisions.

A watch's only state is its last revision; changes are read from the journal when the client is ready for
them. So a slow reader costs no memory, and a broken watch resumes where it was.
"""

from collections.abc import AsyncIterator, Callable, Sequence

from clientela.v1 import feed_pb2 as pb
from clientela.v1.feed_pb2_grpc import FeedServiceServicer
from clientela_server.clock import Monotonic, monotonic
from clientela_server.domain.errors import OutOfRange, Unavailable
from clientela_server.domain.standing.standing import StageChange
from clientela_server.rpc.codec.framing import listed
from clientela_server.rpc.codec.standing import to_stage_change
from clientela_server.rpc.codec.values import to_time
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.gate.encoded import Answer, Encoded
from clientela_server.store.aggregates.stage_changes import changes_with
from clientela_server.store.database.answer_size import RECORD_OVERHEAD, count_fitting
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.journal import feed as store
from clientela_server.store.journal.entries import Entry
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.nouns import Nouns

BOOKMARK_S = 15.0
_PAGE = 500
# Serialized changes, and the revision of the last one if there are more.
Page = tuple[list[bytes], int | None]


class FeedService(FeedServiceServicer):
    """The handlers of FeedService.

    tell_lag: called with how many revisions a watch is behind the head; clock: of the bookmarks' intervals.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        tokens: PageTokens,
        epoch: str,
        *,
        nouns: Nouns,
        tell_lag: Callable[[int], None] | None = None,
        clock: Monotonic = monotonic,
    ) -> None:
        self._clock = clock
        self._tell_lag = tell_lag
        self._database = database
        self._journal = journal
        self._epoch = epoch
        self._nouns = nouns
        self._tokens = tokens

    async def Watch(self, request: pb.WatchRequest, call: CallContext) -> AsyncIterator[Answer]:
        """Stream changes as they are committed, and bookmarks while there are none.

        Raises:
            OutOfRange: `after_revision` is ahead of the head (REVISION_AHEAD), or of another epoch
                (EPOCH_CHANGED).
            Unavailable: the server is stopping; `resume_after_revision` tells where to resume.
        """
        reached = request.after_revision if request.HasField("after_revision") else self._journal.head
        if request.HasField("epoch") and request.epoch != self._epoch:
            raise OutOfRange("EPOCH_CHANGED", epoch=self._epoch, head=str(self._journal.head))
        if reached > self._journal.head:
            # Another server of the same database may have written it, and its notification not arrived yet.
            _, head = await self._database.scan(lambda _: None)
            self._journal.publish(head)
        if reached > self._journal.head:
            raise OutOfRange("REVISION_AHEAD", after_revision=str(reached), head=str(self._journal.head))
        names = [] if "*" in request.names else list(request.names)
        head = self._journal.head
        yield pb.WatchResponse(bookmark_revision=reached, epoch=self._epoch, head_revision=head)
        due = self._clock() + BOOKMARK_S
        while True:
            call.revision = reached
            call.resume_after = str(reached)
            if self._journal.closed:
                raise Unavailable("SERVER_STOPPING", retry_after_s=0.1, resume_after_revision=str(reached))
            changes: list[bytes] = []
            if await self._journal.wait_beyond(reached, due - self._clock()):
                changes, reached, head = await self._read(reached, names)
                if self._tell_lag is not None:
                    self._tell_lag(self._journal.head - reached)
            if changes or self._clock() >= due:
                rest = pb.WatchResponse(bookmark_revision=reached, head_revision=head)
                yield listed(rest, "changes", changes)
                due = self._clock() + BOOKMARK_S

    async def _read(self, reached: int, names: Sequence[str]) -> tuple[list[bytes], int, int]:
        """Return the next changes, the revision that they are complete up to, and the head."""

        def read(connection: Connection) -> Page:
            entries = store.read_after(connection, reached, names, _PAGE + 1)
            return _page(connection, self._nouns, entries, _PAGE)

        (changes, last), head = await self._database.scan(read)
        return changes, head if last is None else last, head

    async def ListHistory(self, request: pb.ListHistoryRequest, call: CallContext) -> Encoded:
        """Return one page of a resource's changes."""
        asked = (call.caller, call.rpc.name, request.name)
        after = self._tokens.read(asked, request.page_token)
        reached, limit = after[0] if after else 0, page_limit(request.page_size)

        def read(connection: Connection) -> Page:
            entries = store.read_history(connection, self._nouns, request.name, reached, limit + 1)
            return _page(connection, self._nouns, entries, limit)

        (changes, last), call.revision = await self._database.scan(read)
        token = "" if last is None else self._tokens.make(asked, [last])
        return listed(pb.ListHistoryResponse(next_page_token=token), "changes", changes)


def _page(connection: Connection, nouns: Nouns, entries: Sequence[Entry], limit: int) -> Page:
    """Return the changes of as many entries as fit into a response."""
    stages = changes_with(connection, nouns, entries[:limit])
    changes = [change(entry, stages.get(entry.revision)) for entry in entries[:limit]]
    shown = count_fitting([len(each) + RECORD_OVERHEAD for each in changes])
    return changes[:shown], entries[shown - 1].revision if shown < len(entries) else None


def change(entry: Entry, stage: StageChange | None = None) -> bytes:
    """Return the serialized message of a journal entry, with the stage change of the same revision."""
    rest = pb.Change(
        revision=entry.revision,
        commit_time=to_time(entry.commit_us),
        actor=entry.actor,
        method=entry.method,
        request_id=entry.request_id or "",
        name=entry.name,
        stage_change=None if stage is None else to_stage_change(stage),
    )
    # The field that holds the resource is named after its noun.
    return listed(rest, entry.noun, [entry.record]).data

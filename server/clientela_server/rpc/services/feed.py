"""FeedService: stream the journal in the order of revisions.

A watch's only state is its last revision; changes are read from the journal when the client is ready for
them. So a slow reader costs no memory, and a broken watch resumes where it was.
"""

from collections.abc import AsyncIterator, Callable, Sequence

from clientela.v1 import feed_pb2 as pb
from clientela.v1.feed_pb2_grpc import FeedServiceServicer
from clientela_server.clock import Monotonic, monotonic
from clientela_server.domain.errors import OutOfRange, Unavailable
from clientela_server.rpc.codec.standing import to_stage_change
from clientela_server.rpc.codec.values import to_time
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.store.aggregates.stage_changes import changes_with
from clientela_server.store.database.answer_size import count_fitting
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Database
from clientela_server.store.filters.paging import PageTokens, page_limit
from clientela_server.store.journal import feed as store
from clientela_server.store.journal.entries import Entry
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.nouns import Nouns

BOOKMARK_S = 15.0
_PAGE = 500
# The most bytes of a change beside its record: names, actor, times.
_BESIDE = 512


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

    async def Watch(self, request: pb.WatchRequest, call: CallContext) -> AsyncIterator[pb.WatchResponse]:
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
            changes: list[pb.Change] = []
            if await self._journal.wait_beyond(reached, due - self._clock()):
                changes, reached, head = await self._read(reached, names)
                if self._tell_lag is not None:
                    self._tell_lag(self._journal.head - reached)
            if changes or self._clock() >= due:
                yield pb.WatchResponse(changes=changes, bookmark_revision=reached, head_revision=head)
                due = self._clock() + BOOKMARK_S

    async def _read(self, reached: int, names: Sequence[str]) -> tuple[list[pb.Change], int, int]:
        """Return the next changes, the revision that they are complete up to, and the head."""

        def read(connection: Connection) -> tuple[list[pb.Change], bool]:
            entries = store.read_after(connection, reached, names, _PAGE + 1)
            return _page(connection, self._nouns, entries, _PAGE)

        (changes, more), head = await self._database.scan(read)
        return changes, changes[-1].revision if more else head, head

    async def ListHistory(self, request: pb.ListHistoryRequest, call: CallContext) -> pb.ListHistoryResponse:
        """Return one page of a resource's changes."""
        asked = (call.caller, call.rpc.name, request.name)
        after = self._tokens.read(asked, request.page_token)
        reached, limit = after[0] if after else 0, page_limit(request.page_size)

        def read(connection: Connection) -> tuple[list[pb.Change], bool]:
            entries = store.read_history(connection, self._nouns, request.name, reached, limit + 1)
            return _page(connection, self._nouns, entries, limit)

        (changes, more), call.revision = await self._database.scan(read)
        token = self._tokens.make(asked, [changes[-1].revision]) if more else ""
        return pb.ListHistoryResponse(changes=changes, next_page_token=token)


def _page(
    connection: Connection, nouns: Nouns, entries: Sequence[Entry], limit: int
) -> tuple[list[pb.Change], bool]:
    """Return the changes of as many entries as fit into a response, and whether there are more."""
    changes = _changes(connection, nouns, entries[:limit])
    shown = count_fitting([_size(*each) for each in zip(entries, changes, strict=False)])
    return changes[:shown], shown < len(entries)


def _changes(connection: Connection, nouns: Nouns, entries: Sequence[Entry]) -> list[pb.Change]:
    """Return the changes of entries, with the stage changes of the same revisions."""
    stages = changes_with(connection, nouns, entries)
    changes = [change(entry) for entry in entries]
    for each in changes:
        if each.revision in stages:
            each.stage_change.CopyFrom(to_stage_change(stages[each.revision]))
    return changes


def _size(entry: Entry, message: pb.Change) -> int:
    """Return an upper bound of a change's size in a response, in bytes."""
    beside = message.stage_change.ByteSize() if message.HasField("stage_change") else 0
    return len(entry.record) + beside + _BESIDE


def change(entry: Entry) -> pb.Change:
    """Return the message of a journal entry."""
    message = pb.Change(
        revision=entry.revision,
        commit_time=to_time(entry.commit_us),
        actor=entry.actor,
        method=entry.method,
        request_id=entry.request_id or "",
        name=entry.name,
    )
    # The field that holds the resource is named after its noun.
    getattr(message, entry.noun).MergeFromString(entry.record)
    return message

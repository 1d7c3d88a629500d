"""The change feed: one method for each RPC of FeedService, in its order.

A watch resumes by itself, from the last bookmark, so that its changes are those of the journal: in order,
without a gap, none twice. Only a refusal ends it, a server that stays away, or one of which no more comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from clientela.v1 import feed_pb2 as pb
from clientela.v1.feed_pb2 import Change, ListHistoryResponse
from clientela_client.calls.attempt import Reading
from clientela_client.calls.effects import Emit, Emitting, Pause, Reach
from clientela_client.calls.requests import Intent, Many, One, Pages, call_of
from clientela_client.calls.resources import AioNoun, SyncNoun, rpc, stream
from clientela_client.calls.retry import Effort
from clientela_client.calls.session import Session
from clientela_client.errors import CallError
from clientela_client.failure import Failure

#: Is told why a watch gets nothing, and in how many seconds it is tried again.
OnTrouble = Callable[[CallError, float], None]


class Feed:
    """The feed's methods, for both clients."""

    @stream
    def watch(
        self,
        *,
        after_revision: int | None = None,
        epoch: str | None = None,
        names: Iterable[str] = (),
        patience_s: float = 300.0,
        on_trouble: OnTrouble | None = None,
    ) -> Many[Change]:
        """Read changes as they are made, for ever: those after a revision, 0 for all, None from now on.

        `names` are resource names, or prefixes with a "*" at the end; none is all. The iterator's
        `bookmark_revision` moves on as changes are handed out, and past those that are not among the names.
        A cut is mended. Where streams break again and again and nothing new comes, the pauses between grow up
        to the longest of the client's RetryPolicy, and `on_trouble` is called each time with the error and
        the seconds until the next try. Where that, or a server that stays away, goes on for `patience_s` (at
        the start, for the client's `timeout_s`), Unavailable is raised. To resume in a later run, give both
        `after_revision` and the iterator's `epoch`: where the server was restored from a backup since, then
        or under way, Refused with the reason EPOCH_CHANGED is raised, for what was read before may not be in
        the ledger any more.
        """
        return Watch(after_revision, epoch, tuple(names), patience_s, on_trouble)

    @rpc
    def history_page(
        self,
        name: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout_s: float | None = None,
    ) -> One[ListHistoryResponse]:
        """List one page of what happened to a resource, as the server sends it."""
        request = pb.ListHistoryRequest(name=name, page_size=page_size, page_token=page_token)
        return Intent(request, ListHistoryResponse, timeout_s)

    @stream
    def history(
        self, name: str, *, page_size: int | None = None, timeout_s: float | None = None
    ) -> Many[Change]:
        """List what happened to a customer or a purchase, oldest first, over all pages."""
        request = pb.ListHistoryRequest(name=name, page_size=page_size)
        return Pages(request, ListHistoryResponse, lambda page: page.changes, timeout_s)


@dataclass(frozen=True, slots=True)
class Watch:
    """The changes after a revision, of some names or all."""

    after_revision: int | None
    epoch: str | None
    names: tuple[str, ...]
    patience_s: float
    on_trouble: OnTrouble | None = None

    def script(self, session: Session) -> Emitting[Change]:
        """Read a stream until it breaks, and open the next one where it broke."""
        after, epoch = self.after_revision, self.epoch
        effort = Effort(call_of(self._request(after, epoch), None), session, patience_s=session.timeout_s)
        course = _Course(session, effort, self.patience_s, self.on_trouble)
        while True:
            effort.call = call_of(self._request(after, epoch), None)
            reading = Reading(effort.attempt(), session)
            course.opened()
            message = yield from reading.first()
            while not (message is None or isinstance(message, Failure)):
                response = cast(pb.WatchResponse, message)
                course.heard(response.bookmark_revision)
                epoch = response.epoch or epoch
                for change in response.changes:
                    yield Emit((change,), change.revision, epoch)
                after = response.bookmark_revision
                yield Emit((), after, epoch)
                message = yield from reading.next()
            failure = message or Failure("UNAVAILABLE", "the server ended the stream")
            yield course.wait_after(failure)
            after = _pinned(session, failure) if after is None else after

    def _request(self, after: int | None, epoch: str | None) -> pb.WatchRequest:
        return pb.WatchRequest(after_revision=after, epoch=epoch, names=self.names)


class _Course:
    """How a watch gets on over its streams: whether the next one breaks where the last one did.

    The first message of a stream that is resumed only says again where it begins; what is behind it may fail
    ever so. A stream that lived for longer than the longest pause did no harm.
    """

    def __init__(
        self, session: Session, effort: Effort, patience_s: float, on_trouble: OnTrouble | None
    ) -> None:
        self._session = session
        self._effort = effort
        self._patience_s = patience_s
        self._on_trouble = on_trouble
        self._reached: int | None = None
        self._messages = 0
        self._in_vain = 0
        self._opened_at = 0.0

    def opened(self) -> None:
        """Note that a stream begins."""
        self._messages, self._opened_at = 0, self._session.clock.now()

    def heard(self, bookmark: int) -> None:
        """Note how far a message has come."""
        self._effort.answered()
        self._messages += 1
        if self._messages > 1 or bookmark != self._reached:
            self._got_on()
        self._reached = bookmark

    def wait_after(self, failure: Failure) -> Pause | Reach:
        """Tell what to wait for before the next stream, and why where nothing came of the last ones."""
        lived_s = self._session.clock.now() - self._opened_at
        if self._messages and lived_s > self._session.policy.backoff_max_s:
            self._got_on()
        wait = self._effort.wait_after(failure)
        self._in_vain += 1
        if self._in_vain > 1 and self._on_trouble is not None and self._effort.verdict is not None:
            self._on_trouble(self._effort.verdict, wait.seconds)
        return wait

    def _got_on(self) -> None:
        self._in_vain = 0
        self._effort.progressed(self._patience_s)


def _pinned(session: Session, failure: Failure) -> int | None:
    """Find where a watch "from now on" began, of which nothing came but its end."""
    told = session.facts_of(failure).metadata.get("resume_after_revision", "")
    return int(told) if told.isdecimal() else None


class SyncFeed(Feed, SyncNoun):
    """The feed, blocking."""


class AioFeed(Feed, AioNoun):
    """The feed, on an event loop."""

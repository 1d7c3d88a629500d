"""The change feed: one method for each RPC of FeedService, in its order.

A watch resumes from its last bookmark, so its changes are those of the journal: in order, without gaps or
duplicates. It ends with a refusal, or when the server stays unreachable or sends nothing new for too long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from clientela.v1 import feed_pb2 as pb
from clientela.v1.feed_pb2 import Change, ListHistoryResponse
from clientela_client.calls.attempt import ServerStream
from clientela_client.calls.effects import Emit, Emitting, Pause, WaitForReady
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest, call_of
from clientela_client.calls.resources import AioResource, SyncResource, rpc, stream
from clientela_client.calls.retry import Effort
from clientela_client.calls.session import Session
from clientela_client.errors import CallError
from clientela_client.failure import Failure

#: Called with the error of a watch that makes no progress, and the seconds until the next attempt.
OnTrouble = Callable[[CallError, float], None]


class Feed:
    """The methods of the change feed, for both clients."""

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
        """Iterate over changes as they are committed, until the caller ends it. Broken streams are resumed.

        The iterator's `bookmark_revision` advances with each change handed out, and past changes that `names`
        filters out. To resume in a later run, pass it as `after_revision`, with the iterator's `epoch`.

        Args:
            after_revision: start after this revision; 0: from the first; None: from now on.
            epoch: the ledger's epoch that `after_revision` is of.
            names: resource names, or prefixes that end in "*"; none: all.
            patience_s: how long to go on without progress, in seconds, while streams break and the pauses
                between grow to the RetryPolicy's `backoff_max_s`; before the first message, `timeout_s` of
                the client counts instead.
            on_trouble: called before each further attempt without progress, with the error and the pause.

        Raises:
            Refused: OUT_OF_RANGE, if the revision was never reached, or with the reason EPOCH_CHANGED, if the
                server was restored from a backup: changes read before may not be in the ledger any more.
                UNAUTHENTICATED, if the token was revoked or expired.
            Unavailable: there was no progress for `patience_s`.
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
        """Return one page of a resource's changes, oldest first.

        Args:
            name: of a customer, purchase, segment, spend or the policy.
            page_size: changes a page, at least 0; 0 or None is the server's default.
            page_token: `next_page_token` of the page before.

        Raises:
            Refused: NOT_FOUND (there never was such a resource), INVALID_ARGUMENT (a token of another
                listing).
        """
        request = pb.ListHistoryRequest(name=name, page_size=page_size, page_token=page_token)
        return UnaryRequest(request, ListHistoryResponse, timeout_s)

    @stream
    def history(
        self, name: str, *, page_size: int | None = None, timeout_s: float | None = None
    ) -> Many[Change]:
        """Iterate over a resource's changes, oldest first; a page is requested when it is reached.

        Args:
            name, page_size: as of `history_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: NOT_FOUND (there never was such a resource).
        """
        request = pb.ListHistoryRequest(name=name, page_size=page_size)
        return PagedRequest(request, ListHistoryResponse, lambda page: page.changes, timeout_s)


@dataclass(frozen=True, slots=True)
class Watch:
    """The request of a watch: the changes after a revision, of some names or all."""

    after_revision: int | None
    epoch: str | None
    names: tuple[str, ...]
    patience_s: float
    on_trouble: OnTrouble | None = None

    def script(self, session: Session) -> Emitting[Change]:
        """Read a stream until it breaks, and resume in the next one from the last bookmark."""
        after, epoch = self.after_revision, self.epoch
        effort = Effort(call_of(self._request(after, epoch), None), session, patience_s=session.timeout_s)
        progress = _WatchProgress(session, effort, self.patience_s, self.on_trouble)
        while True:
            effort.call = call_of(self._request(after, epoch), None)
            server_stream = ServerStream(effort.attempt(), session)
            progress.opened()
            message = yield from server_stream.first()
            while not (message is None or isinstance(message, Failure)):
                response = cast(pb.WatchResponse, message)
                progress.received(response.bookmark_revision)
                epoch = response.epoch or epoch
                for change in response.changes:
                    yield Emit((change,), change.revision, epoch)
                after = response.bookmark_revision
                yield Emit((), after, epoch)
                message = yield from server_stream.next()
            failure = message or Failure("UNAVAILABLE", "the server ended the stream")
            yield progress.wait_after(failure)
            after = _pinned(session, failure) if after is None else after

    def _request(self, after: int | None, epoch: str | None) -> pb.WatchRequest:
        return pb.WatchRequest(after_revision=after, epoch=epoch, names=self.names)


class _WatchProgress:
    """Progress of a watch over its streams: tells a broken connection from a stream that always breaks.

    The first message of a resumed stream repeats its bookmark, so it is no progress: the change after it may
    break every stream. A stream that lived longer than the longest backoff counts as progress.
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
        self._without_progress = 0
        self._opened_at = 0.0

    def opened(self) -> None:
        """Record that a stream was opened."""
        self._messages, self._opened_at = 0, self._session.clock.now()

    def received(self, bookmark: int) -> None:
        """Record a message's bookmark."""
        self._effort.answered()
        self._messages += 1
        if self._messages > 1 or bookmark != self._reached:
            self._progressed()
        self._reached = bookmark

    def wait_after(self, failure: Failure) -> Pause | WaitForReady:
        """Return what to wait for before the next stream; call `on_trouble` if there was no progress."""
        lived_s = self._session.clock.now() - self._opened_at
        if self._messages and lived_s > self._session.retry_policy.backoff_max_s:
            self._progressed()
        wait = self._effort.wait_after(failure)
        self._without_progress += 1
        if self._without_progress > 1 and self._on_trouble is not None and self._effort.verdict is not None:
            self._on_trouble(self._effort.verdict, wait.seconds)
        return wait

    def _progressed(self) -> None:
        self._without_progress = 0
        self._effort.progressed(self._patience_s)


def _pinned(session: Session, failure: Failure) -> int | None:
    """Return the revision at which a watch "from now on" began that ended before its first message."""
    told = session.facts_of(failure).metadata.get("resume_after_revision", "")
    return int(told) if told.isdecimal() else None


class SyncFeed(Feed, SyncResource):
    """The change feed, blocking."""


class AioFeed(Feed, AioResource):
    """The change feed, on an event loop."""

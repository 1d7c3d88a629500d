# Made from _async/watch.py by protos/sync_for_python.py: edit that, and run make sdk.
"""The change feed as it grows: a watch that resumes from its last bookmark.

So its changes are those of the journal: in order, without gaps or duplicates. It ends with a refusal, or when
the server stays unreachable or sends nothing new for too long.
Read next: watch_progress.py beside this folder, when that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from clientela.v1.feed_pb2 import Change, WatchRequest, WatchResponse
from clientela_client._sync.calls import SyncCalls, SyncNoun
from clientela_client._sync.items import Bookmark, Items
from clientela_client.calls.attempt import Call
from clientela_client.calls.requests import call_of
from clientela_client.failure import Failure
from clientela_client.watch_progress import OnTrouble, WatchProgress, pinned_revision


class SyncWatches(SyncNoun):
    """The method of FeedService that streams."""

    def watch(
        self,
        *,
        after_revision: int | None = None,
        epoch: str | None = None,
        names: Iterable[str] = (),
        patience_s: float = 300.0,
        on_trouble: OnTrouble | None = None,
    ) -> Items[Change]:
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
        request = WatchRequest(after_revision=after_revision, epoch=epoch, names=names)
        return _SyncWatch(self._calls, request, patience_s, on_trouble)


class _SyncWatch(Items[Change]):
    """The changes after a revision, of some names or all: a stream is read until it breaks, then the next."""

    def __init__(
        self, calls: SyncCalls, request: WatchRequest, patience_s: float, on_trouble: OnTrouble | None
    ) -> None:
        super().__init__(calls)
        self._request = request  # that of the next stream
        self._patience_s = patience_s
        self._on_trouble = on_trouble
        self._progress: WatchProgress | None = None

    def _more(self) -> Iterable[Change]:
        if self._progress is None:
            session = self._calls.session
            self._progress = WatchProgress(self._call(), session, self._patience_s, self._on_trouble)
        if self._stream is None:
            message = self._open(self._progress.attempt(self._call()))
        else:
            message = self._receive(self._stream)
        if message is None or isinstance(message, Failure):
            failure = message or Failure("UNAVAILABLE", "the server ended the stream")
            return self._resume_after(failure, self._progress)
        response = cast(WatchResponse, message)
        self._progress.received(response.bookmark_revision)
        self._request.after_revision = response.bookmark_revision
        if response.epoch:
            self._request.epoch = response.epoch
        epoch = self._request.epoch if self._request.HasField("epoch") else None
        return _handed_out(response, epoch, self._bookmark)

    def _resume_after(self, failure: Failure, progress: WatchProgress) -> Iterable[Change]:
        """Wait for the time of the next stream; nothing is handed out meanwhile."""
        self._stream = None
        self._wait(progress.wait_after(failure))
        pinned = pinned_revision(self._calls.session, failure)
        if pinned is not None and not self._request.HasField("after_revision"):
            self._request.after_revision = pinned
        return ()

    def _call(self) -> Call:
        return call_of(self._request, None)


def _handed_out(response: WatchResponse, epoch: str | None, bookmark: Bookmark) -> Iterator[Change]:
    """Yield the changes; the bookmark is that of the last one which the caller has."""
    bookmark.epoch = epoch
    for change in response.changes:
        bookmark.revision = change.revision
        yield change
    bookmark.revision = response.bookmark_revision

"""When a watch goes on, and when it ends: its streams break, and what counts is whether something new came.

No I/O. Read next: _async/watch.py, which reads the streams.
"""

from __future__ import annotations

from collections.abc import Callable

from clientela_client.calls.attempt import Attempt, Call
from clientela_client.calls.retry import Effort, Pause, WaitForReady
from clientela_client.calls.session import Session
from clientela_client.errors import CallError
from clientela_client.failure import Failure

#: Called with the error of a watch that makes no progress, and the seconds until the next attempt.
OnTrouble = Callable[[CallError, float], None]


class WatchProgress:
    """Progress of a watch over its streams: tells a broken connection from a stream that always breaks.

    The first message of a resumed stream repeats its bookmark, so it is no progress: the change after it may
    break every stream. A stream that lived longer than the longest backoff counts as progress.
    """

    def __init__(self, call: Call, session: Session, patience_s: float, on_trouble: OnTrouble | None) -> None:
        self._session = session
        self._effort = Effort(call, session, patience_s=session.timeout_s)
        self._patience_s = patience_s
        self._on_trouble = on_trouble
        self._reached: int | None = None
        self._messages = 0
        self._without_progress = 0
        self._opened_at = 0.0

    def attempt(self, call: Call) -> Attempt:
        """Return the attempt that opens the next stream."""
        self._effort.call = call
        attempt = self._effort.attempt()
        self._messages, self._opened_at = 0, self._session.clock.now()
        return attempt

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


def pinned_revision(session: Session, failure: Failure) -> int | None:
    """Return the revision at which a watch "from now on" began that ended before its first message."""
    told = session.facts_of(failure).metadata.get("resume_after_revision", "")
    return int(told) if told.isdecimal() else None

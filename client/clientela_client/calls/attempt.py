"""Scripts of one attempt: send, receive, and report both to the observer.

A malformed response is a Failure like any other: it proves nothing about a write. Read next: retry.py, which
makes further attempts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError, Message

from clientela_client.calls.effects import Attempt, Begin, Finish, Next, Open, Outcome, Script
from clientela_client.calls.wire import CallObserver
from clientela_client.failure import Failure

if TYPE_CHECKING:
    from clientela_client.calls.session import Session


def attempt_unary(attempt: Attempt, session: Session) -> Script[Message | Failure]:
    """Send a unary call and return its response."""
    observer = _observer(attempt, session)
    if observer:
        observer.sent()
    outcome: Outcome = yield attempt
    return _answer(attempt, outcome, observer)


def attempt_client_stream(
    attempt: Attempt, session: Session, meanwhile: Callable[[], Script[None]]
) -> Script[Message | Failure]:
    """Send a client stream, run `meanwhile` while it is sent, and return its response."""
    observer = _observer(attempt, session)
    if observer:
        observer.sent()
    yield Begin(attempt)
    yield from meanwhile()
    outcome: Outcome = yield Finish()
    return _answer(attempt, outcome, observer)


class ServerStream:
    """A server stream, read message by message."""

    def __init__(self, attempt: Attempt, session: Session) -> None:
        self._attempt = attempt
        self._observer = _observer(attempt, session)

    def first(self) -> Script[Message | Failure | None]:
        """Start the stream and return its first message; None if it is empty."""
        if self._observer:
            self._observer.sent()
        yield Open(self._attempt)
        return (yield from self.next())

    def next(self) -> Script[Message | Failure | None]:
        """Return the next message; None at the end."""
        outcome: Outcome = yield Next()
        if self._observer:
            self._observer.received(outcome)
        return _decoded(self._attempt, outcome)


def _answer(attempt: Attempt, outcome: Outcome, observer: CallObserver | None) -> Message | Failure:
    if observer:
        observer.received(outcome)
    answer = _decoded(attempt, outcome)
    return answer if answer is not None else Failure("INTERNAL", "the server answered OK without a message")


def _observer(attempt: Attempt, session: Session) -> CallObserver | None:
    return None if session.observer is None else CallObserver(attempt, session.observer, session.clock)


def _decoded(attempt: Attempt, outcome: Outcome) -> Message | Failure | None:
    if isinstance(outcome, Failure) or outcome.message is None:
        return outcome if isinstance(outcome, Failure) else None
    try:
        return attempt.call.method.response_type.FromString(outcome.message)
    except DecodeError:
        text = "the server's answer is not a message of the contract"
        return Failure("INTERNAL", text, outcome.headers, outcome.trailers)

"""From a transport's outcome to a message of the contract, reported to the observer on the way.

A malformed response is a Failure like any other: it proves nothing about a write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError, Message

from clientela_client.calls.attempt import Attempt, Outcome
from clientela_client.calls.wire import CallObserver
from clientela_client.failure import Failure

if TYPE_CHECKING:
    from clientela_client.calls.session import Session


def observed(attempt: Attempt, session: Session) -> CallObserver | None:
    """Report the request to the client's observer, if it has one; return what reports the response."""
    if session.observer is None:
        return None
    observer = CallObserver(attempt, session.observer, session.clock)
    observer.sent()
    return observer


def answer_of(attempt: Attempt, outcome: Outcome, observer: CallObserver | None) -> Message | Failure:
    """Return the one response of a call."""
    answer = message_of(attempt, outcome, observer)
    return answer if answer is not None else Failure("INTERNAL", "the server answered OK without a message")


def message_of(attempt: Attempt, outcome: Outcome, observer: CallObserver | None) -> Message | Failure | None:
    """Return a message of a stream; None at its end."""
    if observer is not None:
        observer.received(outcome)
    if isinstance(outcome, Failure) or outcome.message is None:
        return outcome if isinstance(outcome, Failure) else None
    try:
        return attempt.call.method.response_type.FromString(outcome.message)
    except DecodeError:
        text = "the server's answer is not a message of the contract"
        return Failure("INTERNAL", text, outcome.headers, outcome.trailers)

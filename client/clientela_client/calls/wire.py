"""Wire events: every metadata list, message and status of a call, reported to an observer.

    connect(..., observer=print)

An observer is called in the thread or loop of the call, and must not block. Nothing is masked: the metadata
holds the token. Without an observer this costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, TypeAlias

from google.protobuf.message import DecodeError, Message

from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.clock import Clock
from clientela_client.failure import Failure, Metadata

Kind: TypeAlias = Literal[
    "request-metadata", "request-message", "response-metadata", "response-message", "status"
]


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One event on the wire.

    path: the RPC's, "/package.Service/Method". attempt: counts from 1. at_ms: milliseconds since the call
    began. metadata: of "request-metadata", "response-metadata", and the trailers of "status". message, data:
    of the messages, parsed (None if malformed) and the bytes without the 5 of framing. code, details: of
    "status".
    """

    kind: Kind
    path: str
    attempt: int
    at_ms: float
    _: KW_ONLY
    metadata: Metadata = ()
    message: Message | None = None
    data: bytes = b""
    code: str = ""
    details: str = ""


Observer: TypeAlias = Callable[[WireEvent], None]


class CallObserver:
    """Reports the events of one attempt to an observer."""

    def __init__(self, attempt: Attempt, observer: Observer, clock: Clock) -> None:
        self._attempt = attempt
        self._observer = observer
        self._clock = clock
        self._received_headers = False

    def sent(self) -> None:
        """Report the request, just before it is sent."""
        method = self._attempt.call.method
        self._report("request-metadata", metadata=self._attempt.metadata)
        for data in self._attempt.call.messages:
            self._report("request-message", message=_read(method.request_type, data), data=data)

    def received(self, outcome: Outcome) -> None:
        """Report a response, a message of a stream, or a failure."""
        if not self._received_headers and (outcome.headers or isinstance(outcome, Reply)):
            self._received_headers = True
            self._report("response-metadata", metadata=outcome.headers)
        if isinstance(outcome, Failure):
            self._report("status", code=outcome.code, details=outcome.details, metadata=outcome.trailers)
            return
        if outcome.message is not None:
            message = _read(self._attempt.call.method.response_type, outcome.message)
            self._report("response-message", message=message, data=outcome.message)
        if outcome.message is None or not self._attempt.call.method.streams_out:
            self._report("status", code="OK", metadata=outcome.trailers)

    def _report(self, kind: Kind, **what: Any) -> None:
        at_ms = (self._clock.now() - self._attempt.began_at) * 1000
        self._observer(WireEvent(kind, self._attempt.call.method.path, self._attempt.number, at_ms, **what))


def _read(message_type: type[Message], data: bytes) -> Message | None:
    try:
        return message_type.FromString(data)
    except DecodeError:
        return None

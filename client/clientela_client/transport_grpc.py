"""The blocking transport over gRPC, and what both gRPC transports agree on.

grpc's own retries are off: retry.py is the one way. Calls do not wait for a connection either: that none was
made is how we know that a call never left. Waiting for one is a step of its own, `reach`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import grpc

from clientela_client.steps import Attempt, Failure, Metadata, Outcome, Reply
from clientela_client.transport import Inbound, Outbound

CHANNEL_OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2000),  # a connection not made by then counts as not to be had
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),  # a quiet watch is not to be taken for a dead one
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.primary_user_agent", "clientela-python"),
)

#: How grpc's own statuses begin when no connection was made, so that the call cannot have left.
_NEVER_LEFT = ("failed to connect to all addresses", "DNS resolution failed")


#: What becomes of a call on a client that was closed.
CLOSED = Failure("CANCELLED", "the client is closed", left=False)


class GrpcTransport:
    """Carries calls over one gRPC channel."""

    def __init__(self, server: str) -> None:
        self._channel = grpc.insecure_channel(server, options=CHANNEL_OPTIONS)
        self._callables: dict[str, Callable[..., Any]] = {}
        self._closed = False

    def reach(self, seconds: float) -> None:
        """Return when there is a connection, or the seconds are over."""
        ready = grpc.channel_ready_future(self._channel)
        try:
            ready.result(timeout=seconds)
        except grpc.FutureTimeoutError:
            ready.cancel()

    def answer(self, attempt: Attempt) -> Outcome:
        """Perform a unary call."""
        if self._closed:
            return CLOSED
        send = self._callable(attempt.call.method.path, self._channel.unary_unary)
        try:
            message, call = send.with_call(
                attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata
            )
        except grpc.RpcError as error:
            return failure_of(error)
        return Reply(message, pairs(call.initial_metadata()), pairs(call.trailing_metadata()))

    def begin(self, attempt: Attempt) -> Outbound:
        """Start a client stream, which is sent in the background."""
        if self._closed:
            return _Closed()
        send = self._callable(attempt.call.method.path, self._channel.stream_unary)
        return _GrpcOutbound(
            send.future(iter(attempt.call.messages), timeout=attempt.timeout_s, metadata=attempt.metadata)
        )

    def open(self, attempt: Attempt) -> Inbound:
        """Start a server stream."""
        if self._closed:
            return _Closed()
        start = self._callable(attempt.call.method.path, self._channel.unary_stream)
        return _GrpcInbound(
            start(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        )

    def close(self) -> None:
        """Drop what is under way and let go of the connection."""
        self._closed = True
        self._channel.close()

    def _callable(self, path: str, make: Callable[[str], Any]) -> Any:
        found = self._callables.get(path)
        if found is None:
            found = self._callables[path] = make(path)
        return found


class _Closed:
    def outcome(self) -> Outcome:
        return CLOSED

    receive = outcome

    def cancel(self) -> None:
        """Nothing was started."""


class _GrpcOutbound:
    def __init__(self, call: Any) -> None:
        self._call = call

    def outcome(self) -> Outcome:
        try:
            message = self._call.result()
        except grpc.RpcError as error:
            return failure_of(error)
        except grpc.FutureCancelledError:
            return Failure("CANCELLED", "the stream was ended on this side")
        return Reply(message, pairs(self._call.initial_metadata()), pairs(self._call.trailing_metadata()))

    def cancel(self) -> None:
        self._call.cancel()


class _GrpcInbound:
    def __init__(self, call: Any) -> None:
        self._call = call
        self._headers: Metadata | None = None

    def receive(self) -> Outcome:
        try:
            message = next(self._call, None)
            headers = self._take_headers()
            trailers = pairs(self._call.trailing_metadata()) if message is None else ()
            return Reply(message, headers, trailers)
        except grpc.RpcError as error:
            return failure_of(error)

    def cancel(self) -> None:
        self._call.cancel()

    def _take_headers(self) -> Metadata:
        if self._headers is None:
            self._headers = pairs(self._call.initial_metadata())
            return self._headers
        return ()


def failure_of(error: Any) -> Failure:
    """Translate grpc's error, of either of its APIs."""
    code, details = error.code(), error.details() or ""
    return Failure(
        code=code.name,
        details=details,
        headers=pairs(error.initial_metadata()),
        trailers=pairs(error.trailing_metadata()),
        left=not (code is grpc.StatusCode.UNAVAILABLE and details.startswith(_NEVER_LEFT)),
    )


def pairs(metadata: Iterable[tuple[str, str | bytes]] | None) -> Metadata:
    """Copy metadata as plain pairs."""
    return tuple((key, value) for key, value in metadata or ())

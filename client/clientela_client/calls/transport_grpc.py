"""The blocking transport over gRPC, and what both gRPC transports agree on.

grpc's own retries are off: retry.py decides. Calls are not sent with wait_for_ready either: a failed
connection is how we know that a call never left. Waiting is a call of its own, `wait_for_ready`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import grpc

from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.calls.transport import Inbound, Outbound
from clientela_client.clock import monotonic, sleep
from clientela_client.connection.tls import ChannelFactory
from clientela_client.connection.tls_config import TlsConfig
from clientela_client.failure import Failure, Metadata

#: How the details of grpc's statuses begin if no connection was made, so that the call cannot have left.
_NEVER_LEFT = ("failed to connect to all addresses", "DNS resolution failed", "errors resolving ")


#: How long to wait before the certificates of an unreachable server are requested again, in seconds.
PIN_PAUSE_S = 0.1

#: grpc watches the state of a channel on a thread of its own, which looks so often whether it still has to.
_WATCHED_S = 0.2

#: The outcome of a call on a closed client.
CLOSED = Failure("CANCELLED", "the client is closed", left=False)
ENDED_HERE = Failure("CANCELLED", "the stream was ended on this side")


class CachedChannel:
    """A channel, the keys that it was made with, and a cache of its callables."""

    def __init__(self, channel_factory: ChannelFactory, api: Any) -> None:
        self.channel = channel_factory.channel(api)
        self._keys = channel_factory.keys
        self._callables: dict[str, Callable[..., Any]] = {}

    def callable(self, path: str, kind: str) -> Any:
        """Return the callable of a path. kind: a method of the channel, e.g. "unary_unary"."""
        found = self._callables.get(path)
        if found is None:
            found = self._callables[path] = getattr(self.channel, kind)(path)
        return found

    def is_of(self, channel_factory: ChannelFactory) -> bool:
        """Return whether a new channel would be made with the same keys."""
        return self._keys is channel_factory.keys


def _close(channel: Any) -> None:
    """Close a channel, but not under the thread that watches it after a wait: it would print a traceback."""
    state, ends_s = getattr(channel, "_connectivity_state", None), monotonic() + 10 * _WATCHED_S
    while getattr(state, "polling", False) and monotonic() < ends_s:
        sleep(_WATCHED_S / 20)
    channel.close()


class GrpcTransport:
    """A transport over one gRPC channel; without `tls_config` in plaintext."""

    def __init__(self, server: str, tls_config: TlsConfig | None = None) -> None:
        self._channel_factory = ChannelFactory(server, tls_config or TlsConfig(server, False))
        self._cached = (
            None if self._channel_factory.is_pin_unseen else CachedChannel(self._channel_factory, grpc)
        )
        self._making = threading.Lock()
        self._closed = False

    def wait_for_ready(self, seconds: float) -> None:
        """Wait until the channel is connected, at most so many seconds."""
        cached = self._connected()
        if isinstance(cached, Failure):
            sleep(min(seconds, PIN_PAUSE_S))
            return
        ready = grpc.channel_ready_future(cached.channel)
        try:
            ready.result(timeout=seconds)
        except grpc.FutureTimeoutError:
            ready.cancel()

    def answer(self, attempt: Attempt) -> Outcome:
        """Send a unary call and return its outcome."""
        cached = self._connected()
        if isinstance(cached, Failure):
            return cached
        send = cached.callable(attempt.call.method.path, "unary_unary")
        try:
            message, call = send.with_call(
                attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata
            )
        except grpc.RpcError as error:
            return self._explained(error)
        return Reply(message, pairs(call.initial_metadata()), pairs(call.trailing_metadata()))

    def begin(self, attempt: Attempt) -> Outbound:
        """Start a client stream, which is sent in the background."""
        cached = self._connected()
        if isinstance(cached, Failure):
            return _NotBegun(cached)
        send = cached.callable(attempt.call.method.path, "stream_unary")
        call = send.future(iter(attempt.call.messages), timeout=attempt.timeout_s, metadata=attempt.metadata)
        return _GrpcOutbound(call, self._explained)

    def open(self, attempt: Attempt) -> Inbound:
        """Start a server stream."""
        cached = self._connected()
        if isinstance(cached, Failure):
            return _NotBegun(cached)
        start = cached.callable(attempt.call.method.path, "unary_stream")
        call = start(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        return _GrpcInbound(call, self._explained)

    def close(self) -> None:
        """Cancel running calls and close the connection."""
        self._closed = True
        if self._cached is not None:
            _close(self._cached.channel)

    def _connected(self) -> CachedChannel | Failure:
        cached = self._cached
        if self._closed:
            return CLOSED
        return cached if cached is not None else self._connect()

    def _connect(self) -> CachedChannel | Failure:
        with self._making:
            if self._cached is None:
                failure = self._channel_factory.find_pin()
                if failure is not None:
                    return failure
                self._cached = CachedChannel(self._channel_factory, grpc)
            return self._cached

    def _explained(self, error: Any) -> Failure:
        failure = failure_of(error)
        if failure.left:
            return failure
        with self._making:
            told = self._channel_factory.explain(failure)
            if self._cached is not None and not self._cached.is_of(self._channel_factory):
                _close(self._cached.channel)
                self._cached = None
        return told


class _NotBegun:
    def __init__(self, failure: Failure) -> None:
        self._failure = failure

    def outcome(self) -> Outcome:
        return self._failure

    receive = outcome

    def cancel(self) -> None:
        """Do nothing: no stream was started."""


class _GrpcOutbound:
    def __init__(self, call: Any, explained: Callable[[Any], Failure]) -> None:
        self._call = call
        self._explained = explained

    def outcome(self) -> Outcome:
        try:
            message = self._call.result()
        except grpc.RpcError as error:
            return self._explained(error)
        except grpc.FutureCancelledError:
            return ENDED_HERE
        return Reply(message, pairs(self._call.initial_metadata()), pairs(self._call.trailing_metadata()))

    def cancel(self) -> None:
        self._call.cancel()


class _GrpcInbound:
    def __init__(self, call: Any, explained: Callable[[Any], Failure]) -> None:
        self._call = call
        self._explained = explained
        self._headers: Metadata | None = None

    def receive(self) -> Outcome:
        try:
            message = next(self._call, None)
            headers = self._take_headers()
            trailers = pairs(self._call.trailing_metadata()) if message is None else ()
            return Reply(message, headers, trailers)
        except grpc.RpcError as error:
            return self._explained(error)

    def cancel(self) -> None:
        self._call.cancel()

    def _take_headers(self) -> Metadata:
        if self._headers is None:
            self._headers = pairs(self._call.initial_metadata())
            return self._headers
        return ()


def failure_of(error: Any) -> Failure:
    """Return the failure of a grpc or grpc.aio error."""
    code, details = error.code(), error.details() or ""
    return Failure(
        code=code.name,
        details=details,
        headers=pairs(error.initial_metadata()),
        trailers=pairs(error.trailing_metadata()),
        left=not (code is grpc.StatusCode.UNAVAILABLE and details.startswith(_NEVER_LEFT)),
    )


def pairs(metadata: Iterable[tuple[str, str | bytes]] | None) -> Metadata:
    """Return metadata as plain pairs."""
    return tuple((key, value) for key, value in metadata or ())

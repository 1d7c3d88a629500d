"""The transport over gRPC for an event loop. Its rules are those of transport_grpc.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import grpc
import grpc.aio

from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.calls.transport import AioInbound, AioOutbound
from clientela_client.calls.transport_grpc import (
    CLOSED,
    ENDED_HERE,
    PIN_PAUSE_S,
    CachedChannel,
    failure_of,
    pairs,
)
from clientela_client.connection.tls import ChannelFactory
from clientela_client.connection.tls_config import TlsConfig
from clientela_client.failure import Failure, Metadata


class AioGrpcTransport:
    """A transport over one grpc.aio channel, of the running loop; without `tls_config` in plaintext."""

    def __init__(self, server: str, tls_config: TlsConfig | None = None) -> None:
        self._channel_factory = ChannelFactory(server, tls_config or TlsConfig(server, False))
        self._cached = (
            None if self._channel_factory.is_pin_unseen else CachedChannel(self._channel_factory, grpc.aio)
        )
        self._making = asyncio.Lock()
        self._closed = False

    async def wait_for_ready(self, seconds: float) -> None:
        """Wait until the channel is connected, at most so many seconds."""
        cached = await self._connected()
        if isinstance(cached, Failure):
            await asyncio.sleep(min(seconds, PIN_PAUSE_S))
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(cached.channel.channel_ready(), seconds)

    async def answer(self, attempt: Attempt) -> Outcome:
        """Send a unary call and return its outcome."""
        cached = await self._connected()
        if isinstance(cached, Failure):
            return cached
        send = cached.callable(attempt.call.method.path, "unary_unary")
        call = send(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        return await _AioGrpcOutbound(call, self._explained).outcome()

    def begin(self, attempt: Attempt) -> AioOutbound:
        """Start a client stream, which is sent in the background."""
        if self._cached is None or self._closed:
            return _AioLate(self._connected(), lambda cached: self._begun(cached, attempt))
        return self._begun(self._cached, attempt)

    def open(self, attempt: Attempt) -> AioInbound:
        """Start a server stream."""
        if self._cached is None or self._closed:
            return _AioLate(self._connected(), lambda cached: self._opened(cached, attempt))
        return self._opened(self._cached, attempt)

    async def close(self) -> None:
        """Cancel running calls and close the connection."""
        self._closed = True
        if self._cached is not None:
            await self._cached.channel.close()

    def _begun(self, cached: CachedChannel, attempt: Attempt) -> _AioGrpcOutbound:
        send = cached.callable(attempt.call.method.path, "stream_unary")
        call = send(attempt.call.messages, timeout=attempt.timeout_s, metadata=attempt.metadata)
        return _AioGrpcOutbound(call, self._explained)

    def _opened(self, cached: CachedChannel, attempt: Attempt) -> _AioGrpcInbound:
        start = cached.callable(attempt.call.method.path, "unary_stream")
        call = start(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        return _AioGrpcInbound(call, self._explained)

    async def _connected(self) -> CachedChannel | Failure:
        if self._closed:
            return CLOSED
        if self._cached is not None:
            return self._cached
        async with self._making:
            if self._cached is None:
                failure = await asyncio.to_thread(self._channel_factory.find_pin)
                if failure is not None:
                    return failure
                self._cached = CachedChannel(self._channel_factory, grpc.aio)
            return self._cached

    async def _explained(self, error: Any) -> Failure:
        failure = failure_of(error)
        if failure.left:
            return failure
        async with self._making:
            told = await asyncio.to_thread(self._channel_factory.explain, failure)
            if self._cached is not None and not self._cached.is_of(self._channel_factory):
                cached, self._cached = self._cached, None
                await cached.channel.close()
        return told


class _AioLate:
    """A stream that starts once there is a channel."""

    def __init__(
        self, connecting: Coroutine[Any, Any, CachedChannel | Failure], begin: Callable[[CachedChannel], Any]
    ) -> None:
        self._connecting = asyncio.ensure_future(connecting)
        self._begin = begin
        self._begun: Any = None

    async def outcome(self) -> Outcome:
        return await self._go_on("outcome")

    async def receive(self) -> Outcome:
        return await self._go_on("receive")

    async def _go_on(self, step: str) -> Outcome:
        if self._begun is None:
            await asyncio.wait([self._connecting])
            if self._connecting.cancelled():
                return ENDED_HERE
            cached = self._connecting.result()
            if isinstance(cached, Failure):
                return cached
            self._begun = self._begin(cached)
        outcome: Outcome = await getattr(self._begun, step)()
        return outcome

    def cancel(self) -> None:
        if self._begun is None:
            self._connecting.cancel()
        else:
            self._begun.cancel()


class _AioGrpcOutbound:
    def __init__(self, call: Any, explained: Callable[[Any], Awaitable[Failure]]) -> None:
        self._call = call
        self._explained = explained

    async def outcome(self) -> Outcome:
        call = self._call
        try:
            message = await call
        except grpc.RpcError as error:
            return await self._explained(error)
        return Reply(message, pairs(await call.initial_metadata()), pairs(await call.trailing_metadata()))

    def cancel(self) -> None:
        self._call.cancel()


class _AioGrpcInbound:
    def __init__(self, call: Any, explained: Callable[[Any], Awaitable[Failure]]) -> None:
        self._call = call
        self._explained = explained
        self._headers: Metadata | None = None

    async def receive(self) -> Outcome:
        try:
            read = await self._call.read()
            message = None if read is grpc.aio.EOF else read
            headers = await self._take_headers()
            trailers = pairs(await self._call.trailing_metadata()) if message is None else ()
            return Reply(message, headers, trailers)
        except grpc.RpcError as error:
            return await self._explained(error)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return ENDED_HERE

    def cancel(self) -> None:
        self._call.cancel()

    async def _take_headers(self) -> Metadata:
        if self._headers is None:
            self._headers = pairs(await self._call.initial_metadata())
            return self._headers
        return ()

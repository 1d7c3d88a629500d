"""The transport over gRPC for an event loop. Its rules are those of transport_grpc.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from clientela_client.steps import Attempt, Failure, Metadata, Outcome, Reply
from clientela_client.transport import AioInbound, AioOutbound
from clientela_client.transport_grpc import CHANNEL_OPTIONS, CLOSED, failure_of, pairs


class AioGrpcTransport:
    """Carries calls over one grpc.aio channel, made in the loop that uses it."""

    def __init__(self, server: str) -> None:
        self._channel = grpc.aio.insecure_channel(server, options=CHANNEL_OPTIONS)
        self._callables: dict[str, Callable[..., Any]] = {}
        self._closed = False

    async def reach(self, seconds: float) -> None:
        """Return when there is a connection, or the seconds are over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._channel.channel_ready(), seconds)

    async def answer(self, attempt: Attempt) -> Outcome:
        """Perform a unary call."""
        if self._closed:
            return CLOSED
        send = self._callable(attempt.call.method.path, self._channel.unary_unary)
        call = send(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        return await _AioGrpcOutbound(call).outcome()

    def begin(self, attempt: Attempt) -> AioOutbound:
        """Start a client stream, which is sent in the background."""
        if self._closed:
            return _AioClosed()
        send = self._callable(attempt.call.method.path, self._channel.stream_unary)
        return _AioGrpcOutbound(
            send(attempt.call.messages, timeout=attempt.timeout_s, metadata=attempt.metadata)
        )

    def open(self, attempt: Attempt) -> AioInbound:
        """Start a server stream."""
        if self._closed:
            return _AioClosed()
        start = self._callable(attempt.call.method.path, self._channel.unary_stream)
        return _AioGrpcInbound(
            start(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        )

    async def close(self) -> None:
        """Drop what is under way and let go of the connection."""
        self._closed = True
        await self._channel.close()

    def _callable(self, path: str, make: Callable[[str], Any]) -> Any:
        found = self._callables.get(path)
        if found is None:
            found = self._callables[path] = make(path)
        return found


class _AioClosed:
    async def outcome(self) -> Outcome:
        return CLOSED

    receive = outcome

    def cancel(self) -> None:
        """Nothing was started."""


class _AioGrpcOutbound:
    def __init__(self, call: Any) -> None:
        self._call = call

    async def outcome(self) -> Outcome:
        call = self._call
        try:
            message = await call
        except grpc.RpcError as error:
            return failure_of(error)
        return Reply(message, pairs(await call.initial_metadata()), pairs(await call.trailing_metadata()))

    def cancel(self) -> None:
        self._call.cancel()


class _AioGrpcInbound:
    def __init__(self, call: Any) -> None:
        self._call = call
        self._headers: Metadata | None = None

    async def receive(self) -> Outcome:
        try:
            read = await self._call.read()
            message = None if read is grpc.aio.EOF else read
            headers = await self._take_headers()
            trailers = pairs(await self._call.trailing_metadata()) if message is None else ()
            return Reply(message, headers, trailers)
        except grpc.RpcError as error:
            return failure_of(error)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return Failure("CANCELLED", "the stream was ended on this side")

    def cancel(self) -> None:
        self._call.cancel()

    async def _take_headers(self) -> Metadata:
        if self._headers is None:
            self._headers = pairs(await self._call.initial_metadata())
            return self._headers
        return ()

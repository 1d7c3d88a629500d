"""The transport over gRPC for an event loop. Its rules are those of transport_grpc.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import grpc
import grpc.aio

from clientela_client.calls.effects import Attempt, Outcome, Reply
from clientela_client.calls.transport import AioInbound, AioOutbound
from clientela_client.calls.transport_grpc import CLOSED, ENDED_HERE, PIN_PAUSE_S, Line, failure_of, pairs
from clientela_client.connection.tls import Wiring
from clientela_client.connection.tls_config import Trust
from clientela_client.failure import Failure, Metadata


class AioGrpcTransport:
    """Carries calls over one grpc.aio channel, of the loop that uses it; without `trust`, in the clear."""

    def __init__(self, server: str, trust: Trust | None = None) -> None:
        self._wiring = Wiring(server, trust or Trust(server, False))
        self._line = None if self._wiring.is_pin_unseen else Line(self._wiring, grpc.aio)
        self._making = asyncio.Lock()
        self._closed = False

    async def reach(self, seconds: float) -> None:
        """Return when there is a connection, or the seconds are over."""
        line = await self._connected()
        if isinstance(line, Failure):
            await asyncio.sleep(min(seconds, PIN_PAUSE_S))
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(line.channel.channel_ready(), seconds)

    async def answer(self, attempt: Attempt) -> Outcome:
        """Perform a unary call."""
        line = await self._connected()
        if isinstance(line, Failure):
            return line
        send = line.callable(attempt.call.method.path, "unary_unary")
        call = send(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        return await _AioGrpcOutbound(call, self._explained).outcome()

    def begin(self, attempt: Attempt) -> AioOutbound:
        """Start a client stream, which is sent in the background."""
        if self._line is None or self._closed:
            return _AioLate(self._connected(), lambda line: self._begun(line, attempt))
        return self._begun(self._line, attempt)

    def open(self, attempt: Attempt) -> AioInbound:
        """Start a server stream."""
        if self._line is None or self._closed:
            return _AioLate(self._connected(), lambda line: self._opened(line, attempt))
        return self._opened(self._line, attempt)

    async def close(self) -> None:
        """Drop what is under way and let go of the connection."""
        self._closed = True
        if self._line is not None:
            await self._line.channel.close()

    def _begun(self, line: Line, attempt: Attempt) -> _AioGrpcOutbound:
        send = line.callable(attempt.call.method.path, "stream_unary")
        call = send(attempt.call.messages, timeout=attempt.timeout_s, metadata=attempt.metadata)
        return _AioGrpcOutbound(call, self._explained)

    def _opened(self, line: Line, attempt: Attempt) -> _AioGrpcInbound:
        start = line.callable(attempt.call.method.path, "unary_stream")
        call = start(attempt.call.messages[0], timeout=attempt.timeout_s, metadata=attempt.metadata)
        return _AioGrpcInbound(call, self._explained)

    async def _connected(self) -> Line | Failure:
        if self._closed:
            return CLOSED
        if self._line is not None:
            return self._line
        async with self._making:
            if self._line is None:
                failure = await asyncio.to_thread(self._wiring.find_pin)
                if failure is not None:
                    return failure
                self._line = Line(self._wiring, grpc.aio)
            return self._line

    async def _explained(self, error: Any) -> Failure:
        failure = failure_of(error)
        if failure.left:
            return failure
        async with self._making:
            told = await asyncio.to_thread(self._wiring.explain, failure)
            if self._line is not None and not self._line.is_of(self._wiring):
                line, self._line = self._line, None
                await line.channel.close()
        return told


class _AioLate:
    """A stream that begins when there is a channel."""

    def __init__(self, connecting: Coroutine[Any, Any, Line | Failure], begin: Callable[[Line], Any]) -> None:
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
            line = self._connecting.result()
            if isinstance(line, Failure):
                return line
            self._begun = self._begin(line)
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

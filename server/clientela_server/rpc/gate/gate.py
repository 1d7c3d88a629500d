"""The gate: what every call passes, on every transport, in this order and nowhere else.

    call id -> authenticate -> authorize -> rate-limit -> concurrency-limit -> deadline -> read and validate
            -> handler -> map errors -> one log line

No request byte is awaited before the caller is authenticated: a client without a token that opens calls and
sends nothing takes no concurrency slot.

A transport's adapter turns its own call into a `CallMetadata`, hands over the messages, and sends back what
the `Reply` holds. Read next: `grpc_adapter` (the adapter for gRPC), `rpc/services/purchases` (a handler).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from google.protobuf.message import Message
from google.rpc import code_pb2

from clientela_server.clock import Monotonic, monotonic
from clientela_server.domain.errors import DeadlineExceeded, PermissionDenied, Refusal, ResourceExhausted
from clientela_server.ids import new_call_id
from clientela_server.rpc.gate.authentication import Authenticator
from clientela_server.rpc.gate.call_context import CallContext, Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata, Reply
from clientela_server.rpc.gate.concurrency_limit import ConcurrencyLimit
from clientela_server.rpc.gate.error_map import status_of
from clientela_server.rpc.gate.rate_limit import RateLimit
from clientela_server.rpc.gate.time_limits import TimeLimits
from clientela_server.rpc.gate.token_revalidation import TokenRevalidation
from clientela_server.rpc.gate.validation import check, malformed, read

# How long a request's message may take to arrive, in seconds.
REQUEST_LIMIT_S = 10.0
_CODE_NAMES = {value: name for name, value in code_pb2.Code.items()}

Handler = Callable[[Any, CallContext], Any]
Receive = Callable[[], Awaitable[bytes | None]]
Send = Callable[[Message], Awaitable[None]]
# Called at the end of each call: RPC, name of the status code, duration in seconds.
Count = Callable[[str, str, float], None]


class Gate:
    """Authenticates, authorizes, limits, runs and logs each call.

    Args:
        authenticator: finds the caller of a token.
        rate_limit: calls a second for each caller; None for no limit.
        unread_s: how long a write may wait for the client; then the stream ends, and can be resumed.
        open_reflection: whether reflection needs no token.
        count: called at the end of each call. clock: of durations and the rate limit.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        rate_limit: RateLimit | None,
        *,
        unread_s: float,
        open_reflection: bool = False,
        count: Count | None = None,
        clock: Monotonic = monotonic,
    ) -> None:
        self._clock = clock
        self._authenticator = authenticator
        self._rate_limit = rate_limit
        self._unread_s = unread_s
        self._count = count
        self._revalidation = TokenRevalidation(authenticator)
        self._open_reflection = open_reflection
        # Bound once: finding the logger for each call takes longer than writing the line.
        self._log = structlog.get_logger().bind()
        self._concurrency = ConcurrencyLimit()
        self._limits = TimeLimits()
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    async def unary(self, rpc: Rpc, handler: Handler, receive: Receive, incoming: CallMetadata) -> Reply:
        """Run a call with one response message; `receive` returns the next request message, None at the end.

        Errors become the reply's status; only cancellation is raised.
        """
        return await self._run(rpc, incoming, receive, handler)

    async def stream(
        self, rpc: Rpc, handler: Handler, receive: Receive, incoming: CallMetadata, send: Send
    ) -> Reply:
        """Run a call whose messages are written by `send` as they are produced; otherwise as `unary`."""

        async def send_all(request: Any, call: CallContext) -> None:
            if not rpc.streams_out:
                await self._send(await handler(request, call), call, send)
                return
            async for message in handler(request, call):
                await self._send(message, call, send)

        return await self._run(rpc, incoming, receive, send_all)

    async def preauthorize(self, rpc: Rpc, incoming: CallMetadata) -> bool:
        """Return whether a call will be authorized, before its body is read; `incoming` keeps the result."""
        if self._is_open(rpc):
            return True
        try:
            incoming.caller = await self._authenticator.authenticate(
                incoming.metadata.get("authorization"), incoming.peer
            )
        except Refusal as refusal:
            incoming.refusal = refusal
        return incoming.caller is not None and incoming.caller.role in rpc.rule.roles

    async def authenticate(self, incoming: CallMetadata) -> None:
        """Raise Unauthenticated without a valid token. For requests that are no RPC (/metrics)."""
        await self._authenticator.authenticate(incoming.metadata.get("authorization"), incoming.peer)

    def track(self, task: asyncio.Task[Any]) -> None:
        """Count a call as running until the task that also sends its response has ended."""
        self._enter()
        task.add_done_callback(self._leave)

    async def drain(self, timeout_s: float | None = None) -> None:
        """Wait until no call is running, or `timeout_s` seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()

    async def _run(self, rpc: Rpc, incoming: CallMetadata, receive: Receive, handler: Handler) -> Reply:
        call = CallContext(new_call_id(), rpc)
        begun = self._clock()
        self._enter()
        message, status, code, failure = None, None, code_pb2.OK, None
        try:
            await self._admit(call, incoming, begun)
            self._concurrency.acquire(call.caller, rpc)
            try:
                answer = _answer(call, incoming, receive, handler, self._limits)
                if rpc.rule.is_long and call.caller:
                    answer = self._revalidation.guard(call, incoming.metadata["authorization"], answer)
                message = await answer
            finally:
                self._release(call)
        except asyncio.CancelledError:
            code = code_pb2.CANCELLED
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is answered
            status = status_of(error, call)
            code, failure = status.code, error
            if isinstance(error, Refusal) and error.revision is not None:
                call.revision = error.revision
        finally:
            self._leave()
            self._log_call(call, incoming, begun, code, failure)
            # The exception refers to this frame: a reference back would be a cycle that keeps the call alive.
            failure = None
        return Reply(message, status, _trailers(call))

    def _enter(self) -> None:
        self._inside += 1
        self._empty.clear()

    def _leave(self, _: object = None) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()

    async def _admit(self, call: CallContext, incoming: CallMetadata, now_s: float) -> None:
        """Authenticate, authorize, rate-limit; then raise a refusal that the transport stored."""
        call.languages = incoming.metadata.get("accept-language", "")
        caller = incoming.caller
        if caller is None:
            if incoming.refusal is not None:
                raise incoming.refusal
            if self._is_open(call.rpc):
                return
            caller = await self._authenticator.authenticate(
                incoming.metadata.get("authorization"), incoming.peer
            )
        call.caller, call.role = caller.name, caller.role
        if caller.role not in call.rpc.rule.roles:
            raise PermissionDenied("CALL_NOT_ALLOWED", role=caller.role, rpc=call.rpc.name)
        if self._rate_limit is not None:
            self._rate_limit.take(caller.name, now_s)
        if incoming.refusal is not None:
            raise incoming.refusal

    def _is_open(self, rpc: Rpc) -> bool:
        """Return whether an RPC needs no token."""
        return rpc.rule.public or (self._open_reflection and rpc.name.startswith("grpc.reflection."))

    async def _send(self, message: Message, call: CallContext, send: Send) -> None:
        call.unsent = sending = asyncio.ensure_future(send(message))
        sent, _ = await asyncio.wait([sending], timeout=self._unread_s)
        if not sent:
            raise ResourceExhausted("READER_TOO_SLOW", resume_after_revision=call.resume_after)
        call.unsent = None
        await sending

    def _release(self, call: CallContext) -> None:
        """Free a call's slot, but only after its last message was written.

        Otherwise a client that reads nothing could make the server buffer any number of messages.
        """
        if call.unsent is None:
            self._concurrency.release(call.caller, call.rpc)
        else:
            call.unsent.add_done_callback(lambda _: self._concurrency.release(call.caller, call.rpc))

    def _log_call(
        self, call: CallContext, incoming: CallMetadata, begun: float, code: int, error: Exception | None
    ) -> None:
        """Write the one log line of a call, without requests and responses: they may hold personal data."""
        took_s = self._clock() - begun
        if self._count is not None:
            self._count(call.rpc.name, _CODE_NAMES[code], took_s)
        line: dict[str, Any] = {
            "rpc": call.rpc.name,
            "code": _CODE_NAMES[code],
            "ms": round(took_s * 1000, 2),
            "call_id": call.id,
        }
        if call.caller:
            line["caller"] = call.caller
        if call.revision is not None:
            line["revision"] = call.revision
        for name in ("x-request-id", "traceparent"):
            if name in incoming.metadata:
                line[name] = incoming.metadata[name][:100]
        if error is None:
            self._log.info("call", **line)
        elif isinstance(error, Refusal):
            self._log.info("call", reason=error.reason, **line)
        else:
            self._log.error("call", exc_info=error, **line)


async def _answer(
    call: CallContext, incoming: CallMetadata, receive: Receive, handler: Handler, limits: TimeLimits
) -> Any:
    """Receive the request and run the handler within the server's time limit."""
    limit_s = _limit_s(call.rpc, incoming)
    request = await _request(call.rpc, receive, limits)
    if limit_s is None:
        return await handler(request, call)
    try:
        with limits.within(limit_s) as ours:
            return await handler(request, call)
    except TimeoutError:
        if ours.expired:
            raise _limit_exceeded(call.rpc, limit_s) from None
        raise


def _limit_exceeded(rpc: Rpc, limit_s: float) -> DeadlineExceeded:
    """Return the error of a call that reached the server's own limit, not the client's deadline."""
    limit = f"{limit_s:g}"
    if rpc.rule.survives_deadline:
        return DeadlineExceeded("REPORT_BEING_MADE", retry_after_s=1, limit=limit)
    return DeadlineExceeded("SERVER_TIME_LIMIT", limit=limit)


async def _request(rpc: Rpc, receive: Receive, limits: TimeLimits) -> Any:
    """Return the validated request; of a client stream, an iterator of validated messages."""
    if rpc.streams_in:
        return _checked_stream(rpc, receive)
    try:
        with limits.within(REQUEST_LIMIT_S):
            data = await receive()
    except TimeoutError:
        raise DeadlineExceeded("DEADLINE_EXCEEDED") from None
    if data is None:
        raise malformed(rpc.request, "", "there is none")
    return _checked(rpc, data)


async def _checked_stream(rpc: Rpc, receive: Receive) -> AsyncIterator[Message]:
    while (data := await receive()) is not None:
        yield _checked(rpc, data)


def _checked(rpc: Rpc, data: bytes) -> Message:
    message = read(rpc.request, data)
    check(message)
    return message


def _limit_s(rpc: Rpc, incoming: CallMetadata) -> float | None:
    """Return the server's limit in seconds; None if the client's deadline is shorter or there is no limit."""
    left, limit = incoming.time_left_s, rpc.rule.limit_s
    if left is not None and left <= 0:
        raise DeadlineExceeded("DEADLINE_EXCEEDED")
    return None if limit is None or (left is not None and left <= limit) else limit


def _trailers(call: CallContext) -> tuple[tuple[str, str], ...]:
    if call.revision is None:
        return (("clientela-call-id", call.id),)
    return (("clientela-call-id", call.id), ("clientela-revision", str(call.revision)))

"""The gate: what every call passes, on every transport, in this order and nowhere else.

    call id -> authenticate -> authorize -> rate-limit -> concurrency-limit -> receive and validate
            -> handle within the time limit -> map errors -> account

No request byte is awaited before the caller is authenticated: a client without a token that opens calls and
sends nothing takes no concurrency slot. `Gate.unary` runs for every call, so it makes as few objects, timers
and coroutines as it can; docs/performance.md says what each part costs.

A transport's adapter turns its own call into a `CallMetadata`, hands over the messages, and sends back what
the `Reply` holds. Read next: `grpc_adapter` (the adapter for gRPC), `rpc/services/purchases` (a handler).
"""

import asyncio
from typing import Any

from google.rpc import code_pb2
from google.rpc.status_pb2 import Status

from clientela_server.clock import Monotonic, monotonic
from clientela_server.domain.errors import PermissionDenied, Refusal
from clientela_server.ids import new_call_id
from clientela_server.rpc.gate.authentication import Authenticator, Caller
from clientela_server.rpc.gate.call_context import CallContext, Handler, Rpc
from clientela_server.rpc.gate.call_log import CallLog, Count, Write
from clientela_server.rpc.gate.call_metadata import CallMetadata, Reply
from clientela_server.rpc.gate.calls_in_progress import CallsInProgress, is_overdue
from clientela_server.rpc.gate.concurrency_limit import ConcurrencyLimit
from clientela_server.rpc.gate.error_map import status_of
from clientela_server.rpc.gate.flow_control import Send, release_when_sent, sending
from clientela_server.rpc.gate.rate_limit import RateLimit
from clientela_server.rpc.gate.time_limits import REQUEST_LIMIT_S, limit_exceeded, limit_s_of
from clientela_server.rpc.gate.token_revalidation import TokenRevalidation
from clientela_server.rpc.gate.validation import Receive, validated, validated_each


class Gate:
    """Authenticates, authorizes, limits, runs and logs each call.

    Args:
        authenticator: finds the caller of a token.
        rate_limit: calls a second for each caller; None for no limit.
        unread_s: how long a write may wait for the client; then the stream ends, and can be resumed.
        write: writes the log line of a call that was answered or refused.
        open_reflection: whether reflection needs no token.
        count: called at the end of each call.
        clock: of durations, time limits and the rate limit.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        rate_limit: RateLimit | None,
        *,
        unread_s: float,
        write: Write,
        open_reflection: bool = False,
        count: Count | None = None,
        clock: Monotonic = monotonic,
    ) -> None:
        self._clock = clock
        self._authenticator = authenticator
        self._rate_limit = rate_limit
        self._unread_s = unread_s
        self._open_reflection = open_reflection
        self._revalidation = TokenRevalidation(authenticator)
        self._concurrency = ConcurrencyLimit()
        self._in_progress = CallsInProgress(clock)
        self._log = CallLog(write, count)

    async def unary(self, rpc: Rpc, handler: Handler, receive: Receive, incoming: CallMetadata) -> Reply:
        """Run a call; the reply holds its one response message, or its error's status.

        Only cancellation is raised.
        """
        call = CallContext(new_call_id(), rpc, languages=incoming.metadata.get("accept-language", ""))
        begun_s = self._clock()
        task = self._in_progress.begin(call)
        message = status = None
        try:
            if not self._is_open(rpc):
                _authorize(call, self._known_caller(incoming) or await self.authenticate(incoming))
            self._limit(call, incoming, begun_s)
            try:
                limit_s = limit_s_of(rpc, incoming)
                request = validated_each(rpc, receive) if rpc.streams_in else validated(rpc, await receive())
                call.begin_limit(limit_s, self._clock())
                message = await self._handle(call, request, handler, incoming)
            finally:
                release_when_sent(self._concurrency, call, task if incoming.sent_by_task else None)
            self._log.write(call, incoming, self._clock() - begun_s, code_pb2.OK, None)
        except asyncio.CancelledError:
            if not is_overdue(call, task):
                self._log.write(call, incoming, self._clock() - begun_s, code_pb2.CANCELLED, None)
                raise
            status = self._failed(call, incoming, begun_s, limit_exceeded(call))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is answered
            status = self._failed(call, incoming, begun_s, error)
        finally:
            self._in_progress.end(call, task, sent_by_task=incoming.sent_by_task)
        return Reply(message, status, _trailers(call))

    async def stream(
        self, rpc: Rpc, handler: Handler, receive: Receive, incoming: CallMetadata, send: Send
    ) -> Reply:
        """Run a call whose messages are written by `send` as they are produced; otherwise as `unary`."""
        return await self.unary(rpc, sending(handler, send, self._unread_s), receive, incoming)

    async def preauthorize(self, rpc: Rpc, incoming: CallMetadata) -> bool:
        """Return whether a call will be authorized, before its body is read; `incoming` keeps the result."""
        if self._is_open(rpc):
            return True
        try:
            incoming.caller = await self.authenticate(incoming)
        except Refusal as refusal:
            incoming.refusal = refusal
        return incoming.caller is not None and incoming.caller.role in rpc.rule.roles

    async def authenticate(self, incoming: CallMetadata) -> Caller:
        """Return the caller of a valid token; raise Unauthenticated without one."""
        return await self._authenticator.authenticate(incoming.metadata.get("authorization"), incoming.peer)

    async def drain(self, timeout_s: float | None = None) -> None:
        """Wait until no call is in progress, or `timeout_s` seconds have passed."""
        await self._in_progress.drain(timeout_s)

    def _is_open(self, rpc: Rpc) -> bool:
        """Return whether an RPC needs no token."""
        return rpc.rule.public or (self._open_reflection and rpc.name.startswith("grpc.reflection."))

    def _known_caller(self, incoming: CallMetadata) -> Caller | None:
        """Return the caller that a transport or a moment ago we authenticated; raise if that failed."""
        if incoming.caller is None and incoming.refusal is not None:
            raise incoming.refusal
        return incoming.caller or self._authenticator.known(incoming.metadata.get("authorization"))

    def _limit(self, call: CallContext, incoming: CallMetadata, now_s: float) -> None:
        """Count a call against its caller's rate, take a slot for it, and limit the wait for its request."""
        if self._rate_limit is not None and call.caller:
            self._rate_limit.take(call.caller, now_s)
        if incoming.refusal is not None:
            raise incoming.refusal
        self._concurrency.acquire(call.caller, call.rpc)
        call.ends_s = now_s + REQUEST_LIMIT_S

    def _handle(self, call: CallContext, request: Any, handler: Handler, incoming: CallMetadata) -> Any:
        """Begin to run the handler; while a long call runs, its token is validated again and again."""
        answer = handler(request, call)
        if call.rpc.rule.is_long and call.caller:
            return self._revalidation.guard(call, incoming.metadata["authorization"], answer)
        return answer

    def _failed(self, call: CallContext, incoming: CallMetadata, begun_s: float, error: Exception) -> Status:
        """Map an error to its status, and account for the call."""
        if isinstance(error, Refusal) and error.revision is not None:
            call.revision = error.revision
        status = status_of(error, call)
        self._log.write(call, incoming, self._clock() - begun_s, status.code, error)
        return status


def _authorize(call: CallContext, caller: Caller) -> None:
    call.caller, call.role = caller.name, caller.role
    if caller.role not in call.rpc.rule.roles:
        raise PermissionDenied("CALL_NOT_ALLOWED", role=caller.role, rpc=call.rpc.name)


def _trailers(call: CallContext) -> tuple[tuple[str, str], ...]:
    if call.revision is None:
        return (("clientela-call-id", call.id),)
    return (("clientela-call-id", call.id), ("clientela-revision", str(call.revision)))

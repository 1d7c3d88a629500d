"""One call: sent, retried, answered. From a noun's method it is one step here, and one more to the transport.

    await client.purchases.record(...)      nouns/purchases.py makes the request
    await calls.unary(request, Purchase)    here: attempts, until one is answered
    await transport.answer(attempt)         calls/transport_aio.py: the stub of grpc

When and why something is sent again is decided in calls/retry.py. Read next: items.py, for many answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from google.protobuf.message import Message

from clientela_client.calls.answers import answer_of, message_of, observed
from clientela_client.calls.attempt import Attempt, Call, Outcome
from clientela_client.calls.requests import unary_call
from clientela_client.calls.retry import Effort, Pause, WaitForReady
from clientela_client.calls.session import Session
from clientela_client.calls.transport import AioTransport
from clientela_client.failure import Failure

M = TypeVar("M", bound=Message)


class AioCalls:
    """Makes the calls of one client, over its session and its transport."""

    def __init__(self, session: Session, transport: AioTransport) -> None:
        self.session = session
        self.transport = transport

    async def unary(self, request: Message, answer: type[M], timeout_s: float | None = None) -> M:
        """Send a request and return its response, of the type `answer`.

        Args:
            timeout_s: the deadline of all attempts together, in seconds; None: the client's.

        Raises:
            CallError: Refused, Unavailable or InDoubt, by the rules of retry.py.
            Interrupted: Ctrl-C during a write.
        """
        effort = Effort(unary_call(request, self.session, timeout_s), self.session)
        try:
            while True:
                attempt = effort.attempt()
                observer = observed(attempt, self.session)
                outcome = await self.transport.answer(attempt)
                response = answer_of(attempt, outcome, observer)
                if not isinstance(response, Failure):
                    effort.answered()
                    return cast(M, response)
                await self.wait(effort.wait_after(response))
        except KeyboardInterrupt as interruption:
            effort.interrupted(interruption)
            raise

    async def client_stream(self, call: Call, answer: type[M], meanwhile: Callable[[], Awaitable[None]]) -> M:
        """Send a stream of requests, run `meanwhile` while each attempt is sent, and return the response.

        Raises as `unary`.
        """
        effort = Effort(call, self.session)
        try:
            while True:
                attempt = effort.attempt()
                observer = observed(attempt, self.session)
                outcome = await self._streamed(attempt, meanwhile)
                response = answer_of(attempt, outcome, observer)
                if not isinstance(response, Failure):
                    effort.answered()
                    return cast(M, response)
                await self.wait(effort.wait_after(response))
        except KeyboardInterrupt as interruption:
            effort.interrupted(interruption)
            raise

    async def wait(self, wait: Pause | WaitForReady) -> None:
        """Wait before the next attempt."""
        if isinstance(wait, WaitForReady):
            await self.transport.wait_for_ready(wait.seconds)
        else:
            await self.session.clock.sleep_aio(wait.seconds)

    async def _streamed(self, attempt: Attempt, meanwhile: Callable[[], Awaitable[None]]) -> Outcome:
        outbound = self.transport.begin(attempt)
        try:
            await meanwhile()
            return await outbound.outcome()
        finally:
            outbound.cancel()


class AioServerStream:
    """One attempt of a call with many responses, read message by message."""

    def __init__(self, calls: AioCalls, attempt: Attempt) -> None:
        self._attempt = attempt
        self._observer = observed(attempt, calls.session)
        self._inbound = calls.transport.open(attempt)

    async def receive(self) -> Message | Failure | None:
        """Return the next message; None at the end."""
        return message_of(self._attempt, await self._inbound.receive(), self._observer)

    def cancel(self) -> None:
        """End the stream, also for a reader that is waiting in it."""
        self._inbound.cancel()


class AioNoun:
    """The methods of one noun."""

    def __init__(self, calls: AioCalls) -> None:
        self._calls = calls

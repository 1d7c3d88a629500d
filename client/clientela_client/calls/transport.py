"""The one replaceable object between the SDK and whatever carries its bytes.

A transport carries bytes and knows nothing of messages, retries or time. grpc is one (transport_grpc.py,
transport_aio.py); a simulated network is another.
"""

from __future__ import annotations

from typing import Protocol

from clientela_client.calls.effects import Attempt, Outcome


class Inbound(Protocol):
    """A server stream that is being read."""

    def receive(self) -> Outcome:
        """Wait for the next message; the end is a Reply without one."""
        ...

    def cancel(self) -> None:
        """End it; whoever waits in `receive` gets a Failure. From any thread."""
        ...


class Outbound(Protocol):
    """A client stream that is being sent."""

    def outcome(self) -> Outcome:
        """Wait until all is sent and answered."""
        ...

    def cancel(self) -> None:
        """End it, if it is not answered yet."""
        ...


class Transport(Protocol):
    """Carries calls, blocking. Used by many threads at once."""

    def wait_for_ready(self, seconds: float) -> None:
        """Return when there is a connection, or the seconds are over."""
        ...

    def answer(self, attempt: Attempt) -> Outcome:
        """Perform a unary call."""
        ...

    def begin(self, attempt: Attempt) -> Outbound:
        """Start a client stream, which is sent in the background."""
        ...

    def open(self, attempt: Attempt) -> Inbound:
        """Start a server stream."""
        ...

    def close(self) -> None:
        """Drop what is under way and let go of the connection."""
        ...


class AioInbound(Protocol):
    """A server stream that is being read."""

    async def receive(self) -> Outcome:
        """Wait for the next message; the end is a Reply without one."""
        ...

    def cancel(self) -> None:
        """End it; whoever waits in `receive` gets a Failure."""
        ...


class AioOutbound(Protocol):
    """A client stream that is being sent."""

    async def outcome(self) -> Outcome:
        """Wait until all is sent and answered."""
        ...

    def cancel(self) -> None:
        """End it, if it is not answered yet."""
        ...


class AioTransport(Protocol):
    """Carries calls on an event loop. Used by many tasks at once."""

    async def wait_for_ready(self, seconds: float) -> None:
        """Return when there is a connection, or the seconds are over."""
        ...

    async def answer(self, attempt: Attempt) -> Outcome:
        """Perform a unary call."""
        ...

    def begin(self, attempt: Attempt) -> AioOutbound:
        """Start a client stream, which is sent in the background."""
        ...

    def open(self, attempt: Attempt) -> AioInbound:
        """Start a server stream."""
        ...

    async def close(self) -> None:
        """Drop what is under way and let go of the connection."""
        ...

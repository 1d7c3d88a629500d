"""The one replaceable object between the SDK and whatever carries its bytes.

A transport carries bytes and knows nothing of messages, retries or time. grpc is one (transport_grpc.py,
transport_aio.py); a simulated network is another.
"""

from __future__ import annotations

from typing import Protocol

from clientela_client.steps import Attempt, Outcome


class Inbound(Protocol):
    """A server stream that is being read."""

    def receive(self) -> Outcome:
        """Wait for the next message; the end is a Reply without one."""
        ...

    def cancel(self) -> None:
        """End it; whoever waits in `receive` gets a Failure. From any thread."""
        ...


class Transport(Protocol):
    """Carries calls, blocking. Used by many threads at once."""

    def answer(self, attempt: Attempt) -> Outcome:
        """Perform a unary or client-streaming call."""
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


class AioTransport(Protocol):
    """Carries calls on an event loop. Used by many tasks at once."""

    async def answer(self, attempt: Attempt) -> Outcome:
        """Perform a unary or client-streaming call."""
        ...

    def open(self, attempt: Attempt) -> AioInbound:
        """Start a server stream."""
        ...

    async def close(self) -> None:
        """Drop what is under way and let go of the connection."""
        ...

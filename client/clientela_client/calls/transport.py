"""The transport interface between the SDK and the network.

A transport sends and receives bytes; messages, retries and clocks are not its concern. gRPC is one
(transport_grpc.py, transport_aio.py); a simulated network is another.
"""

from __future__ import annotations

from typing import Protocol

from clientela_client.calls.attempt import Attempt, Outcome


class Inbound(Protocol):
    """A server stream being read."""

    def receive(self) -> Outcome:
        """Return the next message; at the end a Reply without one."""
        ...

    def cancel(self) -> None:
        """Cancel it; a blocked `receive` returns a Failure. Thread-safe."""
        ...


class Outbound(Protocol):
    """A client stream being sent."""

    def outcome(self) -> Outcome:
        """Wait until all is sent, and return the response."""
        ...

    def cancel(self) -> None:
        """Cancel it, unless it was answered."""
        ...


class Transport(Protocol):
    """Sends calls, blocking. Thread-safe."""

    def wait_for_ready(self, seconds: float) -> None:
        """Wait until the channel is connected, at most so many seconds."""
        ...

    def answer(self, attempt: Attempt) -> Outcome:
        """Send a unary call and return its outcome."""
        ...

    def begin(self, attempt: Attempt) -> Outbound:
        """Start a client stream, which is sent in the background."""
        ...

    def open(self, attempt: Attempt) -> Inbound:
        """Start a server stream."""
        ...

    def close(self) -> None:
        """Cancel running calls and close the connection."""
        ...


class AioInbound(Protocol):
    """A server stream being read."""

    async def receive(self) -> Outcome:
        """Return the next message; at the end a Reply without one."""
        ...

    def cancel(self) -> None:
        """Cancel it; a waiting `receive` returns a Failure."""
        ...


class AioOutbound(Protocol):
    """A client stream being sent."""

    async def outcome(self) -> Outcome:
        """Wait until all is sent, and return the response."""
        ...

    def cancel(self) -> None:
        """Cancel it, unless it was answered."""
        ...


class AioTransport(Protocol):
    """Sends calls on an event loop, for any number of tasks."""

    async def wait_for_ready(self, seconds: float) -> None:
        """Wait until the channel is connected, at most so many seconds."""
        ...

    async def answer(self, attempt: Attempt) -> Outcome:
        """Send a unary call and return its outcome."""
        ...

    def begin(self, attempt: Attempt) -> AioOutbound:
        """Start a client stream, which is sent in the background."""
        ...

    def open(self, attempt: Attempt) -> AioInbound:
        """Start a server stream."""
        ...

    async def close(self) -> None:
        """Cancel running calls and close the connection."""
        ...

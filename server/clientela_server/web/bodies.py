"""Read request bodies within limits: time and size of each, and the memory of all together.

Bodies are read after authentication (see `site`); those of public RPCs, which need no token, have a small
limit. Read next: `connections`, whose timeouts close connections.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from clientela_server.domain.errors import DeadlineExceeded, ResourceExhausted
from clientela_server.rpc.gate.time_limits import REQUEST_LIMIT_S

MESSAGE_MAX = 1024 * 1024
ANONYMOUS_BODY_MAX = 4 * 1024
ALL_MAX = 64 * 1024 * 1024
_RETRY_AFTER_S = 0.5

AsgiReceive = Callable[[], Awaitable[Any]]


class Gone(asyncio.CancelledError):
    """The client disconnected before its body was complete."""


class Bodies:
    """Counts the bytes of all bodies that are held in memory."""

    def __init__(self, all_max: int = ALL_MAX) -> None:
        self._all_max = all_max
        self.held = 0

    def new(self, receive: AsgiReceive, most: int) -> "Body":
        """Return the reader of a request's body. most: its size limit in bytes."""
        return Body(self, receive, most)

    def take(self, count: int) -> None:
        """Count bytes; ResourceExhausted if all bodies together hold too many."""
        if self.held + count > self._all_max:
            raise ResourceExhausted("BODIES_TOO_MANY", retry_after_s=_RETRY_AFTER_S, limit=str(self._all_max))
        self.held += count


class Body:
    """The body of one request; its bytes count until the `with` block ends."""

    def __init__(self, bodies: Bodies, receive: AsgiReceive, most: int) -> None:
        self._bodies = bodies
        self._receive = receive
        self._most = most
        self._parts: list[bytes] = []
        self._count = 0

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self._bodies.held -= self._count
        self._count = 0

    async def read(self) -> bytes:
        """Return the whole body.

        Raises:
            DeadlineExceeded: it took more than REQUEST_LIMIT_S.
            ResourceExhausted: it is too large, or all bodies together are.
            Gone: the client disconnected.
        """
        try:
            async with asyncio.timeout(REQUEST_LIMIT_S):
                while await self._read_part():
                    pass
        except TimeoutError:
            raise DeadlineExceeded("DEADLINE_EXCEEDED") from None
        return b"".join(self._parts)

    async def _read_part(self) -> bool:
        """Receive a part; return whether there is more."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = bytes(message.get("body", b""))
        if self._count + len(part) > self._most:
            raise ResourceExhausted("MESSAGE_TOO_LARGE", limit=str(self._most))
        self._bodies.take(len(part))
        self._count += len(part)
        self._parts.append(part)
        return bool(message.get("more_body"))

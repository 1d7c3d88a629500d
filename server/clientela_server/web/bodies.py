"""Bodies of requests: each has so much time and so many bytes, and all together hold no more than so many.

Nobody's body is read before it is known who sends it (see `site`); who is nobody, and calls what everybody
may, has little to say. Read next: `connections`, which ends what does not arrive.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from clientela_server.domain.errors import DeadlineExceeded, ResourceExhausted
from clientela_server.rpc.gate.gate import REQUEST_LIMIT_S

MESSAGE_MAX = 1024 * 1024
ANONYMOUS_BODY_MAX = 4 * 1024
ALL_MAX = 64 * 1024 * 1024
_RETRY_AFTER_S = 0.5

AsgiReceive = Callable[[], Awaitable[Any]]


class Gone(asyncio.CancelledError):
    """The caller left before the body was there."""


class Bodies:
    """Reads bodies, and counts what all that are not yet answered hold."""

    def __init__(self, all_max: int = ALL_MAX) -> None:
        self._all_max = all_max
        self.held = 0

    def new(self, receive: AsgiReceive, most: int) -> "Body":
        """Make what reads the body of one request."""
        return Body(self, receive, most)

    def take(self, count: int) -> None:
        """Count bytes, or refuse them where there are too many: ResourceExhausted."""
        if self.held + count > self._all_max:
            raise ResourceExhausted("BODIES_TOO_MANY", retry_after_s=_RETRY_AFTER_S, limit=str(self._all_max))
        self.held += count


class Body:
    """The body of one request; within `with` its bytes are counted."""

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
        """Read it whole; refuse what is too late, too long, or one too many. Gone where its sender is."""
        try:
            async with asyncio.timeout(REQUEST_LIMIT_S):
                while await self._read_part():
                    pass
        except TimeoutError:
            raise DeadlineExceeded("DEADLINE_EXCEEDED") from None
        return b"".join(self._parts)

    async def _read_part(self) -> bool:
        """Read what has come; tell whether there is more."""
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

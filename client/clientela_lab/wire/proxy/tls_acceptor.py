"""Where a tap is served with TLS: the handshake, and in words why there was none.

asyncio's own servers keep to themselves what comes of a handshake; so it is made here, on a connection that
was accepted bare. Read next: connection.py, which takes over.
"""

import asyncio
import ssl
from typing import Protocol, cast

from clientela_lab.wire.proxy.connection import Line
from clientela_lab.wire.proxy.tls_errors import of_client
from clientela_lab.wire.proxy.upstream import CONNECT_WITHIN_S


class DoorHost(Protocol):
    """What a handshake asks of the tap."""

    closed: bool

    def new_line(self) -> Line:
        """Make a line for the next connection."""

    def opening(self, handshake: asyncio.Task[None]) -> None:
        """Keep a handshake that is under way."""


class Door(asyncio.Protocol):
    """Lets one client in, to a line of its own; where TLS fails, that is noted."""

    def __init__(self, tap: DoorHost, context: ssl.SSLContext) -> None:
        self._tap = tap
        self._context = context
        self._line = tap.new_line()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake: until then nothing is read."""
        bare = cast(asyncio.Transport, transport)
        bare.pause_reading()
        if self._tap.closed:
            bare.abort()
            return
        handshake = asyncio.create_task(self._let_in(bare))
        # Not in the task itself: who is cancelled before the first step never takes it.
        handshake.add_done_callback(lambda task: bare.abort() if task.cancelled() else None)
        self._tap.opening(handshake)

    async def _let_in(self, bare: asyncio.Transport) -> None:
        peer, end = bare.get_extra_info("peername"), self._line.client
        try:
            secured = await asyncio.get_running_loop().start_tls(
                bare, end, self._context, server_side=True, ssl_handshake_timeout=CONNECT_WITHIN_S
            )
            if secured is None:  # so Python 3.11.2 tells that the client has hung up
                raise ConnectionResetError
        except OSError as error:
            self._line.turn_away(f"{peer[0]}:{peer[1]}" if peer else "?", of_client(error))
        else:
            if not end.lost:
                end.connection_made(secured)

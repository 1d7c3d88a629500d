"""TLS towards clients: the handshake, and in words why it failed.

asyncio's servers do not report a failed handshake; so connections are accepted in plaintext, and TLS is
started here. Read next: connection.py, which takes over.
"""

import asyncio
import ssl
from typing import Protocol, cast

from clientela_lab.wire.proxy.connection import Connection
from clientela_lab.wire.proxy.tls_errors import of_client
from clientela_lab.wire.proxy.upstream import CONNECT_WITHIN_S


class AcceptorHost(Protocol):
    """What a handshake needs of the proxy."""

    def new_connection(self) -> Connection:
        """Make the next connection."""

    def track_handshake(self, handshake: asyncio.Task[None]) -> None:
        """Keep a reference to a running handshake."""


class TlsAcceptor(asyncio.Protocol):
    """Starts TLS with one client, hands it to a connection of its own, and records a failed handshake."""

    def __init__(self, proxy: AcceptorHost, context: ssl.SSLContext) -> None:
        self._proxy = proxy
        self._context = context
        self._connection = proxy.new_connection()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the handshake; nothing is read before."""
        bare = cast(asyncio.Transport, transport)
        bare.pause_reading()
        handshake = asyncio.create_task(self._handshake(bare))
        # Not in the task itself: a task that is cancelled before its first step never runs.
        handshake.add_done_callback(lambda task: bare.abort() if task.cancelled() else None)
        self._proxy.track_handshake(handshake)

    async def _handshake(self, bare: asyncio.Transport) -> None:
        peer, endpoint = bare.get_extra_info("peername"), self._connection.client
        try:
            secured = await asyncio.get_running_loop().start_tls(
                bare, endpoint, self._context, server_side=True, ssl_handshake_timeout=CONNECT_WITHIN_S
            )
            if secured is None:  # Python 3.11.2: the client has closed the connection
                raise ConnectionResetError
        except OSError as error:
            self._connection.note_failed_handshake(f"{peer[0]}:{peer[1]}" if peer else "?", of_client(error))
        else:
            if not endpoint.lost:
                endpoint.connection_made(secured)

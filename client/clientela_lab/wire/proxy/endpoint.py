"""One end of a line: a socket of the tap, the client's or the server's.

Rule: whoever is too slow is waited for. Where one end takes no more bytes (or a flow, or the decoder, holds
enough) the other end is not read, so nothing piles up here; TCP carries the wait to whoever sends. What an
event loop reads all the same is kept, and passed on in its turn.
"""

import asyncio
import socket
import struct
from typing import Protocol, cast

LINGER_S = 5.0
_NO_LINGER = struct.pack("ii", 1, 0)


class Receiver(Protocol):
    """Takes what an end reads."""

    def feed(self, data: bytes) -> None:
        """Take bytes, in their order."""


class EndpointOwner(Protocol):
    """What an end asks of its connection."""

    def opened(self, endpoint: "Endpoint") -> None:
        """Take note that a socket is there."""

    def pipe_from(self, endpoint: "Endpoint") -> Receiver:
        """Return the direction that begins at an end."""

    def opposite(self, endpoint: "Endpoint") -> "Endpoint":
        """Return the end at the other side."""

    def half_closed(self, endpoint: "Endpoint") -> None:
        """Take note of a half-close."""

    def endpoint_lost(self, endpoint: "Endpoint", error: Exception | None) -> None:
        """Take note that a socket is gone."""


class Endpoint(asyncio.Protocol):
    """The socket to the client (or, where not `of_client`, to the server).

    heard: whether anything came from it. untaken: how many bytes were written to it and lost when it was
    closed, for they had not been taken.
    """

    def __init__(self, connection: EndpointOwner, of_client: bool) -> None:
        self.of_client = of_client
        self.lost = False
        self.has_received = False
        self.unsent = 0
        self._connection = connection
        self._transport: asyncio.Transport | None = None
        self._pause_reasons: set[str] = set()
        self._early: list[bytes] = []
        self._linger: asyncio.TimerHandle | None = None

    # ---- what asyncio tells ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take in that the socket is there."""
        self._transport = cast(asyncio.Transport, transport)
        # Else small frames wait for the acknowledgement of those before them, 40 ms at a time.
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._pause_reasons:
            self._transport.pause_reading()
        self._connection.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take in what was read."""
        self.has_received = True
        if self._pause_reasons:
            self._buffer_early(data)
        else:
            self._connection.pipe_from(self).feed(data)

    def eof_received(self) -> bool:
        """Take in that nothing more comes; the other direction stays, where the socket can do that."""
        # Who is held is told again when it is read on.
        if not self._pause_reasons or self.of_tls:
            self._connection.half_closed(self)
        return not self.of_tls

    def pause_writing(self) -> None:
        """Take in that the peer is slow: what would be written to it is not read meanwhile."""
        self._connection.opposite(self).pause_reading("full")

    def resume_writing(self) -> None:
        """Take in that the peer has caught up."""
        self._connection.opposite(self).resume_reading("full")

    def connection_lost(self, exc: Exception | None) -> None:
        """Take in that the socket is gone."""
        self.lost = True
        if self._linger:
            self._linger.cancel()
        self._flush_early()
        self._connection.endpoint_lost(self, exc)

    # ---- what the line does ------------------------------------------------------------------------------

    @property
    def of_tls(self) -> bool:
        """Whether it speaks TLS, which knows no half that is closed."""
        return self._transport is not None and self._transport.get_extra_info("ssl_object") is not None

    @property
    def is_open(self) -> bool:
        """Whether there is a socket, closing or not."""
        return self._transport is not None and not self.lost

    @property
    def peer(self) -> str:
        """Who is at the other side of the socket, "host:port"."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return f"{name[0]}:{name[1]}" if name else "?"

    def pause_reading(self, why: str) -> None:
        """Do not read for now; reasons add up."""
        if not self._pause_reasons and self._transport and not self.lost:
            self._transport.pause_reading()
        self._pause_reasons.add(why)

    def resume_reading(self, why: str) -> None:
        """Read on, once no reason is left not to."""
        if why not in self._pause_reasons:
            return
        self._pause_reasons.remove(why)
        if self._pause_reasons:
            return
        self._flush_early()
        if not self._pause_reasons and self._transport and not self.lost:
            self._transport.resume_reading()

    def _buffer_early(self, data: bytes) -> None:
        """Keep what was read while it should not be, and see to it that no more is.

        The asyncio of Python 3.11.2 begins to read after connection_made, whatever was said in it.
        """
        self._early.append(data)
        if self._transport:
            self._transport.resume_reading()  # or it would take itself for paused already
            self._transport.pause_reading()

    def _flush_early(self) -> None:
        kept, self._early = self._early, []
        for data in kept:
            self._connection.pipe_from(self).feed(data)

    @property
    def is_writable(self) -> bool:
        """Whether what is written goes somewhere: its socket is there, and not closing."""
        return self._transport is not None and not self.lost and not self._transport.is_closing()

    def write(self, data: bytes) -> bool:
        """Send, and tell whether that could be done."""
        if self._transport is None or not self.is_writable:
            return False
        self._transport.write(data)
        return True

    def half_close(self) -> None:
        """Tell the other side that nothing more comes, once all is sent; it may still talk."""
        if self._transport and self._transport.can_write_eof() and not self.lost:
            self._transport.write_eof()
        else:
            self.close()

    def close(self) -> None:
        """Close, once all is sent; who does not take it within seconds loses it."""
        if self._transport is None or self.lost or self._linger:
            return
        self._linger = asyncio.get_running_loop().call_later(LINGER_S, self.abort)
        self._transport.close()

    def abort(self) -> None:
        """Close at once; what the other side has not taken by now is lost, and counted."""
        if self._transport and not self.lost:
            self.unsent += self._transport.get_write_buffer_size()
            self._transport.abort()

    def reset(self) -> None:
        """Close at once, with a RST: what a client meets where nobody listens."""
        if self._transport:
            raw = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

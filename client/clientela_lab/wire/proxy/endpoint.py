"""One endpoint of a connection: the proxy's socket to the client, or to the server.

Rule: backpressure. While one endpoint's write buffer is full (or a pipe or the decoder holds enough) the
other is not read, so memory stays bounded and TCP's window slows the sender. Bytes that the event loop
delivers in spite of a pause are buffered, and passed on in order.
"""

import asyncio
import socket
import struct
from typing import Protocol, cast

LINGER_S = 5.0
_NO_LINGER = struct.pack("ii", 1, 0)


class Receiver(Protocol):
    """Takes the bytes that an endpoint reads."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""


class EndpointOwner(Protocol):
    """What an endpoint needs of its connection."""

    def opened(self, endpoint: "Endpoint") -> None:
        """Handle a socket that is connected."""

    def pipe_from(self, endpoint: "Endpoint") -> Receiver:
        """Return the pipe whose source is `endpoint`."""

    def opposite(self, endpoint: "Endpoint") -> "Endpoint":
        """Return the endpoint at the other side."""

    def half_closed(self, endpoint: "Endpoint") -> None:
        """Handle a FIN: this side sends nothing more."""

    def endpoint_lost(self, endpoint: "Endpoint", error: Exception | None) -> None:
        """Handle a socket that is closed; error: why, None after an orderly close."""


class Endpoint(asyncio.Protocol):
    """The socket to the client (`of_client`), or to the server.

    has_received: whether any byte came from it. unsent: bytes that were still in its write buffer when it was
    aborted, and so are lost.
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

    # ---- asyncio.Protocol --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set the socket up, and report it."""
        self._transport = cast(asyncio.Transport, transport)
        # Without it Nagle's algorithm holds small frames back until the ACK of those before, 40 ms at a time.
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._pause_reasons:
            self._transport.pause_reading()
        self._connection.opened(self)

    def data_received(self, data: bytes) -> None:
        """Feed the bytes to the pipe, or buffer them while reading is paused."""
        self.has_received = True
        if self._pause_reasons:
            self._buffer_early(data)
        else:
            self._connection.pipe_from(self).feed(data)

    def eof_received(self) -> bool:
        """Report the half-close; the socket stays open for writing, except over TLS."""
        # asyncio calls this again when a paused socket is resumed.
        if not self._pause_reasons or self.of_tls:
            self._connection.half_closed(self)
        return not self.of_tls

    def pause_writing(self) -> None:
        """Stop reading from the opposite endpoint: this peer is slow."""
        self._connection.opposite(self).pause_reading("full")

    def resume_writing(self) -> None:
        """Read from the opposite endpoint again: this peer has caught up."""
        self._connection.opposite(self).resume_reading("full")

    def connection_lost(self, exc: Exception | None) -> None:
        """Flush what was read, and report the loss."""
        self.lost = True
        if self._linger:
            self._linger.cancel()
        self._flush_early()
        self._connection.endpoint_lost(self, exc)

    # ---- called by the connection and the pipes ----------------------------------------------------------

    @property
    def of_tls(self) -> bool:
        """Whether it speaks TLS, which has no half-close in asyncio."""
        return self._transport is not None and self._transport.get_extra_info("ssl_object") is not None

    @property
    def is_open(self) -> bool:
        """Whether the socket is connected, closing or not."""
        return self._transport is not None and not self.lost

    @property
    def peer(self) -> str:
        """The peer's address, "host:port"."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return f"{name[0]}:{name[1]}" if name else "?"

    @property
    def _in_use(self) -> asyncio.Transport | None:
        """The transport, unless it is gone.

        asyncio lets go of the TLS behind one that is closed twice, as its own server does when it is stopped
        in the middle of a handshake: then nothing can be asked of it, until it is reported as lost.
        """
        if self.lost or getattr(self._transport, "_ssl_protocol", self) is None:
            return None
        return self._transport

    def pause_reading(self, why: str) -> None:
        """Stop reading for the reason `why`; reasons add up."""
        if not self._pause_reasons and (transport := self._in_use):
            transport.pause_reading()
        self._pause_reasons.add(why)

    def resume_reading(self, why: str) -> None:
        """Withdraw a reason; read again once none is left."""
        if why not in self._pause_reasons:
            return
        self._pause_reasons.remove(why)
        if self._pause_reasons:
            return
        self._flush_early()
        if not self._pause_reasons and (transport := self._in_use):
            transport.resume_reading()

    def _buffer_early(self, data: bytes) -> None:
        """Buffer bytes that were read in spite of a pause, and pause again.

        The asyncio of Python 3.11.2 starts reading after connection_made, even if it was paused there.
        """
        self._early.append(data)
        if transport := self._in_use:
            transport.resume_reading()  # it takes itself for paused, and would ignore the next line
            transport.pause_reading()

    def _flush_early(self) -> None:
        kept, self._early = self._early, []
        for data in kept:
            self._connection.pipe_from(self).feed(data)

    @property
    def is_writable(self) -> bool:
        """Whether its socket is connected and not closing."""
        return self._transport is not None and not self.lost and not self._transport.is_closing()

    def write(self, data: bytes) -> bool:
        """Write, and return whether the socket took it."""
        if self._transport is None or not self.is_writable:
            return False
        self._transport.write(data)
        return True

    def half_close(self) -> None:
        """Send FIN once all is written; over TLS, close."""
        if self._transport and self._transport.can_write_eof() and not self.lost:
            self._transport.write_eof()
        else:
            self.close()

    def close(self) -> None:
        """Close once all is written, or abort after `LINGER_S` seconds."""
        if self._transport is None or self.lost or self._linger:
            return
        self._linger = asyncio.get_running_loop().call_later(LINGER_S, self.abort)
        self._transport.close()

    def abort(self) -> None:
        """Close at once; count what is left in the write buffer as `unsent`."""
        if transport := self._in_use:
            self.unsent += transport.get_write_buffer_size()
            transport.abort()

    def reset(self) -> None:
        """Close at once with a RST, as the kernel answers on a port without a listener."""
        if self._transport:
            raw = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

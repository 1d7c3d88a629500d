"""One end of a line: a socket of the tap, the client's or the server's.

Rule: whoever is too slow is waited for. Where one end takes no more bytes (or a flow, or the decoder, holds
enough) the other end is not read, so nothing piles up here; TCP carries the wait to whoever sends.
"""

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from clientela_lab.wire.line import Line

LINGER_S = 5.0
_NO_LINGER = struct.pack("ii", 1, 0)


class End(asyncio.Protocol):
    """The socket to the client (or, where not `of_client`, to the server)."""

    def __init__(self, line: "Line", of_client: bool) -> None:
        self.of_client = of_client
        self.lost = False
        self._line = line
        self._transport: asyncio.Transport | None = None
        self._holds: set[str] = set()
        self._linger: asyncio.TimerHandle | None = None

    # ---- what asyncio tells ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take in that the socket is there."""
        self._transport = cast(asyncio.Transport, transport)
        if self._holds:
            self._transport.pause_reading()
        self._line.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take in what was read."""
        self._line.flow(self).came(data)

    def eof_received(self) -> bool:
        """Take in that nothing more comes; the other direction stays, where the socket can do that."""
        self._line.said_all(self)
        return not self.of_tls

    def pause_writing(self) -> None:
        """Take in that the peer is slow: what would be written to it is not read meanwhile."""
        self._line.other(self).hold("full")

    def resume_writing(self) -> None:
        """Take in that the peer has caught up."""
        self._line.other(self).let("full")

    def connection_lost(self, exc: Exception | None) -> None:
        """Take in that the socket is gone."""
        self.lost = True
        if self._linger:
            self._linger.cancel()
        self._line.gone(self, exc)

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

    def hold(self, why: str) -> None:
        """Do not read for now; reasons add up."""
        if not self._holds and self._transport and not self.lost:
            self._transport.pause_reading()
        self._holds.add(why)

    def let(self, why: str) -> None:
        """Read on, once no reason is left not to."""
        if why not in self._holds:
            return
        self._holds.remove(why)
        if not self._holds and self._transport and not self.lost:
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send."""
        if self._transport and not self.lost and not self._transport.is_closing():
            self._transport.write(data)

    def say_all(self) -> None:
        """Tell the other side that nothing more comes, once all is sent; it may still talk."""
        if self._transport and self._transport.can_write_eof() and not self.lost:
            self._transport.write_eof()
        else:
            self.close()

    def close(self) -> None:
        """Close, once all is sent; who does not take it within seconds loses it."""
        if self._transport is None or self.lost or self._linger:
            return
        self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._transport.abort)
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport:
            self._transport.abort()

    def reset(self) -> None:
        """Close at once, with a RST: what a client meets where nobody listens."""
        if self._transport:
            raw = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._transport.abort()

"""HTTP/2 by hand: a connection that says what no honest client would.

It sends any frame, well formed or not; of the protocol's rules it keeps the lengths in front of frames,
and answers pings, for who doesn't is not waited for. Every wait has a deadline. Source of the frames: RFC
9113; of the header blocks: RFC 7541.
"""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

from hpack import Encoder
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, SettingsFrame

from clientela_lab.patience import HANG_S

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DEADLINE_S = HANG_S
_HANG_UP_S = 0.2
_FRAME_HEAD = 9
Headers = list[tuple[str, str]]


class Wire:
    """A TCP connection to a server that speaks HTTP/2; what it receives is kept in `seen`."""

    def __init__(self, address: str, *, receive_buffer: int | None = None) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.socket()
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(DEADLINE_S)
        self._socket.connect((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""
        self.seen: list[Frame] = []
        self.closed = False

    @classmethod
    def open(cls, address: str, settings: dict[int, int] | None = None) -> Self:
        """Connect, say hello, and read the server's settings: from here on all is up to the attack."""
        wire = cls(address)
        wire.send(PREFACE + frame(SettingsFrame(settings=settings or {})))
        wire.read_until(lambda seen: isinstance(seen, SettingsFrame))
        wire.send(frame(SettingsFrame(flags=["ACK"])))
        return wire

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up in order: what is closed with something unread is reset, which is an attack of its own."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        self.is_closed(_HANG_UP_S)
        self._socket.close()

    def reset(self) -> None:
        """Hang up as a machine does that crashes."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()
        self.closed = True

    def send(self, data: bytes) -> bool:
        """Send bytes; False where the server takes no more of them."""
        try:
            self._socket.sendall(data)
        except OSError:
            return False
        return True

    def read(self, within_s: float = DEADLINE_S) -> Iterator[Frame]:
        """Return the frames that come, until the connection is closed or the time is up."""
        deadline = time.monotonic() + within_s
        yield from self._frames()
        while not self.closed and (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            self._receive()
            yield from self._frames()
        self._socket.settimeout(DEADLINE_S)

    def read_until(self, wanted: object, within_s: float = DEADLINE_S) -> Frame | None:
        """Read to the first frame for which `wanted` holds; None if the connection ends without it."""
        assert callable(wanted)
        return next((seen for seen in self.read(within_s) if wanted(seen)), None)

    def is_ended(self, within_s: float = DEADLINE_S) -> bool:
        """Return whether the server says GOAWAY or closes the connection within a time."""
        if any(isinstance(seen, GoAwayFrame) for seen in self.seen):
            return True
        return (
            self.read_until(lambda seen: isinstance(seen, GoAwayFrame), within_s) is not None or self.closed
        )

    def is_closed(self, within_s: float = DEADLINE_S) -> bool:
        """Return whether the server closes the connection within a time."""
        self.read_until(lambda _: False, within_s)
        return self.closed

    def answers_ping(self, within_s: float = DEADLINE_S) -> bool:
        """Return whether the server is still there for this connection."""
        self.send(frame(PingFrame(opaque_data=b"are you?")))
        pong = self.read_until(lambda seen: isinstance(seen, PingFrame) and "ACK" in seen.flags, within_s)
        return pong is not None

    def _receive(self) -> None:
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return
        except OSError:
            data = b""
        self.closed = not data
        self._unread += data

    def _frames(self) -> Iterator[Frame]:
        while len(self._unread) >= _FRAME_HEAD:
            found, length = Frame.parse_frame_header(memoryview(self._unread[:_FRAME_HEAD]))
            if len(self._unread) < _FRAME_HEAD + length:
                return
            found.parse_body(memoryview(self._unread[_FRAME_HEAD : _FRAME_HEAD + length]))
            self._unread = self._unread[_FRAME_HEAD + length :]
            self.seen.append(found)
            if isinstance(found, PingFrame) and "ACK" not in found.flags:
                self.send(frame(PingFrame(opaque_data=found.opaque_data, flags=["ACK"])))
            yield found


def frame(made: Frame) -> bytes:
    """The bytes of a frame."""
    return made.serialize()


def raw_frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """The bytes of a frame that need not be one of HTTP/2's."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def request_headers(path: str, token: str = "", extra: Headers | None = None) -> Headers:
    """The headers of an honest call."""
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]
    if token:
        headers.append(("authorization", f"Bearer {token}"))
    return headers + (extra or [])


def block(headers: Headers) -> bytes:
    """A header block that can be sent again and again: it leaves the other side's table as it is."""
    encoder = Encoder()
    encoder.header_table_size = 0
    return encoder.encode(headers)


def headers_frame(stream: int, headers: Headers, *flags: str) -> bytes:
    """A HEADERS frame that holds all of a call's headers."""
    return frame(HeadersFrame(stream, data=block(headers), flags=["END_HEADERS", *flags]))


def message_frame(stream: int, message: bytes, *, flag: int = 0, ends: bool = True) -> bytes:
    """A DATA frame with one gRPC message: a flag (1: compressed), four bytes of length, the message."""
    data = bytes([flag]) + len(message).to_bytes(4, "big") + message
    return frame(DataFrame(stream, data=data, flags=["END_STREAM"] if ends else []))

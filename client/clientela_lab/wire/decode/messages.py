"""gRPC's length-prefixed messages in the DATA frames of one direction: 5 bytes of prefix, then the message.

Rule: a message may span frames, and a frame hold several messages; each records where its bytes lie. Bytes
beyond `MESSAGE_BYTES_MAX` are counted, not kept. Read next: calls.py.
"""

import zlib
from dataclasses import dataclass, field

from clientela_lab.wire.decode.events import Part

PREFIX_BYTES = 5
MESSAGE_BYTES_MAX = 16 << 20
UNPACKED_BYTES_MAX = 4 << 20
_WINDOW_BITS = {"gzip": 31, "deflate": 15}


@dataclass(slots=True)
class RawMessage:
    """One message, as far as it has arrived. parts: where its prefix and its bytes lie.

    prefix: its first 5 bytes, a compressed flag and the length. data: the rest, up to `MESSAGE_BYTES_MAX`.
    received: how many bytes of the rest arrived. passed: whether all of it was forwarded.
    """

    prefix: bytes = b""
    data: bytearray = field(default_factory=bytearray)
    received: int = 0
    parts: list[Part] = field(default_factory=list)
    passed: bool = True

    @property
    def compressed(self) -> bool:
        """Whether the compressed flag is set."""
        return self.prefix[:1] == b"\x01"

    @property
    def is_foreign(self) -> bool:
        """Whether the flag byte is not gRPC's: gRPC-Web and Connect mark their trailers so."""
        return self.prefix[:1] > b"\x01"

    @property
    def length(self) -> int:
        """The length that the prefix announces, in bytes."""
        return int.from_bytes(self.prefix[1:PREFIX_BYTES], "big")

    @property
    def is_complete(self) -> bool:
        """Whether all of it has arrived."""
        return len(self.prefix) == PREFIX_BYTES and self.received == self.length

    @property
    def wrong(self) -> str | None:
        """Why it cannot be decoded, None where it can."""
        if self.is_foreign:
            return f"no gRPC message begins with 0x{self.prefix[:1].hex()}"
        if len(self.prefix) < PREFIX_BYTES:
            return f"{len(self.prefix)} of {PREFIX_BYTES} bytes of its prefix came"
        if not self.is_complete:
            return f"{self.received} of {self.length} bytes came"
        if self.length > MESSAGE_BYTES_MAX:
            return f"of {self.length} bytes only {MESSAGE_BYTES_MAX} are shown"
        return None


class MessageReader:
    """Reassembles the messages of one direction."""

    def __init__(self) -> None:
        self._partial = RawMessage()
        self._lost = False

    def feed(self, raw: bytes, at: tuple[int, int], frame: int, passed: bool) -> list[RawMessage]:
        """Take a DATA frame's content at offsets `at`; return the messages that it completes."""
        begin, end = at
        found: list[RawMessage] = []
        while begin < end and not self._lost:
            begin = self._take(raw, begin, end, frame, passed)
            self._lost = self._partial.prefix[:1] > b"\x01"
            if self._lost or self._partial.is_complete:
                found.append(self._partial)
                self._partial = RawMessage()
        return found

    def rest(self) -> RawMessage | None:
        """Return the incomplete message, once; None where there is none."""
        partial, self._partial = self._partial, RawMessage()
        return partial if partial.parts else None

    def _take(self, raw: bytes, begin: int, end: int, frame: int, passed: bool) -> int:
        """Append to the current message, and return the offset where it stops."""
        message, start = self._partial, begin
        if len(message.prefix) < PREFIX_BYTES:
            begin = min(end, begin + PREFIX_BYTES - len(message.prefix))
            message.prefix += raw[start:begin]
        if len(message.prefix) == PREFIX_BYTES:
            until = min(end, begin + message.length - message.received)
            room = MESSAGE_BYTES_MAX - len(message.data)
            message.data += raw[begin : min(until, begin + room)]
            message.received += until - begin
            begin = until
        message.parts.append({"frame": frame, "at": (start, begin)})
        message.passed = message.passed and passed
        return begin


class CannotUnpack(ValueError):
    """The bytes cannot be decompressed; the message says why."""


def unpack(data: bytes, encoding: str) -> bytes:
    """Decompress by the encoding of `grpc-encoding`. Raises CannotUnpack."""
    bits = _WINDOW_BITS.get(encoding)
    if bits is None:
        raise CannotUnpack(f"compressed by {encoding or 'nobody knows what'}, which is not read here")
    try:
        unpacked = zlib.decompressobj(bits).decompress(data, UNPACKED_BYTES_MAX + 1)
    except zlib.error as error:
        raise CannotUnpack(f"not compressed by {encoding}: {error}") from error
    if len(unpacked) > UNPACKED_BYTES_MAX:
        raise CannotUnpack(f"more than {UNPACKED_BYTES_MAX} bytes when unpacked")
    return unpacked

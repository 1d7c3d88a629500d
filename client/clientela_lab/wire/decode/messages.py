"""gRPC messages out of the DATA frames of one direction of a call: 5 bytes of prefix, then the message.

Rule: a message may lie in several frames, and a frame hold several messages; each says where its bytes lie.
What is too long to be shown is counted and not kept. Read next: calls.py.
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
    """One message as it crosses. `parts` say where its prefix and its bytes lie.

    prefix: its first 5 bytes, of which the first is 1 where the rest is compressed. data: the rest, or its
    beginning where it is too long. came: how many bytes of it came. passed: whether the tap let all of it by.
    """

    prefix: bytes = b""
    data: bytearray = field(default_factory=bytearray)
    came: int = 0
    parts: list[Part] = field(default_factory=list)
    passed: bool = True

    @property
    def compressed(self) -> bool:
        """Whether the prefix says so."""
        return self.prefix[:1] == b"\x01"

    @property
    def is_none(self) -> bool:
        """Whether the prefix is none of gRPC's: gRPC-Web and Connect send their trailers so."""
        return self.prefix[:1] > b"\x01"

    @property
    def length(self) -> int:
        """How many bytes the prefix announces."""
        return int.from_bytes(self.prefix[1:PREFIX_BYTES], "big")

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return len(self.prefix) == PREFIX_BYTES and self.came == self.length

    @property
    def wrong(self) -> str | None:
        """Tell why it cannot be read, if it cannot."""
        if self.is_none:
            return f"no gRPC message begins with 0x{self.prefix[:1].hex()}"
        if len(self.prefix) < PREFIX_BYTES:
            return f"{len(self.prefix)} of {PREFIX_BYTES} bytes of its prefix came"
        if not self.is_whole:
            return f"{self.came} of {self.length} bytes came"
        if self.length > MESSAGE_BYTES_MAX:
            return f"of {self.length} bytes only {MESSAGE_BYTES_MAX} are shown"
        return None


class MessageReader:
    """Puts the messages of one direction together."""

    def __init__(self) -> None:
        self._begun = RawMessage()
        self._lost = False

    def feed(self, raw: bytes, at: tuple[int, int], frame: int, passed: bool) -> list[RawMessage]:
        """Take what a DATA frame holds at `at`; return the messages that are now complete, or senseless."""
        begin, end = at
        found: list[RawMessage] = []
        while begin < end and not self._lost:
            begin = self._take(raw, begin, end, frame, passed)
            self._lost = self._begun.prefix[:1] > b"\x01"
            if self._lost or self._begun.is_whole:
                found.append(self._begun)
                self._begun = RawMessage()
        return found

    def rest(self) -> RawMessage | None:
        """Return the message that has only begun to come, once."""
        begun, self._begun = self._begun, RawMessage()
        return begun if begun.parts else None

    def _take(self, raw: bytes, begin: int, end: int, frame: int, passed: bool) -> int:
        """Give the message that has begun what belongs to it, and return where that ends."""
        message, start = self._begun, begin
        if len(message.prefix) < PREFIX_BYTES:
            begin = min(end, begin + PREFIX_BYTES - len(message.prefix))
            message.prefix += raw[start:begin]
        if len(message.prefix) == PREFIX_BYTES:
            until = min(end, begin + message.length - message.came)
            room = MESSAGE_BYTES_MAX - len(message.data)
            message.data += raw[begin : min(until, begin + room)]
            message.came += until - begin
            begin = until
        message.parts.append({"frame": frame, "at": (start, begin)})
        message.passed = message.passed and passed
        return begin


class CannotUnpack(ValueError):
    """The compressed bytes cannot be read; the message says why."""


def unpack(data: bytes, encoding: str) -> bytes:
    """Undo the compression that a header names; raises CannotUnpack."""
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

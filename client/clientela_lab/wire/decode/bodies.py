"""The body of an HTTP request or answer that is not gRPC: a gateway's "502 Bad Gateway", a web server's page.

Rule: it is never decoded as messages. Its first `TEXT_MAX` characters are shown where it is text.
Read next: half.py.
"""

from collections.abc import Mapping

from clientela_client.wire_format.shapes import escaped
from clientela_lab.wire.decode.events import Part
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.messages import CannotUnpack, unpack

TEXT_MAX = 4000
_KEPT_MAX = 64 * 1024
_ENVELOPED = "application/grpc"


def holds_messages(headers: Mapping[str, str]) -> bool:
    """Return whether the body after these headers holds gRPC messages."""
    kind = headers.get("content-type", _ENVELOPED)
    return kind.lower().startswith(_ENVELOPED) and headers.get(":status", "200") == "200"


class Body:
    """Collects a body, frame by frame. parts: where it lies; passed: whether all of it was forwarded."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.kind = headers.get("content-type", "")
        self.length = 0
        self.parts: list[Part] = []
        self.passed = True
        self._encoding = headers.get("content-encoding", "")
        self._kept = bytearray()

    def take(self, frame: Frame, n: int, passed: bool) -> None:
        """Add the content of DATA frame number `n`."""
        begin, end = frame.data
        if begin == end:
            return
        self.length += end - begin
        self._kept += frame.raw[begin : min(end, begin + _KEPT_MAX - len(self._kept))]
        self.parts.append({"frame": n, "at": (begin, end)})
        self.passed = self.passed and passed

    @property
    def text(self) -> str | None:
        """Its first `TEXT_MAX` characters, decompressed; None where it is not text."""
        data = bytes(self._kept)
        if self._encoding and self._encoding != "identity":
            try:
                data = unpack(data, self._encoding)
            except CannotUnpack:
                return None
        text = escaped(data[: 4 * TEXT_MAX])[:TEXT_MAX]
        return None if "\0" in text else text

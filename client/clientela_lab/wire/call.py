"""One gRPC call, as the frames of its stream tell it.

Rule: it ends once: with the status that crossed, or without one and with what came in its place. What the
client makes of that is not told here.
Read next: messages.py (the 5 bytes), fields.py (what a message says), statuses.py (trailers).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor

from clientela_client.wire_format.fields import Fields, read_fields
from clientela_client.wire_format.shapes import base64
from clientela_lab.wire.descriptors import Descriptors, Method
from clientela_lab.wire.events import CallBeginEvent, CallEndEvent, CallEvent, EndedBy, MessageEvent, Side
from clientela_lab.wire.frame import Frame
from clientela_lab.wire.headers import Headers, without_secrets
from clientela_lab.wire.messages import CannotUnpack, MessageReader, RawMessage, unpack
from clientela_lab.wire.statuses import status_details, status_name, status_text

_SECONDS_BY_UNIT = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


class Seen(NamedTuple):
    """A frame, with its number and time in the recording, and what became of it."""

    frame: Frame
    n: int
    t: float
    passed: bool
    by_tap: bool

    @property
    def sender(self) -> Side:
        """Who sent it."""
        return "tap" if self.by_tap else "client" if self.frame.from_client else "server"


@dataclass(slots=True)
class _Direction:
    """What one side says: its messages are of the type `speaks`, compressed by `encoding`."""

    speaks: Descriptor | None
    sender: Side
    encoding: str = ""
    messages: MessageReader = field(default_factory=MessageReader)
    count: int = 0
    ended: bool = False


class Call:
    """Call number `number` of a recording, on one stream. closed: what still comes was on its way."""

    def __init__(self, number: int, conn: int, seen: Seen, method: Method, descriptors: Descriptors) -> None:
        self.number = number
        self.stream = seen.frame.stream
        self.closed = False
        self._conn = conn
        self._seen = seen
        self._method = method
        self._descriptors = descriptors
        self._up = _Direction(method.request, seen.sender)
        self._down = _Direction(method.reply, "server")
        self._metadata: Headers = []
        self._is_over = False

    def begin(self) -> CallBeginEvent:
        """Tell of its request's headers."""
        headers = self._seen.frame.headers or []
        found = dict(headers)
        self._up.encoding = found.get("grpc-encoding", "")
        self._up.ended = self._seen.frame.ends_stream
        event: CallBeginEvent = {
            "event": "call_begin",
            "call": self.number,
            "conn": self._conn,
            "stream": self.stream,
            "method": self._method.path,
            "kind": self._method.kind,
            "metadata": _metadata(headers),
            "frame": self._seen.n,
        }
        if (timeout_s := _timeout_s(found.get("grpc-timeout", ""))) is not None:
            event["timeout_s"] = timeout_s
        return event

    def feed(self, seen: Seen) -> list[CallEvent]:
        """Tell what a frame of its stream brings about."""
        frame = seen.frame
        side = self._up if frame.from_client else self._down
        side.sender = seen.sender
        events: list[CallEvent] = []
        if frame.kind == "DATA":
            found = side.messages.feed(frame.raw, frame.data, seen.n, seen.passed)
            events += [self._message(message, side) for message in found]
        if frame.ends_stream:
            side.ended = True
            events += self._rest(side)
        if frame.kind == "RST_STREAM":
            self.closed = True
            events += self.lose(f"RST_STREAM {frame.error_code}", seen.sender, seen.t, passed=seen.passed)
        elif frame.headers is not None and not frame.from_client:
            events += self._answered(frame.headers, seen)
        self.closed = self.closed or (self._is_over and self._up.ended)
        return events

    def lose(self, why: str, by: EndedBy, t: float, *, passed: bool = True) -> list[CallEvent]:
        """End it without a status, if it has not ended."""
        events: list[CallEvent] = [*self._rest(self._up), *self._rest(self._down)]
        return [*events, *self._end(None, why, [], by, t, passed)]

    def _answered(self, headers: Headers, seen: Seen) -> list[CallEvent]:
        """Take the server's first headers, or its trailers; it may say all at once ("trailers only")."""
        found = dict(headers)
        if not seen.frame.ends_stream:
            self._metadata = _metadata(headers)
            self._down.encoding = found.get("grpc-encoding", "")
            return []
        if "grpc-status" not in found:
            return self.lose(f"HTTP {found.get(':status', '')}", seen.sender, seen.t, passed=seen.passed)
        status = status_name(found["grpc-status"])
        return self._end(status, status_text(found), headers, seen.sender, seen.t, seen.passed)

    def _end(
        self, status: str | None, text: str, trailers: Headers, by: EndedBy, t: float, passed: bool
    ) -> list[CallEvent]:
        if self._is_over:
            return []
        self._is_over = True
        event: CallEndEvent = {
            "event": "call_end",
            "call": self.number,
            "conn": self._conn,
            "stream": self.stream,
            "status": status,
            "text": text,
            "details": status_details(dict(trailers), self._descriptors),
            "metadata": self._metadata,
            "trailers": _metadata(trailers),
            "ms": round((t - self._seen.t) * 1000, 3),
            "by": by,
            "passed": passed,
        }
        return [event]

    def _rest(self, side: _Direction) -> list[CallEvent]:
        """Tell of a message that has only begun to come when its side went silent."""
        rest = side.messages.rest()
        return [self._message(rest, side)] if rest else []

    def _message(self, message: RawMessage, side: _Direction) -> MessageEvent:
        data, wrong = bytes(message.data), message.wrong
        unpacked: bytes | None = None
        if message.compressed and wrong is None:
            try:
                data = unpacked = unpack(data, side.encoding)
            except CannotUnpack as error:
                wrong = str(error)
        # Of what is no message nothing is told: it may be trailers, which may hold secrets.
        cannot_be_read = message.is_none or (message.compressed and unpacked is None)
        fields, why = Fields([], None) if cannot_be_read else read_fields(data, side.speaks)
        event: MessageEvent = {
            "event": "message",
            "call": self.number,
            "stream": self.stream,
            "from": side.sender,
            "method": self._method.path,
            "type": side.speaks.full_name if side.speaks else None,
            "index": side.count,
            "compressed": message.compressed,
            "length": message.length,
            "fields": fields,
            "parts": message.parts,
            "passed": message.passed,
        }
        side.count += 1
        if wrong or why:
            event["wrong"] = wrong or why or ""
        if unpacked is not None:
            event["unpacked"] = base64(unpacked)
        return event


def _metadata(headers: Headers) -> Headers:
    """Leave out what is HTTP/2's own, and secrets."""
    return without_secrets([(name, value) for name, value in headers if not name.startswith(":")])


def _timeout_s(text: str) -> float | None:
    """Read grpc-timeout: at most 8 digits and a unit, "100m" is a tenth of a second."""
    seconds = _SECONDS_BY_UNIT.get(text[-1:])
    return int(text[:-1]) * seconds if seconds and text[:-1].isdecimal() else None

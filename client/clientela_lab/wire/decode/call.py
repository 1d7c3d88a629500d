"""One gRPC call, decoded from the frames of its stream.

Rule: it ends exactly once: with the status that crossed, or without one and with the reason. What the client
concludes from that is not known here.
Read next: half.py (each side's messages), statuses.py (trailers).
"""

from typing import NamedTuple

from clientela_lab.wire.decode.descriptors import Descriptors, Method
from clientela_lab.wire.decode.events import CallBeginEvent, CallEndEvent, CallEvent, EndedBy, Side
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.half import Half
from clientela_lab.wire.decode.headers import Headers, without_secrets
from clientela_lab.wire.decode.statuses import status_details, status_name, status_text

_SECONDS_BY_UNIT = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


class SeenFrame(NamedTuple):
    """A frame with its number and time in the recording, whether it was forwarded, and who sent it."""

    frame: Frame
    n: int
    t: float
    passed: bool
    by_proxy: bool

    @property
    def sender(self) -> Side:
        """The side that sent it."""
        return "tap" if self.by_proxy else "client" if self.frame.from_client else "server"


class Call:
    """Call number `number` of a recording, on one stream. closed: both sides have ended, or one reset it."""

    def __init__(
        self, number: int, conn: int, seen: SeenFrame, method: Method, descriptors: Descriptors
    ) -> None:
        self.number = number
        self.stream = seen.frame.stream
        self.closed = False
        self._conn = conn
        self._first = seen
        self._method = method
        self._descriptors = descriptors
        of = number, self.stream, method.path
        find = descriptors.message
        self._up = Half(*of, message_type=method.request, find=find, sender=seen.sender)
        self._down = Half(*of, message_type=method.reply, find=find, sender="server")
        self._http_status = ""
        self._metadata: Headers = []
        self._is_over = False

    def begin(self) -> CallBeginEvent:
        """Return the event of its request headers."""
        headers = self._first.frame.headers or []
        found = dict(headers)
        self._up.begin(found)
        self._up.ended = self._first.frame.ends_stream
        event: CallBeginEvent = {
            "event": "call_begin",
            "call": self.number,
            "conn": self._conn,
            "stream": self.stream,
            "method": self._method.path,
            "kind": self._method.kind,
            "metadata": _metadata(headers),
            "frame": self._first.n,
        }
        if (timeout_s := _timeout_s(found.get("grpc-timeout", ""))) is not None:
            event["timeout_s"] = timeout_s
        return event

    def feed(self, seen: SeenFrame) -> list[CallEvent]:
        """Return the events that a frame of its stream completes."""
        frame = seen.frame
        side = self._up if frame.from_client else self._down
        side.sender = seen.sender
        events: list[CallEvent] = []
        if frame.kind == "DATA":
            events += side.feed(frame, seen.n, seen.passed)
        if frame.ends_stream:
            side.ended = True
            events += side.rest()
        if frame.kind == "RST_STREAM":
            self.closed = True
            events += self.end_without_status(
                f"RST_STREAM {frame.error_code}", seen.sender, seen.t, passed=seen.passed
            )
        elif frame.headers is not None and not frame.from_client:
            events += self._answered(frame.headers, seen)
        elif frame.ends_stream and not frame.from_client:
            events += self._end_by_http_status(seen)
        self.closed = self.closed or (self._is_over and self._up.ended)
        return events

    def end_without_status(self, why: str, by: EndedBy, t: float, *, passed: bool = True) -> list[CallEvent]:
        """Return the events that end it without a status; none where it has ended."""
        events = [*self._up.rest(), *self._down.rest()]
        return [*events, *self._end(None, why, trailers=[], by=by, t=t, passed=passed)]

    def _answered(self, headers: Headers, seen: SeenFrame) -> list[CallEvent]:
        """Handle response headers, trailers, or both at once ("Trailers-Only" of the gRPC protocol)."""
        found = dict(headers)
        if not seen.frame.ends_stream:
            self._take_headers(headers, found)
            return []
        if "grpc-status" not in found:
            self._http_status = found.get(":status", self._http_status)
            return self._end_by_http_status(seen)
        status = status_name(found["grpc-status"])
        return self._end(
            status, status_text(found), trailers=headers, by=seen.sender, t=seen.t, passed=seen.passed
        )

    def _take_headers(self, headers: Headers, found: dict[str, str]) -> None:
        status = found.get(":status", "")
        if status.startswith("1"):  # informational, as "103 Early Hints": the final headers are still to come
            return
        self._http_status = status
        self._metadata = _metadata(headers)
        self._down.begin(found)

    def _end_by_http_status(self, seen: SeenFrame) -> list[CallEvent]:
        """End it by the HTTP status where the answer has no gRPC status."""
        return self.end_without_status(f"HTTP {self._http_status}", seen.sender, seen.t, passed=seen.passed)

    def _end(
        self, status: str | None, text: str, *, trailers: Headers, by: EndedBy, t: float, passed: bool
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
            "ms": round((t - self._first.t) * 1000, 3),
            "by": by,
            "passed": passed,
        }
        return [event]


def _metadata(headers: Headers) -> Headers:
    """Return headers without pseudo-headers, their secrets redacted."""
    return without_secrets([(name, value) for name, value in headers if not name.startswith(":")])


def _timeout_s(text: str) -> float | None:
    """Parse grpc-timeout into seconds: at most 8 digits and a unit, as "100m" for 0.1 s."""
    seconds = _SECONDS_BY_UNIT.get(text[-1:])
    return int(text[:-1]) * seconds if seconds and text[:-1].isdecimal() else None

"""gRPC calls decoded from the frames of one connection: when each began, its messages, how it ended.

Rule: every call that begins ends once, at the latest with its connection: see cut().
Read next: call.py.
"""

from collections import deque
from collections.abc import Iterator
from itertools import count

from clientela_client.shown_headers import without_query
from clientela_lab.wire.decode.call import Call, SeenFrame
from clientela_lab.wire.decode.descriptors import Descriptors
from clientela_lab.wire.decode.events import CallEvent
from clientela_lab.wire.decode.frame import Frame

# Late messages of this many closed calls are still reported.
_LATE_CALLS_MAX = 20


class Calls:
    """Tracks the calls of connection `conn`. numbers: the recording's call numbers, shared by connections."""

    def __init__(self, descriptors: Descriptors, conn: int = 1, numbers: Iterator[int] | None = None) -> None:
        self._descriptors = descriptors
        self._conn = conn
        self._numbers = numbers or count(1)
        self._calls: dict[int, Call] = {}
        self._reset: deque[Call] = deque(maxlen=_LATE_CALLS_MAX)

    def feed(
        self, frame: Frame, n: int, t: float = 0.0, *, passed: bool = True, by_proxy: bool = False
    ) -> list[CallEvent]:
        """Return the events that a frame completes. n, t: its number and time (s) in the recording.

        passed: false where a rule swallowed it. by_proxy: whether the proxy itself sent it.
        """
        seen = SeenFrame(frame, n, t, passed, by_proxy)
        if frame.kind == "GOAWAY":
            return self._goaway(seen)
        call = self._calls.get(frame.stream)
        if call is None:
            return [self._begin(seen)] if _begins_call(frame) else self._late(seen)
        events = call.feed(seen)
        if call.closed:
            del self._calls[frame.stream]
            self._reset.append(call)
        return events

    def cut(self, t: float) -> list[CallEvent]:
        """Return the events that end all open calls with their connection."""
        calls, self._calls = self._calls, {}
        return [
            event
            for call in calls.values()
            for event in call.end_without_status("the connection ended", "cut", t)
        ]

    def number_of(self, stream: int) -> int | None:
        """Return the number of the open call on a stream, None where there is none."""
        call = self._calls.get(stream)
        return call.number if call else None

    def _begin(self, seen: SeenFrame) -> CallEvent:
        path = without_query(dict(seen.frame.headers or []).get(":path", ""))
        method = self._descriptors.method(path)
        call = Call(next(self._numbers), self._conn, seen, method, self._descriptors)
        self._calls[seen.frame.stream] = call
        return call.begin()

    def _late(self, seen: SeenFrame) -> list[CallEvent]:
        """Return events of messages that were in flight when the other side reset the stream."""
        return [e for call in self._reset if call.stream == seen.frame.stream for e in call.feed(seen)]

    def _goaway(self, seen: SeenFrame) -> list[CallEvent]:
        """End calls on streams above GOAWAY's last stream, which are not processed (RFC 9113, 6.8)."""
        last = seen.frame.last_stream
        if seen.frame.from_client or last is None:
            return []
        why = f"GOAWAY {seen.frame.error_code}: the server does not look at it"
        unseen = [self._calls.pop(stream) for stream in list(self._calls) if stream > last]
        return [
            e
            for call in unseen
            for e in call.end_without_status(why, seen.sender, seen.t, passed=seen.passed)
        ]


def _begins_call(frame: Frame) -> bool:
    """Return whether a frame carries the headers of a gRPC request."""
    if frame.headers is None or not frame.from_client:
        return False
    return any(
        name == "content-type" and value.startswith("application/grpc") for name, value in frame.headers
    )

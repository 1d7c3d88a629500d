"""The transcript of one connection: its frames, its calls, and what rules did to them.

Read next: frame_decoder.py and calls.py, the decoders; recording.py, where the events go.
"""

from collections.abc import Sequence

from clientela_lab.wire.decode.calls import Calls
from clientela_lab.wire.decode.events import Event, FaultEvent, frame_event
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.frame_decoder import both_directions
from clientela_lab.wire.decode.strangers import not_grpc
from clientela_lab.wire.record.recording import Recorder


class Transcript:
    """Decodes and records connection number `conn`. by_proxy: whether its client is the proxy itself.

    unread: by direction (True: upwards), the bytes of an incomplete frame.
    """

    def __init__(self, conn: int, recorder: Recorder, calls: Calls, *, by_proxy: bool = False) -> None:
        self.recorder = recorder
        self.unread = {True: 0, False: 0}
        self._conn = conn
        self._calls = calls
        self._by_proxy = by_proxy
        up, down = both_directions()
        self._readers = {True: up, False: down}
        self._passed = {True: True, False: True}

    def feed(self, upwards: bool, data: bytes, t: float, passed: bool) -> None:
        """Decode and record bytes of one direction, received at `t` seconds, forwarded (`passed`) or not.

        A frame counts as passed only where its last byte was.
        """
        self._passed[upwards] = passed
        for frame in self.read(upwards, data):
            self._write(frame, passed, t)

    def read(self, upwards: bool, data: bytes) -> list[Frame]:
        """Split bytes into frames, without recording them."""
        frames = self._readers[upwards].feed(data)
        self.unread[upwards] += len(data) - sum(len(frame.raw) for frame in frames)
        return frames

    def rest(self, upwards: bool) -> Frame | None:
        """Return an incomplete frame, once; None where there is none."""
        if not self.unread[upwards]:
            return None
        self.unread[upwards] = 0
        return self._readers[upwards].rest()

    def note(self, frames: Sequence[Frame], passed: bool, faults: list[FaultEvent], t: float) -> None:
        """Record frames that rules decided about, and the rules' faults."""
        stream = frames[0].stream
        before = self._calls.number_of(stream)
        for frame in frames:
            self._write(frame, passed, t)
        call = self._calls.number_of(stream) or before
        for fault in faults:
            self._record({**fault, "call": call} if call else fault, t)

    def finish(self, t: float) -> None:
        """Record incomplete frames and open calls at the connection's end."""
        for upwards in (True, False):
            if rest := self.rest(upwards):
                self._write(rest, self._passed[upwards], t)
        for event in self._calls.cut(t):
            self._record(event, t)

    def _write(self, frame: Frame, passed: bool, t: float) -> None:
        by_proxy = self._by_proxy and frame.from_client
        if frame.from_client and frame.headers is not None and frame.wrong is None:
            frame.wrong = not_grpc(frame.headers)
        n = self._record(frame_event(frame, self._conn, passed=passed, by_proxy=by_proxy), t)
        for event in self._calls.feed(frame, n, t, passed=passed, by_proxy=by_proxy):
            self._record(event, t)

    def _record(self, event: Event, t: float) -> int:
        event["t"] = round(t, 6)
        return self.recorder.record(event)

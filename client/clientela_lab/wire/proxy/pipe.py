"""One direction of a line: what comes in on one end, asked about, and passed on at the other, in order.

While there are no rules the bytes go on as they come, and are decoded afterwards. From the first rule on
frames are made before: a rule decides about whole ones. Whatever the rules do, order is kept, and what waits
is bounded: beyond `HELD_BYTES_MAX` its source is not read, as TCP does with a full window.
Read next: connection.py, both directions together.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.faults.rule import Answer, Piece
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.proxy.endpoint import End
from clientela_lab.wire.proxy.rule_engine import Asking
from clientela_lab.wire.record.transcript import Transcript

HELD_BYTES_MAX = 1024 * 1024
_BLOCK = {"HEADERS", "PUSH_PROMISE", "CONTINUATION"}


@dataclass(frozen=True, slots=True)
class _Due:
    """Bytes that wait for their time (the loop's), and why the connection is cut behind them, if it is."""

    at: float
    data: bytes
    cut: str = ""
    end: bool = False


class FlowOwner(Protocol):
    """What a direction asks of its connection."""

    rules: Rules
    transcript: Transcript
    asking: Asking

    def decode_later(self, upwards: bool, data: bytes, passed: bool) -> None:
        """Have bytes decoded, which were passed on or not."""

    def catch_up(self) -> None:
        """Decode now what was passed on before."""

    def cut(self, why: str) -> None:
        """Cut the connection on both sides; what was passed on still arrives."""

    def close_both(self) -> None:
        """Pass on nothing more, and close both ends."""

    def direction_ended(self, flow: "Flow") -> None:
        """Pass on the end of a direction."""


class Flow:
    """Carries from `source` to `target`; upwards is towards the server.

    held: how many bytes wait here for their time. dropped: how many did when it was stopped.
    """

    def __init__(self, line: FlowOwner, upwards: bool, source: End, target: End) -> None:
        self.upwards = upwards
        self.ended = False
        self.finished = False
        self.held = 0
        self.dropped = 0
        self._line = line
        self._source = source
        self._target = target
        self._ruled = False
        self._ahead = 0
        self._block: list[Frame] = []
        self._due: deque[_Due] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._ready: list[bytes] = []
        self._broken = False
        self._stopped = False

    def came(self, data: bytes) -> None:
        """Pass on what came from the source, at once or as the rules say."""
        if self._stopped:
            return
        if not self._ruled and not self._line.rules.now:
            passed = self._target.write(data)
            self._line.decode_later(self.upwards, data, passed)
            return
        if not self._ruled:
            self._take_up_rules()
        for frame in self._line.transcript.read(self.upwards, data):
            self._frame(frame)
        self._flush()

    def end(self) -> None:
        """Pass on that the source says nothing more, behind all that it said."""
        if self.ended or self._stopped:
            return
        self.ended = True
        if self._ruled and (rest := self._line.transcript.rest(self.upwards)):
            self._block.append(rest)
        if self._block:
            self._decide()
        if self._broken:
            # Its end cannot arrive where bytes before it did not: nobody is left to be told.
            self._line.close_both()
        else:
            self._pass_on(_Due(0.0, b"", end=True))

    def stop(self) -> None:
        """Pass nothing on any more, what waits included."""
        self._stopped = True
        self._due.clear()
        self.dropped += self.held
        self.held = 0
        if self._timer:
            self._timer.cancel()

    def _take_up_rules(self) -> None:
        """Begin to make frames before they go: those of which a part has gone already are only completed."""
        self._line.catch_up()
        self._ruled = True
        self._ahead = self._line.transcript.unread[self.upwards]

    def _frame(self, frame: Frame) -> None:
        self._block.append(frame)
        open_block = self._block[0].kind in _BLOCK and "END_HEADERS" not in frame.flags
        if not (open_block and frame.kind in _BLOCK):
            self._decide()

    def _decide(self) -> None:
        frames, self._block = self._block, []
        if self._stopped:
            return
        asking = self._line.asking
        piece = asking.piece(frames, self.upwards)
        raw, ahead, self._ahead = piece.raw, self._ahead, 0
        dead = self._broken or not self._target.takes
        answer = asking.wave_through(piece, dead=dead) if ahead else asking.ask(piece, dead=dead)
        self._obey(answer, piece, raw[ahead:])

    def _obey(self, answer: Answer, piece: Piece, raw: bytes) -> None:
        at = asyncio.get_running_loop().time() + answer.hold_s if answer.hold_s else 0.0
        dead, self._broken = self._broken, self._broken or answer.swallow or answer.cut_at is not None
        if answer.cut_at is not None:
            self._pass_on(_Due(at, b"" if dead else raw[: answer.cut_at], cut=answer.why or answer.text))
        elif not self._broken:
            self._pass_on(_Due(at, raw))

    def _pass_on(self, due: _Due) -> None:
        if not self._due and not due.at:
            self._release(due)
            return
        latest = self._due[-1].at if self._due else 0.0
        self._due.append(_Due(max(due.at, latest), due.data, due.cut, due.end))
        self.held += len(due.data)
        if self.held > HELD_BYTES_MAX:
            self._source.hold("held")
        self._wait()

    def _wait(self) -> None:
        if self._timer is None and self._due:
            self._timer = asyncio.get_running_loop().call_at(self._due[0].at, self._time_has_come)

    def _time_has_come(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._due and self._due[0].at <= now:
            due = self._due.popleft()
            self.held -= len(due.data)
            self._release(due)
        self._flush()
        if self.held <= HELD_BYTES_MAX // 2:
            self._source.let("held")
        self._wait()

    def _release(self, due: _Due) -> None:
        if due.data:
            self._ready.append(due.data)
        if due.cut or due.end:
            self._flush()
        if due.cut:
            self._line.cut(due.cut)
        elif due.end:
            self.finished = True
            self._line.direction_ended(self)

    def _flush(self) -> None:
        """Write what may go: what came together goes together."""
        if self._ready:
            self._target.write(b"".join(self._ready))
            self._ready.clear()

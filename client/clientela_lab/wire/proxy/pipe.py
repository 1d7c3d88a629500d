"""One direction of a connection: bytes read at one endpoint, put to the rules, written at the other.

Without rules bytes are forwarded as they come and decoded afterwards. From the first rule on they are framed
first, for a rule decides about whole frames. Order is kept whatever the rules do, and delayed bytes are
bounded: beyond `HELD_BYTES_MAX` the source is not read, as with a full TCP window.
Read next: connection.py, both directions together.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.faults.rule import Decision, Piece
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.proxy.endpoint import Endpoint
from clientela_lab.wire.proxy.rule_engine import RuleEngine
from clientela_lab.wire.record.transcript import Transcript

HELD_BYTES_MAX = 1024 * 1024
_BLOCK = {"HEADERS", "PUSH_PROMISE", "CONTINUATION"}


@dataclass(frozen=True, slots=True)
class _Due:
    """Bytes to write at loop time `at`; then `cut` (the reason, if any) or `end` closes the direction."""

    at: float
    data: bytes
    cut: str = ""
    end: bool = False


class PipeOwner(Protocol):
    """What a pipe needs of its connection."""

    rules: Rules
    transcript: Transcript
    rule_engine: RuleEngine

    def decode_later(self, upwards: bool, data: bytes, passed: bool) -> None:
        """Queue bytes for decoding; `passed` is whether they were forwarded."""

    def catch_up(self) -> None:
        """Decode all queued bytes now."""

    def cut(self, why: str) -> None:
        """Close both sides; bytes already written still arrive."""

    def close_both(self) -> None:
        """Stop both pipes and close both endpoints."""

    def pipe_ended(self, pipe: "Pipe") -> None:
        """Handle a pipe that is drained after its source's FIN."""


class Pipe:
    """Carries bytes from `source` to `target`; upwards is towards the server.

    held: bytes that are delayed now. dropped: bytes that were delayed when it was stopped.
    """

    def __init__(self, connection: PipeOwner, upwards: bool, source: Endpoint, target: Endpoint) -> None:
        self.upwards = upwards
        self.ended = False
        self.finished = False
        self.held = 0
        self.dropped = 0
        self._connection = connection
        self._source = source
        self._target = target
        self._framing = False
        self._sent_ahead = 0
        self._block: list[Frame] = []
        self._due: deque[_Due] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._ready: list[bytes] = []
        self._broken = False
        self._stopped = False

    def feed(self, data: bytes) -> None:
        """Forward bytes of the source, at once or as the rules decide."""
        if self._stopped:
            return
        if not self._framing and not self._connection.rules.now:
            passed = self._target.write(data)
            self._connection.decode_later(self.upwards, data, passed)
            return
        if not self._framing:
            self._start_framing()
        for frame in self._connection.transcript.read(self.upwards, data):
            self._frame(frame)
        self._flush()

    def end(self) -> None:
        """Forward the source's FIN behind all its bytes."""
        if self.ended or self._stopped:
            return
        self.ended = True
        if self._framing and (rest := self._connection.transcript.rest(self.upwards)):
            self._block.append(rest)
        if self._block:
            self._decide()
        if self._broken:
            # A FIN cannot follow bytes that were swallowed: close instead.
            self._connection.close_both()
        else:
            self._enqueue(_Due(0.0, b"", end=True))

    def stop(self) -> None:
        """Forward nothing more, delayed bytes included."""
        self._stopped = True
        self._due.clear()
        self.dropped += self.held
        self.held = 0
        if self._timer:
            self._timer.cancel()

    def _start_framing(self) -> None:
        """Frame before forwarding from now on; a frame that is forwarded in part is only completed."""
        self._connection.catch_up()
        self._framing = True
        self._sent_ahead = self._connection.transcript.unread[self.upwards]

    def _frame(self, frame: Frame) -> None:
        self._block.append(frame)
        open_block = self._block[0].kind in _BLOCK and "END_HEADERS" not in frame.flags
        if not (open_block and frame.kind in _BLOCK):
            self._decide()

    def _decide(self) -> None:
        frames, self._block = self._block, []
        if self._stopped:
            return
        rule_engine = self._connection.rule_engine
        piece = rule_engine.make_piece(frames, self.upwards)
        raw, ahead, self._sent_ahead = piece.raw, self._sent_ahead, 0
        dead = self._broken or not self._target.is_writable
        decision = (
            rule_engine.pass_through(piece, dead=dead) if ahead else rule_engine.decide(piece, dead=dead)
        )
        self._apply(decision, piece, raw[ahead:])

    def _apply(self, decision: Decision, piece: Piece, raw: bytes) -> None:
        at = asyncio.get_running_loop().time() + decision.hold_s if decision.hold_s else 0.0
        dead, self._broken = self._broken, self._broken or decision.swallow or decision.cut_at is not None
        if decision.cut_at is not None:
            self._enqueue(
                _Due(at, b"" if dead else raw[: decision.cut_at], cut=decision.why or decision.text)
            )
        elif not self._broken:
            self._enqueue(_Due(at, raw))

    def _enqueue(self, due: _Due) -> None:
        if not self._due and not due.at:
            self._release(due)
            return
        latest = self._due[-1].at if self._due else 0.0
        self._due.append(_Due(max(due.at, latest), due.data, due.cut, due.end))
        self.held += len(due.data)
        if self.held > HELD_BYTES_MAX:
            self._source.pause_reading("held")
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is None and self._due:
            self._timer = asyncio.get_running_loop().call_at(self._due[0].at, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._due and self._due[0].at <= now:
            due = self._due.popleft()
            self.held -= len(due.data)
            self._release(due)
        self._flush()
        if self.held <= HELD_BYTES_MAX // 2:
            self._source.resume_reading("held")
        self._schedule()

    def _release(self, due: _Due) -> None:
        if due.data:
            self._ready.append(due.data)
        if due.cut or due.end:
            self._flush()
        if due.cut:
            self._connection.cut(due.cut)
        elif due.end:
            self.finished = True
            self._connection.pipe_ended(self)

    def _flush(self) -> None:
        """Write what is ready, in one write."""
        if self._ready:
            self._target.write(b"".join(self._ready))
            self._ready.clear()

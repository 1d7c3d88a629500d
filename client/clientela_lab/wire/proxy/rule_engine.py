"""Asks the rules about each piece of a connection, and has written down what became of it.

Read next: rules.py (what they may answer), pipe.py (which does it).
"""

from collections.abc import Sequence
from typing import Any, Protocol

from clientela_lab.wire.decode.events import FaultEvent
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.faults.rule import PASS, Answer, Call, Hands, Piece
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.record.decoding import Decoding
from clientela_lab.wire.record.recording import Recorder
from clientela_lab.wire.record.transcript import Transcript


class RuleHost(Hands, Protocol):
    """What asking rules takes: the rules, the place where answers are written down, and hands for deeds."""

    rules: Rules
    recorder: Recorder
    decoding: Decoding

    def count_call(self, method: str) -> int:
        """Count the calls of a method."""


class Asking:
    """Knows the calls of connection `conn` that began under rules."""

    def __init__(self, tap: RuleHost, conn: int, transcript: Transcript) -> None:
        self._tap = tap
        self._conn = conn
        self._transcript = transcript
        self._calls: dict[int, Call] = {}
        self._notes: dict[Any, Any] = {}

    def piece(self, frames: Sequence[Frame], upwards: bool) -> Piece:
        """Make of frames a piece, which knows its call."""
        last = frames[-1]
        call = self._calls.get(last.stream)
        begins = call is None and upwards and bool(last.headers)
        if begins:
            call = self._begin_call(last)
        if call and (last.kind == "RST_STREAM" or (last.ends_stream and not upwards)):
            del self._calls[last.stream]
        return Piece(frames, upwards, self._conn, call, begins, self._notes)

    def _begin_call(self, frame: Frame) -> Call:
        headers = frame.headers or []
        method = next((value for key, value in headers if key == ":path"), "")
        call = Call(method, self._tap.count_call(method), self._conn, frame.stream, headers)
        self._calls[frame.stream] = call
        return call

    def ask(self, piece: Piece, *, dead: bool) -> Answer:
        """Ask every rule, note what they do, and return what becomes of the piece.

        dead: nothing goes in its direction any more.
        """
        asked = [(rule, rule.piece(piece)) for rule in self._tap.rules.now]
        said = [(rule, answer) for rule, answer in asked if answer is not PASS]
        answer = _together([answer for _, answer in said])
        faults: list[FaultEvent] = [
            {"event": "fault", "what": rule.what, "conn": self._conn, "text": answer.text}
            for rule, answer in said
            if answer.text
        ]
        passed = not (dead or answer.swallow) and (answer.cut_at is None or answer.cut_at >= len(piece.raw))
        self._decode(piece, passed, faults)
        for _, one in said:
            if one.deed:
                one.deed(self._tap)
        return answer

    def wave_through(self, piece: Piece, *, dead: bool) -> Answer:
        """Pass a piece on unasked: of what has gone in part the rest has to follow."""
        self._decode(piece, not dead, [])
        return PASS

    def _decode(self, piece: Piece, passed: bool, faults: list[FaultEvent]) -> None:
        now = self._tap.recorder.now()
        note = self._transcript.note
        self._tap.decoding.add(len(piece.raw), note, piece.frames, passed, faults, now)


def _together(answers: list[Answer]) -> Answer:
    """Make one of what several rules answered: pauses add up, and the worst happens."""
    if len(answers) < 2:
        return answers[0] if answers else PASS
    cuts = [answer for answer in answers if answer.cut_at is not None]
    first = min(cuts, key=lambda answer: answer.cut_at or 0) if cuts else None
    swallow = any(answer.swallow for answer in answers)
    return Answer(
        hold_s=sum(answer.hold_s for answer in answers),
        swallow=swallow,
        cut_at=None if first is None else 0 if swallow else first.cut_at,
        why=first.why if first else "",
    )

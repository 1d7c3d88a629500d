"""Puts each piece of a connection to the rules, and records what they decided.

Read next: rule.py (a rule's decision), pipe.py (which carries it out).
"""

from collections.abc import Sequence
from typing import Any, Protocol

from clientela_lab.wire.decode.events import FaultEvent
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.faults.rule import PASS, Decision, Piece, RuleActions, RuledCall
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.record.decoding import Decoding
from clientela_lab.wire.record.recording import Recorder
from clientela_lab.wire.record.transcript import Transcript


class RuleHost(RuleActions, Protocol):
    """What the engine needs of the proxy: the rules, the recorder, and the actions that rules may take."""

    rules: Rules
    recorder: Recorder
    decoding: Decoding

    def count_call(self, method: str) -> int:
        """Count a call, and return its number among those of its method."""


class RuleEngine:
    """Tracks the calls of connection `conn` that began under rules."""

    def __init__(self, proxy: RuleHost, conn: int, transcript: Transcript) -> None:
        self._proxy = proxy
        self._conn = conn
        self._transcript = transcript
        self._calls: dict[int, RuledCall] = {}
        self._notes: dict[Any, Any] = {}

    def make_piece(self, frames: Sequence[Frame], upwards: bool) -> Piece:
        """Make a piece of frames, with the call that it belongs to."""
        last = frames[-1]
        call = self._calls.get(last.stream)
        begins = call is None and upwards and bool(last.headers)
        if begins:
            call = self._begin_call(last)
        if call and (last.kind == "RST_STREAM" or (last.ends_stream and not upwards)):
            del self._calls[last.stream]
        return Piece(frames, upwards, self._conn, call=call, begins=begins, notes=self._notes)

    def _begin_call(self, frame: Frame) -> RuledCall:
        headers = frame.headers or []
        method = next((value for key, value in headers if key == ":path"), "")
        call = RuledCall(method, self._proxy.count_call(method), self._conn, frame.stream, headers)
        self._calls[frame.stream] = call
        return call

    def decide(self, piece: Piece, *, dead: bool) -> Decision:
        """Put a piece to every rule, record and act, and return their combined decision.

        dead: whether nothing is forwarded in its direction any more.
        """
        decided = [(rule, rule.decide(piece)) for rule in self._proxy.rules.now]
        said = [(rule, decision) for rule, decision in decided if decision is not PASS]
        decision = _combine([decision for _, decision in said])
        faults: list[FaultEvent] = [
            {"event": "fault", "what": rule.what, "conn": self._conn, "text": decision.text}
            for rule, decision in said
            if decision.text
        ]
        passed = not (dead or decision.swallow) and (
            decision.cut_at is None or decision.cut_at >= len(piece.raw)
        )
        self._decode(piece, passed, faults)
        for _, one in said:
            if one.action:
                one.action(self._proxy)
        return decision

    def pass_through(self, piece: Piece, *, dead: bool) -> Decision:
        """Forward a piece without a decision: a frame that has gone in part must be completed."""
        self._decode(piece, not dead, [])
        return PASS

    def _decode(self, piece: Piece, passed: bool, faults: list[FaultEvent]) -> None:
        now = self._proxy.recorder.now()
        note = self._transcript.note
        self._proxy.decoding.add(len(piece.raw), note, piece.frames, passed, faults, now)


def _combine(decisions: list[Decision]) -> Decision:
    """Combine decisions: delays add up, swallowing beats passing, the earliest cut wins."""
    if len(decisions) < 2:
        return decisions[0] if decisions else PASS
    cuts = [decision for decision in decisions if decision.cut_at is not None]
    first = min(cuts, key=lambda decision: decision.cut_at or 0) if cuts else None
    swallow = any(decision.swallow for decision in decisions)
    return Decision(
        hold_s=sum(decision.hold_s for decision in decisions),
        swallow=swallow,
        cut_at=None if first is None else 0 if swallow else first.cut_at,
        why=first.why if first else "",
    )

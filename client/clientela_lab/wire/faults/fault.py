"""What a fault is bound to: a method and an ordinal, a connection, a direction, a chance, a span of time.

Rules: bound to a method it acts on the chosen calls, else on the chosen connections; ordinals and times count
from when the rule came into force; what is left to chance follows from the seed and the number of the call or
connection, whatever else happens meanwhile, so that a run can be repeated.
Read next: line_faults.py and call_faults.py, the faults there are; rule_script.py, their text.
"""

import math
import random
import time
from dataclasses import dataclass
from typing import Any

from clientela_lab.wire.faults.rule import PASS, Decision, Piece, Rule, RuledCall


@dataclass(frozen=True)
class Scope:
    """method: "RecordPurchase", with or without its service; "" is any. number: which call of it, from 1.

    conn: which connection. upwards: which direction, towards the server or back. None is any. chance: from 0
    to 1, drawn once for each call or connection. from_s, until_s: seconds since the rule came into force.
    """

    method: str = ""
    number: int | None = None
    conn: int | None = None
    upwards: bool | None = None
    chance: float = 1.0
    from_s: float = 0.0
    until_s: float = math.inf

    @property
    def bound_to_calls(self) -> bool:
        """Whether it chooses calls, not connections."""
        return bool(self.method) or self.number is not None

    def means(self, method: str) -> bool:
        """Tell whether a call of "/package.Service/Method" is meant."""
        wanted, called = (f".{name.strip('/').replace('/', '.')}" for name in (self.method, method))
        return not self.method or called.endswith(wanted)


ALWAYS = Scope()


class Fault(Rule):
    """A rule that is bound to something. of_calls: it is about calls, whatever it is bound to."""

    of_calls = False

    def __init__(self, scope: Scope = ALWAYS) -> None:
        self.scope = scope
        self._seed = ""
        self._began = 0.0
        self._calls = 0

    def begin(self, seed: str, now: float) -> None:
        """Note what chance is drawn from, and since when it counts."""
        self._seed = seed
        self._began = now

    def decide(self, piece: Piece) -> Decision:
        """Decide about what it is bound to; all else passes."""
        if piece.begins and piece.call:
            piece.call.notes[self] = self._chooses_call(piece.call)
        return self.act(piece) if self._is_bound_to(piece) else PASS

    def act(self, piece: Piece) -> Decision:
        """Decide about a piece of what it is bound to."""
        raise NotImplementedError

    def is_due(self) -> bool:
        """Tell whether this is within its span of time."""
        return self.scope.from_s <= self.age() < self.scope.until_s

    def age(self) -> float:
        """Tell the seconds since it came into force."""
        return time.monotonic() - self._began

    def chance_of(self, what: str) -> random.Random:
        """Give a source of chance for one call or connection, the same in each run with the same seed."""
        return random.Random(f"{self._seed}/{what}")

    def chooses_connection(self, conn: int) -> bool:
        """Tell whether a connection is meant, at this time."""
        return self.scope.conn in {None, conn} and self.is_due() and self._drawn(f"connection {conn}")

    def is_chosen(self, call: RuledCall | None) -> bool:
        """Tell whether a call was chosen when it began."""
        return call is not None and bool(call.notes.get(self))

    def notes_of(self, piece: Piece) -> dict[Any, Any]:
        """Give the notes of what it is bound to: they last as long as the call, or the connection."""
        return (
            piece.call.notes if piece.call and (self.of_calls or self.scope.bound_to_calls) else piece.notes
        )

    def about(self, piece: Piece) -> str:
        """Name what it is bound to: "RecordPurchase 1", or "connection 3"."""
        return str(piece.call) if self.scope.bound_to_calls else f"connection {piece.conn}"

    def once(self, piece: Piece, text: str) -> str:
        """Give a text once for each call or connection, and direction; then "", so that it is said once."""
        first = self.notes_of(piece).setdefault((self, piece.upwards), piece)
        return text if first is piece else ""

    def _is_bound_to(self, piece: Piece) -> bool:
        if self.scope.upwards not in {None, piece.upwards}:
            return False
        if self.of_calls or self.scope.bound_to_calls:
            return self.is_chosen(piece.call)
        return self.chooses_connection(piece.conn)

    def _chooses_call(self, call: RuledCall) -> bool:
        if not (self.scope.means(call.method) and self.scope.conn in {None, call.conn} and self.is_due()):
            return False
        self._calls += 1
        return self.scope.number in {None, self._calls} and self._drawn(f"call {self._calls}")

    def _drawn(self, what: str) -> bool:
        return self.scope.chance >= 1 or self.chance_of(what).random() < self.scope.chance


def way(piece: Piece) -> str:
    """Name the direction of a piece."""
    return "up" if piece.upwards else "down"

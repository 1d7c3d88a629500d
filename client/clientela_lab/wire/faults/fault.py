"""A fault's scope: a method and an ordinal, a connection, a direction, a probability, a span of time.

Rules: bound to a method it acts on the calls in scope, else on the connections in scope; ordinals and times
count from when the rule came into force; random choices depend only on the seed and on the number of the call
or connection, so that a run can be repeated.
Read next: line_faults.py and call_faults.py, the faults; rule_script.py, their syntax.
"""

import math
import random
from dataclasses import dataclass
from typing import Any

from clientela_lab.clock import Monotonic, monotonic
from clientela_lab.wire.faults.rule import PASS, Decision, Piece, Rule, RuledCall


@dataclass(frozen=True, kw_only=True)
class Scope:
    """method: "RecordPurchase", with or without its service; "" is any. number: the call's ordinal, from 1.

    conn: the connection's number. upwards: True towards the server, False back. None is any. chance: the
    probability, 0 to 1, drawn once a call or connection. from_s, until_s: seconds since the rule came into
    force.
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
        """Whether it selects calls, not connections."""
        return bool(self.method) or self.number is not None

    def means(self, method: str) -> bool:
        """Return whether a call of "/package.Service/Method" matches the method."""
        wanted, called = (f".{name.strip('/').replace('/', '.')}" for name in (self.method, method))
        return not self.method or called.endswith(wanted)


ALWAYS = Scope()


class Fault(Rule):
    """A rule with a scope. of_calls: it acts on calls even where its scope names none."""

    of_calls = False

    def __init__(self, scope: Scope = ALWAYS) -> None:
        self.scope = scope
        self._seed = ""
        self._clock = monotonic
        self._began = 0.0
        self._calls = 0

    def begin(self, seed: str, clock: Monotonic) -> None:
        """Start the rule; see Rule.begin."""
        self._seed = seed
        self._clock = clock
        self._began = clock()

    def decide(self, piece: Piece) -> Decision:
        """Return the decision about a piece in scope; forward all else."""
        if piece.begins and piece.call:
            piece.call.notes[self] = self._chooses_call(piece.call)
        return self.act(piece) if self._is_bound_to(piece) else PASS

    def act(self, piece: Piece) -> Decision:
        """Return the decision about a piece in scope."""
        raise NotImplementedError

    def is_due(self) -> bool:
        """Return whether its span of time includes now."""
        return self.scope.from_s <= self.age() < self.scope.until_s

    def age(self) -> float:
        """Return the seconds since it came into force."""
        return self._clock() - self._began

    def chance_of(self, what: str) -> random.Random:
        """Return the random generator of one call or connection, reproducible by the seed."""
        return random.Random(f"{self._seed}/{what}")

    def chooses_connection(self, conn: int) -> bool:
        """Return whether a connection is in scope now."""
        return self.scope.conn in {None, conn} and self.is_due() and self._drawn(f"connection {conn}")

    def is_chosen(self, call: RuledCall | None) -> bool:
        """Return whether a call was in scope when it began."""
        return call is not None and bool(call.notes.get(self))

    def notes_of(self, piece: Piece) -> dict[Any, Any]:
        """Return the state that lasts as long as the call, or the connection, that is in scope."""
        return (
            piece.call.notes if piece.call and (self.of_calls or self.scope.bound_to_calls) else piece.notes
        )

    def about(self, piece: Piece) -> str:
        """Name the call or connection in scope: "RecordPurchase 1", or "connection 3"."""
        return str(piece.call) if self.scope.bound_to_calls else f"connection {piece.conn}"

    def once(self, piece: Piece, text: str) -> str:
        """Return `text` the first time for a call or connection and direction, "" from then on."""
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
    """Return the direction of a piece, "up" or "down"."""
    return "up" if piece.upwards else "down"

"""Faults of the line: it is slow, thin, dead, cut, or not there.

Read next: call_faults.py, the faults of one call; rule_script.py, their text.
"""

import math
import time

from clientela_lab.wire.faults.fault import ALWAYS, Fault, Scope, way
from clientela_lab.wire.faults.rule import PASS, Decision, Piece


class Delay(Fault):
    """A long way: each piece arrives so much later, in both directions where none is said.

    In life: another continent, a satellite, a full queue in a router. Many pieces may be on the way at once,
    so it takes time and no throughput. jitter_s: it varies by so much either way; order is kept, as TCP does,
    so a piece that is late makes those behind it late.
    """

    what = "delay"

    def __init__(self, seconds: float, jitter_s: float = 0.0, scope: Scope = ALWAYS) -> None:
        super().__init__(scope)
        self._from_s = max(0.0, seconds - jitter_s)
        self._to_s = seconds + jitter_s
        self._text = f"each piece {seconds * 1000:g} ms later" + (
            f", give or take {jitter_s * 1000:g} ms" if jitter_s else ""
        )

    def act(self, piece: Piece) -> Decision:
        """Let it wait."""
        said = self.once(piece, f"{self._text}, {way(piece)} ({self.about(piece)})")
        return Decision(hold_s=self._seconds(piece), text=said)

    def _seconds(self, piece: Piece) -> float:
        if self._from_s == self._to_s:
            return self._to_s
        drawing = (self, "jitter", piece.upwards)
        if drawing not in piece.notes:
            piece.notes[drawing] = self.chance_of(f"jitter {piece.conn} {way(piece)}")
        seconds: float = piece.notes[drawing].uniform(self._from_s, self._to_s)
        return seconds


class Throttle(Fault):
    """A thin line: so many bits a second in each direction of a connection; what is more waits its turn.

    In life: a phone at the edge of its cell, a hotel's network, a link that others fill. Who sends more than
    goes through is made to wait, as by a full TCP window.
    """

    what = "throttle"

    def __init__(self, bits_per_s: float, scope: Scope = ALWAYS) -> None:
        super().__init__(scope)
        self._bits_per_s = bits_per_s

    def act(self, piece: Piece) -> Decision:
        """Let it wait until what is before it has crossed, and it too."""
        now, key = time.monotonic(), (self, "free at", piece.upwards)
        free_at = max(piece.notes.get(key, now), now) + len(piece.raw) * 8 / self._bits_per_s
        piece.notes[key] = free_at
        said = self.once(
            piece, f"no more than {self._bits_per_s:g} bit/s, {way(piece)} ({self.about(piece)})"
        )
        return Decision(hold_s=free_at - now, text=said)


class BlackHole(Fault):
    """A line that is dead and does not say so: nothing arrives any more, and nobody is told.

    In life: a firewall that forgot the connection, a pulled cable, a phone in a tunnel. Where it has an end
    (`until`) what was sent meanwhile arrives then, as TCP sends it again. Bound to a call, the direction dies
    with the first piece of that call, for all that is on the connection. Not as in life: where a client
    closes its connection the tap closes the server's too, or nothing ever would.
    """

    what = "black-hole"

    def act(self, piece: Piece) -> Decision:
        """Pass nothing."""
        text = self.once(piece, f"nothing goes {way(piece)} any more ({self.about(piece)})")
        if self.scope.until_s == math.inf:
            return Decision(swallow=True, text=text)
        left = self.scope.until_s - self.age()
        return Decision(hold_s=left, text=text) if left > 0 else PASS


class CutAfter(Fault):
    """A line that is cut behind a byte: the first `count` bytes of a call or connection arrive, and no more.

    In life: a process that is killed, a load balancer that drains, a mobile network that hands over: TCP ends
    in the middle of a frame, and whoever waits does not know how much the other side got. Where no direction
    is said the bytes of both are counted.
    """

    what = "cut-after"

    def __init__(self, count: int, scope: Scope = ALWAYS) -> None:
        super().__init__(scope)
        self._count = count

    def act(self, piece: Piece) -> Decision:
        """Pass on what is left, then cut."""
        notes, size = self.notes_of(piece), len(piece.raw)
        left = notes.setdefault((self, "left"), self._count)
        notes[self, "left"] = left - size
        if size < left:
            return PASS
        text = f"cut behind {self._count} bytes ({self.about(piece)})"
        return Decision(cut_at=left, why=text, text=text)


class Refuse(Fault):
    """Nobody is there: a connection that is asked for is reset at once.

    In life: a server that has not started yet, or a port that nobody listens at. Those that are open go on.
    """

    what = "refuse"

    def refuses(self, conn: int) -> str:
        """Refuse it, where it is chosen."""
        return f"connection {conn} was refused" if self.chooses_connection(conn) else ""

    def decide(self, piece: Piece) -> Decision:
        """Leave those alone that are open."""
        return PASS

"""Faults of the connection: latency, low bandwidth, a black hole, a cut, a refusal.

Read next: call_faults.py, the faults of one call; rule_script.py, their syntax.
"""

import math

from clientela_lab.wire.faults.fault import ALWAYS, Fault, Scope, way
from clientela_lab.wire.faults.rule import PASS, Decision, Piece


class Delay(Fault):
    """Latency: each piece arrives later, in both directions unless one is given.

    In life: another continent, a satellite, a full queue in a router. Many pieces may be in flight at once,
    so it costs time and no throughput. jitter_s: the delay varies by so much either way; order is kept, as in
    TCP, so a late piece delays those behind it (head-of-line blocking).
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
        """Delay the piece."""
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
    """Low bandwidth: `bits_per_s` in each direction of a connection; the rest is queued.

    In life: a phone at the edge of its cell, a hotel's network, a link that others fill. A sender that
    exceeds it is slowed down, as by a full TCP window.
    """

    what = "throttle"

    def __init__(self, bits_per_s: float, scope: Scope = ALWAYS) -> None:
        super().__init__(scope)
        self._bits_per_s = bits_per_s

    def act(self, piece: Piece) -> Decision:
        """Delay the piece until those before it, and it too, have been transmitted."""
        now, key = self.age(), (self, "free at", piece.upwards)
        free_at = max(piece.notes.get(key, now), now) + len(piece.raw) * 8 / self._bits_per_s
        piece.notes[key] = free_at
        said = self.once(
            piece, f"no more than {self._bits_per_s:g} bit/s, {way(piece)} ({self.about(piece)})"
        )
        return Decision(hold_s=free_at - now, text=said)


class BlackHole(Fault):
    """A half-open connection: nothing arrives any more, and neither side gets a FIN or RST.

    In life: a firewall that dropped its state, a pulled cable, a phone in a tunnel. With an end (`until`)
    what was sent meanwhile arrives then, as by TCP's retransmission. Bound to a call, the direction goes
    silent at that call's first piece, for the whole connection. Unlike in life, when a client closes its
    connection the proxy closes the server's too, for nothing else ever would.
    """

    what = "black-hole"

    def act(self, piece: Piece) -> Decision:
        """Swallow the piece, or delay it to the end of the span."""
        text = self.once(piece, f"nothing goes {way(piece)} any more ({self.about(piece)})")
        if self.scope.until_s == math.inf:
            return Decision(swallow=True, text=text)
        left = self.scope.until_s - self.age()
        return Decision(hold_s=left, text=text) if left > 0 else PASS


class CutAfter(Fault):
    """A cut after a byte: the first `count` bytes of a call or connection arrive, then it is closed.

    In life: a killed process, a draining load balancer, a handover of a mobile network: TCP ends in the
    middle of a frame, and the waiting side does not know how much the other received. Without a direction
    the bytes of both are counted together.
    """

    what = "cut-after"

    def __init__(self, count: int, scope: Scope = ALWAYS) -> None:
        super().__init__(scope)
        self._count = count

    def act(self, piece: Piece) -> Decision:
        """Forward up to the count, then cut."""
        notes, size = self.notes_of(piece), len(piece.raw)
        left = notes.setdefault((self, "left"), self._count)
        notes[self, "left"] = left - size
        if size < left:
            return PASS
        text = f"cut behind {self._count} bytes ({self.about(piece)})"
        return Decision(cut_at=left, why=text, text=text)


class Refuse(Fault):
    """Connection refused: a new connection is reset at once.

    In life: a server that has not started yet, or a port without a listener. Open connections go on.
    """

    what = "refuse"

    def refuses(self, conn: int) -> str:
        """Refuse a connection in scope."""
        return f"connection {conn} was refused" if self.chooses_connection(conn) else ""

    def decide(self, piece: Piece) -> Decision:
        """Forward everything on open connections."""
        return PASS

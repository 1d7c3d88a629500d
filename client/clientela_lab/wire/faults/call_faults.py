"""Faults of one call: a lost reply, a duplicate delivery, a server that dies or freezes during it.

Read next: rule_script.py, their syntax; second_delivery.py, server_process.py.
"""

from typing import Literal

from clientela_lab.wire.faults.fault import ALWAYS, Fault, Scope
from clientela_lab.wire.faults.rule import PASS, Decision, Piece, Request

Moment = Literal["request", "reply"]
# Frames of the reply itself; a WINDOW_UPDATE comes down too, while the request is still being read.
_MESSAGE_KINDS = {"HEADERS", "DATA", "RST_STREAM"}


class DropReply(Fault):
    """A lost reply: the server has committed, and the whole reply is lost, and the connection with it.

    In life: a connection that breaks between the commit and the answer, a client that changes networks. A
    reply cannot be lost alone: HPACK's state depends on every header block, so from the reply's first frame
    on nothing is forwarded down; at its last frame the connection is cut.
    """

    what = "drop-reply"
    of_calls = True

    def act(self, piece: Piece) -> Decision:
        """Swallow the reply's frames; cut at the last."""
        if piece.upwards or piece.kind not in _MESSAGE_KINDS:
            return PASS
        text = f"the reply of {piece.call} is lost"
        if piece.ends:
            return Decision(cut_at=0, why=f"{text}, and the connection with it", text=self.once(piece, text))
        return Decision(swallow=True, text=self.once(piece, text))


class Duplicate(Fault):
    """A duplicate delivery: after the request the proxy sends it again, on a connection of its own.

    In life: a proxy that resends, a client that retries a call that succeeded, a queue with at-least-once
    delivery. The client sees the first answer only.
    """

    what = "duplicate"
    of_calls = True

    def act(self, piece: Piece) -> Decision:
        """Collect the request, and deliver it again once it is complete."""
        if not piece.upwards or piece.call is None:
            return PASS
        body: bytearray = piece.call.notes.setdefault((self, "body"), bytearray())
        for frame in piece.frames:
            begin, end = frame.data
            body += frame.raw[begin:end]
        if not piece.ends or piece.kind == "RST_STREAM":
            return PASS
        request = Request(piece.call.headers, bytes(body), piece.call)
        return Decision(
            action=lambda actions: actions.deliver_again(request),
            text=f"{piece.call} is delivered a second time",
        )


class _ServerFault(Fault):
    """A fault of the server's process at a moment of a call: at its request, or at its reply."""

    of_calls = True

    def __init__(self, moment: Moment, scope: Scope = ALWAYS) -> None:
        super().__init__(scope)
        self._moment = moment

    def act(self, piece: Piece) -> Decision:
        """Strike at the first piece of the request, or of the reply."""
        if piece.upwards != (self._moment == "request") or piece.kind not in _MESSAGE_KINDS:
            return PASS
        if not self.once(piece, "now"):
            return PASS
        return self.strike(piece)

    def strike(self, piece: Piece) -> Decision:
        """Return the decision at that moment."""
        raise NotImplementedError


class Kill(_ServerFault):
    """A crash: the server's process is killed (SIGKILL), with all that it was about to send or receive.

    In life: a power cut, the kernel's OOM killer, a failing machine. At "reply" it has committed, and its
    answer is lost in flight. At "request" it never received the call.
    """

    what = "kill"

    def strike(self, piece: Piece) -> Decision:
        """Kill the process, and swallow the piece."""
        moment = "before it was heard" if piece.upwards else "before its reply got away"
        text = f"{piece.call}: the server was killed {moment}"
        return Decision(swallow=True, action=lambda actions: actions.kill_server(), text=text)


class Freeze(_ServerFault):
    """A pause: the server's process is stopped (SIGSTOP) for `seconds`, and then goes on.

    In life: a paused container, a machine that swaps, a very long garbage collection. Its port still accepts
    connections, for the kernel does that; they are just not answered.
    """

    what = "freeze"

    def __init__(self, seconds: float, moment: Moment, scope: Scope = ALWAYS) -> None:
        super().__init__(moment, scope)
        self._seconds = seconds

    def strike(self, piece: Piece) -> Decision:
        """Freeze the process; the piece is forwarded, and waits in its socket."""
        return Decision(
            action=lambda actions: actions.freeze_server(self._seconds),
            text=f"{piece.call}: the server stands still at its {self._moment}",
        )

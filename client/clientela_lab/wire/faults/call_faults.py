"""Faults of one call: its reply is lost, it is delivered twice, the server dies or stops while it is at it.

Read next: rule_script.py, their text; second_delivery.py, server_process.py.
"""

from typing import Literal

from clientela_lab.wire.faults.fault import ALWAYS, Fault, Scope
from clientela_lab.wire.faults.rule import PASS, Decision, Piece, Request

Moment = Literal["request", "reply"]
# What says something; a WINDOW_UPDATE comes down too, while the server still listens.
_MESSAGE_KINDS = {"HEADERS", "DATA", "RST_STREAM"}


class DropReply(Fault):
    """The server did it, and nobody heard: the reply is lost, whole, and the connection with it.

    In life: a line that breaks between the commit and the answer, a client that moves to another network. It
    cannot be lost alone: the header compression of HTTP/2 builds on every block that was sent, so from the
    reply's first frame on nothing goes down any more; at its last one the connection is cut.
    """

    what = "drop-reply"
    of_calls = True

    def act(self, piece: Piece) -> Decision:
        """Lose the reply."""
        if piece.upwards or piece.kind not in _MESSAGE_KINDS:
            return PASS
        text = f"the reply of {piece.call} is lost"
        if piece.ends:
            return Decision(cut_at=0, why=f"{text}, and the connection with it", text=self.once(piece, text))
        return Decision(swallow=True, text=self.once(piece, text))


class Duplicate(Fault):
    """The same request arrives twice: once it has passed, the tap sends it again on a connection of its own.

    In life: a proxy that resends, a client that retries though it was heard, a queue that delivers at least
    once. The client sees the first answer only.
    """

    what = "duplicate"
    of_calls = True

    def act(self, piece: Piece) -> Decision:
        """Gather the request, and deliver it again when it is whole."""
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
    """Something happens to the server's process, at a moment of a call: as it comes, or as it is answered."""

    of_calls = True

    def __init__(self, moment: Moment, scope: Scope = ALWAYS) -> None:
        super().__init__(scope)
        self._moment = moment

    def act(self, piece: Piece) -> Decision:
        """Wait for the moment: the first piece of the request, or of the reply."""
        if piece.upwards != (self._moment == "request") or piece.kind not in _MESSAGE_KINDS:
            return PASS
        if not self.once(piece, "now"):
            return PASS
        return self.strike(piece)

    def strike(self, piece: Piece) -> Decision:
        """Do it."""
        raise NotImplementedError


class Kill(_ServerFault):
    """The server's process is gone, at once (SIGKILL), and what it was about to say or hear with it.

    In life: a power cut, the kernel short of memory, a machine that fails. At "reply" it has committed, and
    its answer is on the way: that is lost too. At "request" it never heard.
    """

    what = "kill"

    def strike(self, piece: Piece) -> Decision:
        """Kill it; the piece in hand goes nowhere."""
        moment = "before it was heard" if piece.upwards else "before its reply got away"
        text = f"{piece.call}: the server was killed {moment}"
        return Decision(swallow=True, action=lambda actions: actions.kill_server(), text=text)


class Freeze(_ServerFault):
    """The server's process stands still for some seconds (SIGSTOP), and then goes on as if nothing had been.

    In life: a paused container, a machine that swaps, a very long collection of garbage. Its port still takes
    connections, for that is the kernel's work: they just are not answered.
    """

    what = "freeze"

    def __init__(self, seconds: float, moment: Moment, scope: Scope = ALWAYS) -> None:
        super().__init__(moment, scope)
        self._seconds = seconds

    def strike(self, piece: Piece) -> Decision:
        """Freeze it; what is in hand is passed on, and waits with the server."""
        return Decision(
            action=lambda actions: actions.freeze_server(self._seconds),
            text=f"{piece.call}: the server stands still at its {self._moment}",
        )

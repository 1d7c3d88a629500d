"""What a rule decides about, and what it may answer.

Rule: a rule only answers; the connection does what it says, and notes it. What is swallowed takes all that
comes behind it in its direction along: TCP leaves nothing out, and the header compression of HTTP/2 (HPACK)
is a dictionary that both sides build up from every header block, so none can be missing in the middle.
Read next: fault.py, line_faults.py and call_faults.py (the rules there are); rules.py (those in force).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.headers import Headers


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it went through: what it takes to deliver it once more."""

    headers: Headers
    body: bytes
    call: "RuledCall"


class RuleActions(Protocol):
    """What a tap can do beside passing bytes on."""

    def deliver_again(self, request: Request) -> None:
        """Send the request to the server once more, on a connection of the tap's own."""

    def kill_server(self) -> None:
        """End the server's process at once (SIGKILL)."""

    def freeze_server(self, seconds: float) -> None:
        """Let the server's process stand still (SIGSTOP), and go on after so many seconds (SIGCONT)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a piece.

    hold_s: it waits, and what is behind it. swallow: it is not passed on, nor is what is behind it. cut_at:
    so many bytes of it are passed on, then the connection is cut, and `why` is what the `close` event says.
    deed: what else is done. text: what the `fault` event says; without one there is none.
    """

    hold_s: float = 0.0
    swallow: bool = False
    cut_at: int | None = None
    why: str = ""
    action: Callable[[RuleActions], None] | None = None
    text: str = ""


PASS = Decision()


@dataclass(eq=False, slots=True)
class RuledCall:
    """One call. number: among the calls of its method through this tap, from 1. notes: the rules' own."""

    method: str
    number: int
    conn: int
    stream: int
    headers: Headers
    notes: dict[Any, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method.rpartition('/')[2]} {self.number}"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a rule decides about: a frame, or the frames of one header block.

    call: whose it is; None for what is about the whole connection. begins, ends: whether it is the first of
    its call, or the last of its direction. notes: the rules' own, as long as the connection lasts.
    """

    frames: Sequence[Frame]
    upwards: bool
    conn: int
    call: RuledCall | None
    begins: bool
    notes: dict[Any, Any]

    @property
    def kind(self) -> str:
        """The kind of its (first) frame."""
        return self.frames[0].kind

    @property
    def ends(self) -> bool:
        """Whether its side says nothing more in this call."""
        return self.frames[-1].ends_stream

    @property
    def raw(self) -> bytes:
        """All its bytes."""
        return self.frames[0].raw if len(self.frames) == 1 else b"".join(frame.raw for frame in self.frames)


class Rule:
    """Passes everything on: what each rule does where it says nothing else."""

    what = "rule"

    def begin(self, seed: str, now: float) -> None:
        """Note when the rule came into force (monotonic seconds), and what its chance is drawn from."""

    def refuses(self, conn: int) -> str:
        """Tell why a connection is refused; "" where it is not."""
        return ""

    def decide(self, piece: Piece) -> Decision:
        """Decide about a piece."""
        return PASS

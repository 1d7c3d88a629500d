"""The interface of a rule: the piece that it decides about, and its decision.

Rule: a rule only decides; the connection acts and records. Swallowing a piece swallows all that follows in
its direction: TCP delivers without gaps, and HPACK's dynamic table is built from every header block, so none
can be missing in the middle.
Read next: fault.py, line_faults.py and call_faults.py (the rules); rules.py (those in force).
"""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Protocol

from clientela_lab.clock import Monotonic
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.decode.headers import Headers


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was forwarded, for a second delivery."""

    headers: Headers
    body: bytes
    call: "RuledCall"


class RuleActions(Protocol):
    """What a proxy can do beside forwarding bytes."""

    def deliver_again(self, request: Request) -> None:
        """Send a request to the server once more, on a connection of the proxy's own."""

    def kill_server(self) -> None:
        """Kill the server's process (SIGKILL)."""

    def freeze_server(self, seconds: float) -> None:
        """Stop the server's process (SIGSTOP), and continue it (SIGCONT) after `seconds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do with a piece.

    hold_s: delay it, and all behind it. swallow: drop it, and all behind it. cut_at: forward so many bytes of
    it, then close the connection; `why` is the reason in the `close` event. action: what else the proxy does.
    text: of the `fault` event; "" for none.
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
    """One call. number: among its method's calls through this proxy, from 1. notes: state kept by rules."""

    method: str
    number: int
    conn: int
    stream: int
    headers: Headers
    _: KW_ONLY
    notes: dict[Any, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method.rpartition('/')[2]} {self.number}"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a rule decides about: one frame, or the frames of one header block.

    call: the call that it belongs to, None for the connection's own frames. begins, ends: whether it is the
    first of its call, or the last of its direction. notes: state kept by rules, one dict a connection.
    """

    frames: Sequence[Frame]
    upwards: bool
    conn: int
    _: KW_ONLY
    call: RuledCall | None
    begins: bool
    notes: dict[Any, Any]

    @property
    def kind(self) -> str:
        """The kind of its first frame."""
        return self.frames[0].kind

    @property
    def ends(self) -> bool:
        """Whether it half-closes or resets the call's stream."""
        return self.frames[-1].ends_stream

    @property
    def raw(self) -> bytes:
        """Its bytes, the frames joined."""
        return self.frames[0].raw if len(self.frames) == 1 else b"".join(frame.raw for frame in self.frames)


class Rule:
    """Forwards everything; subclasses override what they change."""

    what = "rule"

    def begin(self, seed: str, clock: Monotonic) -> None:
        """Start the rule. seed: of its random choices. clock: its span of time counts from now."""

    def refuses(self, conn: int) -> str:
        """Return why a new connection is refused; "" where it is not."""
        return ""

    def decide(self, piece: Piece) -> Decision:
        """Return the decision about a piece."""
        return PASS

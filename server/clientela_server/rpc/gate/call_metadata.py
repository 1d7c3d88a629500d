"""What a transport tells the gate of a call, and what the gate tells the transport. Read next: `gate`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.rpc.status_pb2 import Status

from clientela_server.domain.errors import Refusal
from clientela_server.rpc.gate.authentication import Caller
from clientela_server.rpc.gate.encoded import Answer


@dataclass(slots=True)
class Arrival:
    """What a transport knows of a call before it begins; `time_left_s` is None without a deadline.

    `peer` tells the address that it comes from; it is asked only where something is wrong. A transport that
    must know who sends a body before it reads it asks the gate (`meet`), which notes it: `caller`, or the
    `refusal` that the call then gets.
    """

    metadata: Mapping[str, str]
    time_left_s: float | None
    peer: Callable[[], str]
    caller: Caller | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class Reply:
    """How a call ended: the answer of a unary call, the status where it was refused, and the trailers."""

    message: Answer | None
    status: Status | None
    trailers: tuple[tuple[str, str], ...]


def brought_together(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Read the metadata that is text; what is there twice is one list, as HTTP has it, and so no token."""
    found: dict[str, str] = {}
    for key, value in pairs:
        if isinstance(value, str):
            found[key] = f"{found[key]}, {value}" if key in found else value
    return found

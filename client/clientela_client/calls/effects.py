"""The steps that a script asks of its driver, and what it hears back. No I/O, no grpc.

A *script* is a generator: the SDK's logic (retries, pages, resuming) written once. It yields steps and is
sent their outcomes; what it returns is the call's result. Two drivers perform the steps, one blocking and one
async (runner.py, runner_aio.py), and raise into the script what interrupts them.

    Attempt  ->  Reply | Failure      a whole unary call
    Begin    ->  None                 start a client stream; it is sent while the script goes on
    Finish   ->  Reply | Failure      its answer
    Open     ->  None                 start a server stream
    Next     ->  Reply | Failure      its next message; a Reply without a message is its end
    Pause    ->  None                 let time pass
    Reach    ->  None                 let time pass, but no more than it takes to reach the server
    Emit     ->  None                 hand items to the caller

Read next: retry.py, the script of one call.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.message import Message

from clientela_client.failure import Failure, Metadata

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Method:
    """An RPC as the contract declares it. `writes`: it is not marked NO_SIDE_EFFECTS."""

    path: str
    name: str
    request_type: type[Message]
    response_type: type[Message]
    streams_in: bool
    streams_out: bool
    writes: bool


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for, however often it is sent.

    `resendable`: sending it again does no harm. `timeout_s` is for all attempts together, None for no limit.
    """

    method: Method
    messages: Sequence[bytes]
    writes: bool
    resendable: bool
    request_id: str | None
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Send the call once. `number` counts from 1; `began_at` is when the first one was made."""

    call: Call
    number: int
    timeout_s: float | None
    metadata: Metadata
    began_at: float


@dataclass(frozen=True, slots=True)
class Begin:
    """Start the attempt's client stream."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Finish:
    """Take the answer to the client stream that was begun."""


@dataclass(frozen=True, slots=True)
class Open:
    """Start the attempt's server stream."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Next:
    """Take the next message of the open stream."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait; 0 seconds let others run."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitForReady:
    """Wait until there is a connection to the server, at most so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Emit(Generic[T_co]):
    """Hand `items` to the caller, having moved the bookmark to `bookmark_revision` where it is given.

    `epoch` is the one that the bookmark is of.
    """

    items: Iterable[T_co]
    bookmark_revision: int | None = None
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A message from the server, None at the end of a stream, and the metadata that came with it."""

    message: bytes | None
    headers: Metadata = ()
    trailers: Metadata = ()


Effect: TypeAlias = Attempt | Begin | Finish | Open | Next | Pause | WaitForReady
Outcome: TypeAlias = Reply | Failure
#: Ends in one answer.
Script: TypeAlias = Generator[Effect, Any, T]
#: Emits many.
Emitting: TypeAlias = Generator[Effect | Emit[T], Any, None]

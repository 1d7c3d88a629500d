"""The effects that a script yields to its runner, and their outcomes. No I/O, no grpc ("sans I/O").

A *script* is a generator: the SDK's logic (retries, pages, resuming) written once. It yields effects and is
sent their outcomes; its return value is the call's result. Two runners run the effects, one blocking and one
async (runner.py, runner_aio.py), and raise interruptions inside the script.

    Attempt       ->  Reply | Failure      a whole unary call
    Begin         ->  None                 start a client stream; it is sent while the script continues
    Finish        ->  Reply | Failure      its response
    Open          ->  None                 start a server stream
    Next          ->  Reply | Failure      its next message; a Reply without a message is its end
    Pause         ->  None                 sleep
    WaitForReady  ->  None                 wait until the channel is connected, with a timeout
    Emit          ->  None                 hand items to the caller

Read next: retry.py, the script of one call.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.message import Message

from clientela_client.failure import Failure, Metadata

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Method:
    """An RPC as the contract declares it. writes: its idempotency_level is not NO_SIDE_EFFECTS."""

    path: str
    name: str
    request_type: type[Message]
    response_type: type[Message]
    streams_in: bool
    _: KW_ONLY
    streams_out: bool
    writes: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A call, however often it is sent.

    messages: the serialized request messages. resendable: a retry is safe. timeout_s: the deadline of all
    attempts together, None for no limit.
    """

    method: Method
    messages: Sequence[bytes]
    writes: bool
    resendable: bool
    request_id: str | None
    _: KW_ONLY
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Send the call once. number: from 1; began_at: when the first attempt began, monotonic seconds."""

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
    """Wait for the response to the client stream."""


@dataclass(frozen=True, slots=True)
class Open:
    """Start the attempt's server stream."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Next:
    """Wait for the next message of the server stream."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Sleep; 0 seconds yield to other tasks."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitForReady:
    """Wait until the channel is connected, at most so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Emit(Generic[T_co]):
    """Hand items to the caller; and set the iterator's bookmark and its epoch, unless they are None."""

    items: Iterable[T_co]
    bookmark_revision: int | None = None
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A response message, None at the end of a stream, and the metadata received with it."""

    message: bytes | None
    headers: Metadata = ()
    trailers: Metadata = ()


Effect: TypeAlias = Attempt | Begin | Finish | Open | Next | Pause | WaitForReady
Outcome: TypeAlias = Reply | Failure
#: Returns one result.
Script: TypeAlias = Generator[Effect, Any, T]
#: Emits many items.
Emitting: TypeAlias = Generator[Effect | Emit[T], Any, None]

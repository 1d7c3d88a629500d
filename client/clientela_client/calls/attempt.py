"""What a transport is given, and what it returns: an attempt of a call, and its outcome. No I/O, no grpc.

Read next: requests.py, which makes calls of requests; retry.py, which makes attempts of a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.message import Message

from clientela_client.failure import Failure, Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """An RPC as the contract declares it.

    writes: its idempotency_level is not NO_SIDE_EFFECTS. takes_request_id: its request has a `request_id`.
    """

    path: str
    name: str
    request_type: type[Message]
    response_type: type[Message]
    streams_in: bool
    streams_out: bool
    writes: bool
    takes_request_id: bool


@dataclass(frozen=True, slots=True, kw_only=True)
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
class Reply:
    """A response message, None at the end of a stream, and the metadata received with it."""

    message: bytes | None
    headers: Metadata = ()
    trailers: Metadata = ()


Outcome: TypeAlias = Reply | Failure

"""The gate's interface to transports: a call's metadata goes in, its reply comes out. Read next: `gate`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from google.rpc.status_pb2 import Status

from clientela_server.domain.errors import Refusal
from clientela_server.rpc.gate.authentication import Caller
from clientela_server.rpc.gate.encoded import Answer


@dataclass(slots=True)
class CallMetadata:
    """What a transport knows of a call before it reads the request.

    time_left_s: until the client's deadline, None without one. peer: returns the client's address as gRPC
    writes it; called only when something is wrong. caller, refusal: set by `Gate.preauthorize`, for
    transports that must authenticate before they read a body; a call with a `refusal` is answered with it.
    sent_by_task: whether the task that runs the call also sends its response afterwards.
    """

    metadata: Mapping[str, Any]
    time_left_s: float | None
    peer: Callable[[], str]
    _: KW_ONLY
    caller: Caller | None = None
    refusal: Refusal | None = None
    sent_by_task: bool = False


@dataclass(slots=True)
class Reply:
    """How a call ended: the response of a unary call, or the status of an error; and the trailers."""

    message: Answer | None
    status: Status | None
    trailers: tuple[tuple[str, str], ...]


def merge_metadata(metadata: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the metadata; values of a repeated key are joined by ", " (RFC 9110, 5.3).

    So a repeated `authorization` is never a valid token. Binary values are kept as they are.
    """
    pairs = tuple(metadata)
    found = dict(pairs)
    return found if len(found) == len(pairs) else _joined(pairs)


def _joined(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = f"{found[key]}, {value}" if key in found and isinstance(value, str) else value
    return found

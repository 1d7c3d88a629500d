"""How an error of the server is read, and what holds for every one of them, whatever it is about.

`Refused.of` checks it each time: exactly one ErrorInfo of the domain "clientela", no kind of detail twice,
the same code and message in the status and in its details, a call id in the trailers.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2 as details_pb
from google.rpc.status_pb2 import Status

DETAILS = "grpc-status-details-bin"
_KINDS = (
    details_pb.ErrorInfo,
    details_pb.BadRequest,
    details_pb.ResourceInfo,
    details_pb.RetryInfo,
    details_pb.LocalizedMessage,
)


@dataclass(frozen=True)
class Refused:
    """An error, taken apart; what it does not hold is empty or None."""

    code: grpc.StatusCode
    message: str
    reason: str
    facts: Mapping[str, str]
    faults: Mapping[str, str]
    resource: tuple[str, str] | None
    retry_after_s: float | None
    localized: tuple[str, str] | None
    trailers: Mapping[str, Any]

    @classmethod
    def of(cls, error: Any) -> "Refused":
        """Take an error of a blocking or an asyncio call apart, and check what holds for all."""
        trailers = dict(tuple(error.trailing_metadata() or ()))
        assert DETAILS in trailers, f"no details: {error.code()} {error.details()}"
        status = Status.FromString(trailers[DETAILS])
        assert (status.code, status.message) == (error.code().value[0], error.details())
        assert trailers["clientela-call-id"]
        found = _unpacked(status)
        info = found[details_pb.ErrorInfo]
        assert (info.domain, bool(info.reason)) == ("clientela", True)
        return cls(
            code=error.code(),
            message=status.message,
            reason=info.reason,
            facts=dict(info.metadata),
            faults={
                each.field: each.description
                for each in _violations(found.get(details_pb.BadRequest, details_pb.BadRequest()))
            },
            resource=_resource(found.get(details_pb.ResourceInfo)),
            retry_after_s=_seconds(found.get(details_pb.RetryInfo)),
            localized=_localized(found.get(details_pb.LocalizedMessage)),
            trailers=trailers,
        )


def refusal(method: Callable[..., Any], request: Any, **options: Any) -> Refused:
    """Make a blocking call that must be refused; of a stream, read it until it is."""
    with pytest.raises(grpc.RpcError) as caught:
        read_out(method(request, **options))
    return Refused.of(caught.value)


def read_out(answer: Any) -> list[Any]:
    """Read a stream to its end; the answer of a unary call is a list of one."""
    return list(answer) if hasattr(answer, "__next__") else [answer]


async def refusal_of(call: Awaitable[Any]) -> Refused:
    """Await an asyncio call that must be refused."""
    with pytest.raises(grpc.RpcError) as caught:
        await call
    return Refused.of(caught.value)


def _unpacked(status: Status) -> dict[type, Any]:
    urls = [detail.type_url for detail in status.details]
    assert len(urls) == len(set(urls)), f"a kind of detail is there twice: {urls}"
    found = {}
    for detail in status.details:
        [kind] = [kind for kind in _KINDS if detail.Is(kind.DESCRIPTOR)]
        found[kind] = kind.FromString(detail.value)
    assert details_pb.ErrorInfo in found
    return found


def _violations(bad_request: Any) -> list[Any]:
    return list(bad_request.field_violations)


def _resource(info: Any) -> tuple[str, str] | None:
    return None if info is None else (info.resource_type, info.resource_name)


def _seconds(info: Any) -> float | None:
    return None if info is None else info.retry_delay.ToNanoseconds() / 1e9


def _localized(message: Any) -> tuple[str, str] | None:
    return None if message is None else (message.locale, message.message)

"""Decode a gRPC status with its google.rpc details (AIP-193) into facts, in this module alone.

Missing or malformed details leave the code and the message. Read next: retry.py, which decides by the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.any_pb2 import Any as PackedMessage
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from clientela_client.errors import Facts, FieldViolation
from clientela_client.failure import Failure


def facts_of(failure: Failure) -> Facts:
    """Return the facts of a failure."""
    trailers = dict(failure.trailers)
    details = _details(trailers.get("grpc-status-details-bin"))
    facts: dict[str, Any] = {}
    for detail in details:
        facts.update(_facts(detail))
    return Facts(
        code=failure.code,
        message=failure.details or f"the server answered {failure.code} without a word",
        call_id=_text(trailers.get("clientela-call-id", "")),
        **facts,
    )


def _details(packed: str | bytes | None) -> list[PackedMessage]:
    if not isinstance(packed, bytes):
        return []
    try:
        return list(status_pb2.Status.FromString(packed).details)
    except DecodeError:
        return []


def _facts(detail: PackedMessage) -> dict[str, Any]:
    """Return the facts of one detail; none if its type is unknown or it is malformed."""
    read = _READERS.get(detail.TypeName())
    if read is None:
        return {}
    message_type, facts = read
    try:
        return facts(message_type.FromString(detail.value))
    except DecodeError:
        return {}


def _error_info(info: Any) -> dict[str, Any]:
    return {"reason": info.reason, "metadata": dict(info.metadata)}


def _bad_request(bad: Any) -> dict[str, Any]:
    return {"violations": tuple(FieldViolation(v.field, v.description) for v in bad.field_violations)}


def _resource_info(info: Any) -> dict[str, Any]:
    return {"resource": info.resource_name}


def _retry_info(info: Any) -> dict[str, Any]:
    return {"retry_after_s": info.retry_delay.seconds + info.retry_delay.nanos / 1e9}


def _localized(localized: Any) -> dict[str, Any]:
    return {"localized_message": localized.message}


_READERS: dict[str, tuple[type[Message], Callable[[Any], dict[str, Any]]]] = {
    "google.rpc.ErrorInfo": (error_details_pb2.ErrorInfo, _error_info),
    "google.rpc.BadRequest": (error_details_pb2.BadRequest, _bad_request),
    "google.rpc.ResourceInfo": (error_details_pb2.ResourceInfo, _resource_info),
    "google.rpc.RetryInfo": (error_details_pb2.RetryInfo, _retry_info),
    "google.rpc.LocalizedMessage": (error_details_pb2.LocalizedMessage, _localized),
}


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")

"""Reads a status off the wire into facts, here and nowhere else: the code and the google.rpc details.

A server that sends no details, or ones that cannot be read, still leaves its code and its text.
Read next: retry.py, which decides what the facts mean.
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
    """Decode what the server, or the wire, said."""
    trailers = dict(failure.trailers)
    details = _details(trailers.get("grpc-status-details-bin"))
    told: dict[str, Any] = {}
    for detail in details:
        told.update(_told(detail))
    return Facts(
        code=failure.code,
        message=failure.details or f"the server answered {failure.code} without a word",
        call_id=_text(trailers.get("clientela-call-id", "")),
        **told,
    )


def _details(packed: str | bytes | None) -> list[PackedMessage]:
    if not isinstance(packed, bytes):
        return []
    try:
        return list(status_pb2.Status.FromString(packed).details)
    except DecodeError:
        return []


def _told(detail: PackedMessage) -> dict[str, Any]:
    """Tell which facts one detail holds; of a kind that we do not know, none."""
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

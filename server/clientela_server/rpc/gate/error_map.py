"""Map exceptions to gRPC statuses with details, in this module alone.

Every error has exactly one ErrorInfo (reason, domain "clientela", facts), and BadRequest, ResourceInfo,
RetryInfo, LocalizedMessage where they apply (AIP-193). An exception that is no Refusal is a server error: the
caller learns the call's id and nothing else.
"""

import errno
from collections.abc import Sequence

from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2
from google.rpc.status_pb2 import Status

from clientela_server.domain import errors
from clientela_server.domain.errors import FieldFault, Refusal
from clientela_server.rpc.gate.call_context import CallContext
from clientela_server.rpc.locales import localized, sentence
from clientela_server.store.database.connection import StoreDamaged, StoreMoved, StoreShort

DOMAIN = "clientela"
# Details travel in trailers, of which clients accept 8 KiB in all, so longer ones are truncated.
_FACT_MAX = 200
_DESCRIPTION_MAX = 500
_FAULTS_BYTES = 2000
_SHORT = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}

CODES: dict[type[Refusal], int] = {
    errors.InvalidArgument: code_pb2.INVALID_ARGUMENT,
    errors.Unauthenticated: code_pb2.UNAUTHENTICATED,
    errors.PermissionDenied: code_pb2.PERMISSION_DENIED,
    errors.NotFound: code_pb2.NOT_FOUND,
    errors.AlreadyExists: code_pb2.ALREADY_EXISTS,
    errors.Aborted: code_pb2.ABORTED,
    errors.FailedPrecondition: code_pb2.FAILED_PRECONDITION,
    errors.OutOfRange: code_pb2.OUT_OF_RANGE,
    errors.ResourceExhausted: code_pb2.RESOURCE_EXHAUSTED,
    errors.DeadlineExceeded: code_pb2.DEADLINE_EXCEEDED,
    errors.Unavailable: code_pb2.UNAVAILABLE,
}


def status_of(error: BaseException, call: CallContext) -> Status:
    """Return the status of an exception, localized if the caller's language is supported."""
    if isinstance(error, Refusal):
        return _refused(error, call)
    if isinstance(error, TimeoutError):
        # The work may have completed without us: only a retry can tell.
        return _unanswered(code_pb2.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", call)
    if isinstance(error, errors.OutcomeUnknown):
        return _unanswered(code_pb2.UNAVAILABLE, "STORE_FAILED", call)
    if isinstance(error, StoreDamaged):
        return _unanswered(code_pb2.DATA_LOSS, "DATA_DAMAGED", call)
    if isinstance(error, StoreMoved):
        return _refused(errors.Unavailable("STORE_UNAVAILABLE", retry_after_s=1), call)
    if _is_out_of_resources(error):
        return _refused(errors.ResourceExhausted("SERVER_SHORT", retry_after_s=1), call)
    return _unanswered(code_pb2.INTERNAL, "INTERNAL", call)


def facts_of(refusal: Refusal) -> dict[str, str]:
    """Return the facts of a refusal, each truncated to fit into the trailers."""
    return {name: truncate(value, _FACT_MAX) for name, value in refusal.facts.items()}


def _is_out_of_resources(error: BaseException) -> bool:
    """Return whether files, memory or buffers ran out: a transient condition."""
    if isinstance(error, OSError):
        return error.errno in _SHORT
    return isinstance(error, StoreShort | MemoryError)


def _refused(refusal: Refusal, call: CallContext) -> Status:
    facts = facts_of(refusal)
    status = Status(code=CODES[type(refusal)], message=sentence(refusal.reason, facts))
    _add(status, error_details_pb2.ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=facts))
    if refusal.faults:
        _add(status, _bad_request(refusal.faults))
    if refusal.resource is not None:
        _add(
            status,
            error_details_pb2.ResourceInfo(
                resource_type=_type_of(refusal.resource), resource_name=refusal.resource
            ),
        )
    if refusal.retry_after_s is not None:
        delay = Duration()
        delay.FromNanoseconds(int(refusal.retry_after_s * 1e9))
        _add(status, error_details_pb2.RetryInfo(retry_delay=delay))
    translated = localized(call.languages, refusal.reason, facts)
    if translated is not None:
        _add(status, error_details_pb2.LocalizedMessage(locale=translated[0], message=translated[1]))
    return status


def _bad_request(faults: Sequence[FieldFault]) -> error_details_pb2.BadRequest:
    """List the violations, as many as fit, and how many were left out."""
    detail = error_details_pb2.BadRequest()
    for place, fault in enumerate(faults):
        if detail.ByteSize() > _FAULTS_BYTES:
            detail.field_violations.add(description=f"and {len(faults) - place} more")
            break
        path, description = truncate(fault.path, _FACT_MAX), truncate(fault.description, _DESCRIPTION_MAX)
        detail.field_violations.add(field=path, description=description)
    return detail


def truncate(text: str, length: int) -> str:
    """Truncate a text to so many bytes of UTF-8, at a character boundary."""
    encoded = text.encode()
    return text if len(encoded) <= length else encoded[: length - 3].decode(errors="ignore") + "..."


def _unanswered(code: int, reason: str, call: CallContext) -> Status:
    facts = {"call_id": call.id}
    status = Status(code=code, message=sentence(reason, facts))
    _add(status, error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=facts))
    return status


def _type_of(resource: str) -> str:
    """Return a resource's type by its name: clientela.dev/Purchase for customers/7/purchases/1."""
    if "/" not in resource:
        return f"clientela.dev/{resource.capitalize()}"
    plural = resource.split("/")[-2]
    return f"clientela.dev/{plural.removesuffix('s').capitalize()}"


def _add(status: Status, detail: Message) -> None:
    packed = Any()
    packed.Pack(detail)
    status.details.append(packed)

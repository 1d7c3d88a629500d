"""From a request message to the call that sends it: its RPC, its deadline and its `request_id`.

The RPC's path, streaming and idempotency come from the contract's descriptors, found by the request's message
type. A write gets its `request_id` here, once, so that all attempts carry the same.
Read next: retry.py, which makes attempts of a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message

from clientela_client.calls.attempt import Call, Method

if TYPE_CHECKING:
    from clientela_client.calls.session import Session

_METHODS: dict[str, Method] = {}


def method_of(request_type: type[Message]) -> Method:
    """Return the RPC that takes this request type; each RPC has its own."""
    name = request_type.DESCRIPTOR.full_name
    found = _METHODS.get(name)
    if found is None:
        found = _METHODS[name] = _described(request_type)
    return found


def _described(request_type: type[Message]) -> Method:
    services = request_type.DESCRIPTOR.file.services_by_name.values()
    service, method = next(
        (service, method)
        for service in services
        for method in service.methods
        if method.input_type is request_type.DESCRIPTOR
    )
    writes = method.GetOptions().idempotency_level != MethodOptions.NO_SIDE_EFFECTS
    return Method(
        path=f"/{service.full_name}/{method.name}",
        name=f"{service.name}.{method.name}",
        request_type=request_type,
        response_type=message_factory.GetMessageClass(cast(Any, method.output_type)),
        streams_in=method.client_streaming,
        streams_out=method.server_streaming,
        writes=writes,
        takes_request_id=writes and "request_id" in request_type.DESCRIPTOR.fields_by_name,
    )


def unary_call(request: Any, session: Session, timeout_s: float | None) -> Call:
    """Return the call of a request with one response; a write without a `request_id` is given a new one.

    timeout_s: the deadline of all attempts together; None: the client's.
    """
    method = method_of(type(request))
    if method.takes_request_id and not request.request_id and not getattr(request, "validate_only", False):
        request.request_id = session.new_request_id()
    return call_of(request, session.timeout_s if timeout_s is None else timeout_s)


def call_of(request: Message, timeout_s: float | None) -> Call:
    """Return the call of a request as it is. A write may be retried only if it carries a `request_id`."""
    method = method_of(type(request))
    writes = method.writes and not getattr(request, "validate_only", False)
    request_id = getattr(request, "request_id", "") or None
    return Call(
        method=method,
        messages=(request.SerializeToString(),),
        writes=writes,
        resendable=not writes or request_id is not None,
        request_id=request_id,
        timeout_s=timeout_s,
    )

"""Requests as values: a `UnaryRequest` has one response, a `PagedRequest` lists the resources of all pages.

A request has a script (effects.py) and does not depend on the runner that runs it. The RPC's path, streaming
and idempotency come from the contract's descriptors, found by the request's message type. A write gets its
`request_id` here, once, so that all attempts carry the same.
Read next: resources.py, which makes methods of requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message

from clientela_client.calls.attempt import attempt_unary
from clientela_client.calls.effects import Call, Emit, Emitting, Method, Script
from clientela_client.calls.retry import call_with_retries

if TYPE_CHECKING:
    from clientela_client.calls.session import Session

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
M = TypeVar("M", bound=Message)

_METHODS: dict[str, Method] = {}


class One(Protocol[T_co]):
    """What `@rpc` methods return: a request with one response."""

    def script(self, session: Session) -> Script[T_co]:
        """Return the script that ends in the response."""
        ...


class Many(Protocol[T_co]):
    """What `@stream` methods return: a request with many items."""

    def script(self, session: Session) -> Emitting[T_co]:
        """Return the script that emits the items."""
        ...


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
    return Method(
        path=f"/{service.full_name}/{method.name}",
        name=f"{service.name}.{method.name}",
        request_type=request_type,
        response_type=message_factory.GetMessageClass(cast(Any, method.output_type)),
        streams_in=method.client_streaming,
        streams_out=method.server_streaming,
        writes=method.GetOptions().idempotency_level != MethodOptions.NO_SIDE_EFFECTS,
    )


def call_of(request: Message, timeout_s: float | None) -> Call:
    """Return the call of a request. A write may be retried only if it carries a request_id."""
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


@dataclass(frozen=True, slots=True)
class UnaryRequest(Generic[M]):
    """A request with one response; timeout_s: its deadline with retries, None for the client's."""

    request: Message
    answer: type[M]
    timeout_s: float | None = None

    def script(self, session: Session) -> Script[M]:
        """Send the request, with retries, and return the response."""
        request: Any = self.request
        if _lacks_id(request):
            request.request_id = session.new_request_id()
        call = call_of(request, session.timeout_s if self.timeout_s is None else self.timeout_s)
        return cast(M, (yield from call_with_retries(call, session, partial(attempt_unary, session=session))))


def _lacks_id(request: Any) -> bool:
    method = method_of(type(request))
    takes_id = method.writes and "request_id" in method.request_type.DESCRIPTOR.fields_by_name
    return takes_id and not request.request_id and not getattr(request, "validate_only", False)


@dataclass(frozen=True, slots=True)
class PagedRequest(Generic[M, T]):
    """A listing, requested page by page as it is iterated.

    page: the type of a page; items: returns the resources of a page; timeout_s: the deadline of each page.
    """

    request: Message
    page: type[M]
    items: Callable[[M], Iterable[T]]
    timeout_s: float | None = None

    def script(self, session: Session) -> Emitting[T]:
        """Request a page and emit its items, as long as there is a next page."""
        request: Any = self.request
        while True:
            page: Any = yield from UnaryRequest(request, self.page, self.timeout_s).script(session)
            yield Emit(self.items(page))
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

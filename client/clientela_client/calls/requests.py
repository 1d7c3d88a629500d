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
    """What `@rpc` methods build."""

    def script(self, session: Session) -> Script[T_co]:
        """Return the answer in the end."""
        ...


class Many(Protocol[T_co]):
    """What `@stream` methods build."""

    def script(self, session: Session) -> Emitting[T_co]:
        """Emit one item after the other."""
        ...


def method_of(request_type: type[Message]) -> Method:
    """Find the RPC that takes this request; each has a request type of its own."""
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
    """Make the call of one request. A write may be sent again only if it carries a request_id."""
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
    """One request and the type of its one answer; `timeout_s` None is the client's own."""

    request: Message
    answer: type[M]
    timeout_s: float | None = None

    def script(self, session: Session) -> Script[M]:
        """Ask until it is answered or cannot be."""
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
    """A listing, asked for page by page as the caller goes on; `items` takes a page's resources out of it.

    `timeout_s` is the deadline of each page.
    """

    request: Message
    page: type[M]
    items: Callable[[M], Iterable[T]]
    timeout_s: float | None = None

    def script(self, session: Session) -> Emitting[T]:
        """Ask for a page, emit what is on it, and go on while there is a next one."""
        request: Any = self.request
        while True:
            page: Any = yield from UnaryRequest(request, self.page, self.timeout_s).script(session)
            yield Emit(self.items(page))
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

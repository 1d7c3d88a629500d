"""REST: HTTP and JSON on the paths that the protos bind (AIP-127): GET /v1/customers/42.

Routes are read from the descriptors' `google.api.http` options: the path, and which fields are in the path,
query or body. Streaming RPCs have no binding; use Connect.
An error is {"error": google.rpc.Status} with the HTTP status that google.rpc.Code names (AIP-193).
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from math import ceil
from typing import TypeVar

from google.api import annotations_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from clientela_server.rpc.gate.call_context import Handler, Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata, Reply
from clientela_server.rpc.gate.encoded import message_of
from clientela_server.rpc.gate.gate import Gate
from clientela_server.web.codecs import malformed, to_json
from clientela_server.web.json_text import Misread
from clientela_server.web.rest_request import message_of as request_of

M = TypeVar("M", bound=Message)
HTTP_STATUS = {
    code_pb2.OK: 200,
    code_pb2.INVALID_ARGUMENT: 400,
    code_pb2.FAILED_PRECONDITION: 400,
    code_pb2.OUT_OF_RANGE: 400,
    code_pb2.UNAUTHENTICATED: 401,
    code_pb2.PERMISSION_DENIED: 403,
    code_pb2.NOT_FOUND: 404,
    code_pb2.ALREADY_EXISTS: 409,
    code_pb2.ABORTED: 409,
    code_pb2.RESOURCE_EXHAUSTED: 429,
    code_pb2.CANCELLED: 499,
    code_pb2.UNKNOWN: 500,
    code_pb2.INTERNAL: 500,
    code_pb2.DATA_LOSS: 500,
    code_pb2.UNIMPLEMENTED: 501,
    code_pb2.UNAVAILABLE: 503,
    code_pb2.DEADLINE_EXCEEDED: 504,
}
# Reasons with an HTTP status that google.rpc.Code has no equivalent of.
_OF_REASON = {"MESSAGE_TOO_LARGE": 413}
_NO_BODY = "a body is not read here: give what it says as parameters of the query"


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP binding: which requests it matches, and the RPC that they call."""

    verb: str
    path: re.Pattern[str]
    _: KW_ONLY
    variables: tuple[str, ...]
    body: str
    rpc: Rpc
    handler: Handler

    @property
    def has_body(self) -> bool:
        """Return whether its HTTP method has a body."""
        return self.verb in {"POST", "PATCH"}

    def request(self, found: re.Match[str], query: bytes, body: bytes) -> bytes:
        """Return the serialized request of path, query and body; InvalidArgument if they are malformed."""
        in_path = list(zip(self.variables, found.groups(), strict=True))
        try:
            message = request_of(self.rpc.request, self.body, body, query, in_path)
        except (Misread, json_format.ParseError) as error:
            raise malformed(self.rpc.request, error) from None
        return message.SerializeToString()


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """A route that matches a request, and the match of its path."""

    route: Route
    found: re.Match[str]


class RestAdapter:
    """Routes requests to unary RPCs."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._routes: list[Route] = []

    def register(self, service: ServiceDescriptor, servicer: object) -> None:
        """Add the bindings of a service's methods."""
        for method in service.methods:
            self._routes += _routes(method, getattr(servicer, method.name))

    def find(self, verb: str, path: str) -> RouteMatch | None:
        """Return the route of a request, None if there is none."""
        for route in self._routes:
            if route.verb == verb and (found := route.path.fullmatch(path)):
                return RouteMatch(route, found)
        return None

    def verbs(self, path: str) -> list[str]:
        """Return the HTTP methods of a path, sorted."""
        found = {route.verb for route in self._routes if route.path.fullmatch(path)}
        return sorted(found | ({"HEAD"} if "GET" in found else set()))

    async def answer(
        self,
        asked: RouteMatch,
        query: bytes,
        read_body: Callable[[], Awaitable[bytes]],
        incoming: CallMetadata,
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Run the call; return the HTTP status, headers and body."""
        route, waiting = asked.route, [read_body]

        async def receive() -> bytes | None:
            if not waiting:
                return None
            read = waiting.pop()
            if not route.has_body and _brings_body(incoming):
                raise malformed(route.rpc.request, Misread("", _NO_BODY))
            return route.request(asked.found, query, await read() if route.body else b"")

        return _written(await self._gate.unary(route.rpc, route.handler, receive, incoming), route.rpc)


def _written(reply: Reply, rpc: Rpc) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = list(reply.trailers)
    if reply.message is not None:
        return 200, headers, to_json(message_of(reply.message, rpc.response))
    assert reply.status is not None
    status = _http_status(reply.status)
    told = json_format.MessageToDict(reply.status)
    written = {**told, "code": status, "status": code_pb2.Code.Name(reply.status.code)}
    headers += _advice(reply.status)
    return status, headers, json.dumps({"error": written}, ensure_ascii=False).encode()


def _http_status(status: Status) -> int:
    """Return the HTTP status of a gRPC status."""
    info = _detail(status, ErrorInfo())
    return _OF_REASON.get(info.reason if info else "", HTTP_STATUS[status.code])


def _advice(status: Status) -> list[tuple[str, str]]:
    """Return `www-authenticate` or `retry-after`, if the status has an equivalent."""
    if status.code == code_pb2.UNAUTHENTICATED:
        return [("www-authenticate", "Bearer")]
    if info := _detail(status, RetryInfo()):
        return [("retry-after", str(ceil(info.retry_delay.ToNanoseconds() / 1e9)))]
    return []


def _detail(status: Status, into: M) -> M | None:
    """Unpack the detail of the type of `into` into it; None if there is none."""
    return into if any(detail.Unpack(into) for detail in status.details) else None


def _brings_body(incoming: CallMetadata) -> bool:
    headers = incoming.metadata
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _routes(method: MethodDescriptor, handler: Handler) -> Iterator[Route]:
    if method.client_streaming or method.server_streaming:
        return
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    for binding in (rule, *rule.additional_bindings):
        verb = binding.WhichOneof("pattern")
        if verb is not None:
            pattern, variables = _pattern(getattr(binding, verb))
            yield Route(
                verb.upper(),
                pattern,
                variables=variables,
                body=binding.body,
                rpc=Rpc.of(method),
                handler=handler,
            )


def _pattern(template: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Read /v1/{name=customers/*}:erase: the places, and the fields that they are of."""
    variables = []
    pattern = ""
    for literal, name, segments in re.findall(r"([^{]+)|\{([a-z_.]+)(?:=([^}]+))?\}", template):
        if literal:
            pattern += re.escape(literal)
        else:
            variables.append(name)
            pattern += "(" + re.escape(segments or "*").replace(r"\*", "[^/:]+") + ")"
    return re.compile(pattern), tuple(variables)

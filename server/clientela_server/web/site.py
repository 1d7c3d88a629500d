"""Routing of the web port: Connect and gRPC-Web methods, REST paths, /metrics, the phone app's files.

Read next: `bodies`, `connect_adapter`, `rest_adapter`.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from google.protobuf.descriptor import ServiceDescriptor

from clientela_server.domain.errors import Refusal
from clientela_server.rpc.gate.call_context import Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata, merge_metadata
from clientela_server.rpc.gate.gate import Gate
from clientela_server.rpc.locales import sentence
from clientela_server.web.bodies import ANONYMOUS_BODY_MAX, MESSAGE_MAX, AsgiReceive, Bodies, Gone
from clientela_server.web.connect_adapter import CALL_METADATA, ConnectAdapter
from clientela_server.web.connections import IS_LONG
from clientela_server.web.content import JSON, fault_of, packing_of, types_of
from clientela_server.web.figures import CONTENT_TYPE, Figures
from clientela_server.web.files import File, Files
from clientela_server.web.http_errors import send_error, send_response
from clientela_server.web.peers import Peers
from clientela_server.web.rest_adapter import RestAdapter, RouteMatch

_EMPTY_ENVELOPE = bytes(5)
_METRICS = "/metrics"


class Site:
    """The ASGI application behind the guard."""

    def __init__(self, gate: Gate, figures: Figures, head: Callable[[], int], peers: Peers) -> None:
        self.peers = peers
        self._bodies = Bodies()
        self._connect = ConnectAdapter(gate)
        self._rest = RestAdapter(gate)
        self._gate = gate
        self._figures = figures
        self._head = head
        self._files = Files()

    def _call_metadata(self, scope: Any) -> CallMetadata:
        headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        return CallMetadata(merge_metadata(headers), None, lambda: self.peers.peer_of(scope))

    def register(self, service: ServiceDescriptor, servicer: object) -> None:
        """Serve a service's Connect and REST paths."""
        self._connect.register(service, servicer)
        self._rest.register(service, servicer)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle one request."""
        verb, path = scope["method"], scope["path"]
        if (rpc := self._connect.find(path)) is not None and verb == "POST":
            if await _is_readable(scope, send, types_of(rpc)):
                await self._called(rpc, scope, receive, send)
        elif asked := self._rest.find("GET" if verb == "HEAD" else verb, path):
            if not asked.route.has_body or await _is_readable(scope, send, JSON, unpacked=True):
                await self._bound(asked, scope, receive, send)
        elif verb in {"GET", "HEAD"} and path == _METRICS:
            await self._metrics(scope, send)
        elif verb in {"GET", "HEAD"} and (file := self._files.find(path)):
            await _send_file(scope, send, file)
        elif allowed := self._verbs(path):
            told = f"{verb[:20]} is not answered here, only {', '.join(allowed)}."
            await send_error(send, path, 405, told, [("allow", ", ".join(allowed))])
        else:
            await send_error(send, path, 404, f"There is nothing at {path[:200]}.")

    def _verbs(self, path: str) -> list[str]:
        """Return the HTTP methods of a path; none if it is unknown."""
        if self._connect.find(path):
            return ["POST"]
        if path == _METRICS or self._files.find(path):
            return ["GET", "HEAD"]
        return self._rest.verbs(path)

    async def _called(self, rpc: Rpc, scope: Any, receive: Any, send: Any) -> None:
        """Handle a Connect call; authorize first, since the library reads the body before the handler."""
        incoming = self._call_metadata(scope)
        CALL_METADATA.set(incoming)
        is_enveloped = not _is_unary(scope)
        with suppress(Gone), self._bodies.new(receive, _most(rpc, is_enveloped)) as body:
            is_admitted = await self._gate.preauthorize(rpc, incoming)
            if is_admitted and rpc.streams_in:
                scope[IS_LONG] = True
                await self._connect(scope, receive, send)
                return
            data = _EMPTY_ENVELOPE if is_enveloped else b""
            if is_admitted:
                try:
                    data = await body.read()
                except Refusal as refusal:
                    incoming.refusal = refusal
            await self._connect(scope, _read_already(data, receive), send)

    async def _bound(self, asked: RouteMatch, scope: Any, receive: Any, send: Any) -> None:
        route = asked.route
        with suppress(Gone), self._bodies.new(receive, _most(route.rpc, is_enveloped=False)) as body:
            status, headers, told = await self._rest.answer(
                asked, scope["query_string"], body.read, self._call_metadata(scope)
            )
            await send_response(send, status, [("content-type", "application/json"), *headers], told)

    async def _metrics(self, scope: Any, send: Any) -> None:
        """Send the metrics; a token is needed, since they reveal how the business does."""
        try:
            await self._gate.authenticate(self._call_metadata(scope))
        except Refusal as refusal:
            told = sentence(refusal.reason, refusal.facts)
            await send_error(send, _METRICS, 401, told, [("www-authenticate", "Bearer")])
            return
        await send_response(send, 200, [("content-type", CONTENT_TYPE)], self._figures.written(self._head()))


async def _is_readable(scope: Any, send: Any, types: tuple[str, ...], *, unpacked: bool = False) -> bool:
    """Return whether a body has an accepted type, else send an error. unpacked: also refuse compression."""
    accept = ("accept-patch" if scope["method"] == "PATCH" else "accept-post", ", ".join(types))
    fault = fault_of(scope, types)
    if not fault and unpacked and (packing := packing_of(scope)):
        fault = f"A body packed as {packing[:100]} is not read: send it as it is."
        accept = ("accept-encoding", "identity")
    if fault:
        await send_error(send, scope["path"], 415, fault, [accept])
    return not fault


async def _send_file(scope: Any, send: Any, file: File) -> None:
    asked = dict(scope["headers"])
    if asked.get(b"if-none-match") == file.etag.encode():
        await send_response(send, 304, file.headers, b"")
        return
    data, packing = file.body(asked.get(b"accept-encoding", b"").decode("latin-1"))
    await send_response(send, 200, [*file.headers, *packing], data)


def _most(rpc: Rpc, is_enveloped: bool) -> int:
    """Return the most bytes of a body, with its envelope."""
    most = ANONYMOUS_BODY_MAX if rpc.rule.public else MESSAGE_MAX
    return most + len(_EMPTY_ENVELOPE) if is_enveloped else most


def _is_unary(scope: Any) -> bool:
    """Return whether a body is a bare message, by Connect's content types; others are enveloped."""
    kind = dict(scope["headers"]).get(b"content-type", b"").partition(b";")[0].strip().lower()
    return kind in {b"application/json", b"application/proto"}


def _read_already(data: bytes, receive: AsgiReceive) -> AsgiReceive:
    """Return an ASGI receive: of the body that was read, and then of the disconnect."""
    waiting = [{"type": "http.request", "body": data, "more_body": False}]

    async def receive_next() -> Any:
        if waiting:
            return waiting.pop()
        while (message := await receive())["type"] != "http.disconnect":
            pass
        return message

    return receive_next

"""What is where on the web port: methods by their paths, the bound paths, /metrics, the phone's files.

Read next: `bodies`, `connect_door`, `rest_door`.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from google.protobuf.descriptor import ServiceDescriptor

from clientela_server.domain.errors import Refusal
from clientela_server.rpc.arrival import Arrival, brought_together
from clientela_server.rpc.call import Rpc
from clientela_server.rpc.gate import Gate
from clientela_server.rpc.texts import sentence
from clientela_server.web.bodies import MESSAGE_MAX, OF_STRANGERS_MAX, AsgiReceive, Bodies, Gone
from clientela_server.web.connect_door import ARRIVAL, ConnectDoor
from clientela_server.web.connections import IS_LONG
from clientela_server.web.figures import CONTENT_TYPE, Figures
from clientela_server.web.files import Files
from clientela_server.web.peers import Peers
from clientela_server.web.rest_door import Asked, RestDoor

_EMPTY_ENVELOPE = bytes(5)
_Headers = list[tuple[str, str]]


class Site:
    """The ASGI application behind the guard."""

    def __init__(self, gate: Gate, figures: Figures, head: Callable[[], int], peers: Peers) -> None:
        self.peers = peers
        self._bodies = Bodies()
        self._connect = ConnectDoor(gate)
        self._rest = RestDoor(gate)
        self._gate = gate
        self._figures = figures
        self._head = head
        self._files = Files()

    def _arrival(self, scope: Any) -> Arrival:
        headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        return Arrival(brought_together(headers), None, lambda: self.peers.peer_of(scope))

    def register(self, service: ServiceDescriptor, servicer: object) -> None:
        """Serve a service on every path that it has here."""
        self._connect.register(service, servicer)
        self._rest.register(service, servicer)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        rpc = self._connect.find(scope["path"]) if scope["method"] == "POST" else None
        if rpc is not None:
            await self._called(rpc, scope, receive, send)
        elif asked := self._rest.find(scope["method"], scope["path"]):
            await self._bound(asked, scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"}:
            await self._get(scope, send)
        else:
            await _send(send, 404, [], b"")

    async def _called(self, rpc: Rpc, scope: Any, receive: Any, send: Any) -> None:
        """Let Connect's library answer, which reads the body first: so we ask before that who sends it."""
        arrival = self._arrival(scope)
        ARRIVAL.set(arrival)
        with suppress(Gone), self._bodies.new(receive, _most(rpc)) as body:
            is_met = await self._gate.meet(rpc, arrival)
            if is_met and rpc.streams_in:
                scope[IS_LONG] = True
                await self._connect(scope, receive, send)
                return
            data = b"" if _is_unary(scope) else _EMPTY_ENVELOPE
            if is_met:
                try:
                    data = await body.read()
                except Refusal as refusal:
                    arrival.refusal = refusal
            await self._connect(scope, _read_already(data, receive), send)

    async def _bound(self, asked: Asked, scope: Any, receive: Any, send: Any) -> None:
        route = asked.route
        with suppress(Gone), self._bodies.new(receive, _most(route.rpc)) as body:
            status, headers, answer = await self._rest.answer(
                asked, scope["query_string"], body.read, self._arrival(scope)
            )
            await _send(send, status, [("content-type", "application/json"), *headers], answer)

    async def _get(self, scope: Any, send: Any) -> None:
        if scope["path"] == "/metrics":
            await self._metrics(scope, send)
            return
        file = self._files.find(scope["path"])
        asked = dict(scope["headers"])
        if file is None:
            await _send(send, 404, [], b"")
        elif asked.get(b"if-none-match") == file.etag.encode():
            await _send(send, 304, file.headers, b"")
        else:
            data, packing = file.body(asked.get(b"accept-encoding", b"").decode("latin-1"))
            await _send(send, 200, [*file.headers, *packing], data, has_body=scope["method"] == "GET")

    async def _metrics(self, scope: Any, send: Any) -> None:
        """Tell the figures to whoever has a token: they say how the business goes."""
        try:
            await self._gate.know(self._arrival(scope))
        except Refusal as refusal:
            answer = json.dumps({"message": sentence(refusal.reason, refusal.facts)}).encode()
            await _send(send, 401, [("content-type", "application/json")], answer)
            return
        await _send(send, 200, [("content-type", CONTENT_TYPE)], self._figures.written(self._head()))


def _most(rpc: Rpc) -> int:
    """Tell how long a body may be: with the few bytes that an envelope has."""
    return (OF_STRANGERS_MAX if rpc.rule.public else MESSAGE_MAX) + len(_EMPTY_ENVELOPE)


def _is_unary(scope: Any) -> bool:
    """Tell whether a body is a message alone, by Connect's content types; others are in envelopes."""
    kind = dict(scope["headers"]).get(b"content-type", b"").partition(b";")[0].strip().lower()
    return kind in {b"application/json", b"application/proto"}


def _read_already(data: bytes, receive: AsgiReceive) -> AsgiReceive:
    """Make what gives a body that was read, and then tells when the caller has gone."""
    waiting = [{"type": "http.request", "body": data, "more_body": False}]

    async def receive_next() -> Any:
        if waiting:
            return waiting.pop()
        while (message := await receive())["type"] != "http.disconnect":
            pass
        return message

    return receive_next


async def _send(send: Any, status: int, headers: _Headers, body: bytes, *, has_body: bool = True) -> None:
    sized = [*headers, ("content-length", str(len(body)))] if status != 304 else headers
    written = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sized]
    await send({"type": "http.response.start", "status": status, "headers": written})
    await send({"type": "http.response.body", "body": body if has_body else b""})

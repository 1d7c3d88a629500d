"""What is where on the web port: methods by their paths, the bound paths, /metrics, the phone's files.

Read next: `connect_door`, `rest_door`.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import ServiceDescriptor

from clientela_server.domain.errors import Refusal
from clientela_server.rpc.gate import REQUEST_LIMIT_S, Arrival, Gate, brought_together
from clientela_server.rpc.texts import sentence
from clientela_server.web.connect_door import MESSAGE_MAX, ConnectDoor
from clientela_server.web.figures import CONTENT_TYPE, Figures
from clientela_server.web.files import Files
from clientela_server.web.rest_door import Asked, RestDoor

_Headers = list[tuple[str, str]]


class Site:
    """The ASGI application behind the guard."""

    def __init__(self, gate: Gate, figures: Figures, head: Callable[[], int]) -> None:
        self._connect = ConnectDoor(gate)
        self._rest = RestDoor(gate)
        self._gate = gate
        self._figures = figures
        self._head = head
        self._files = Files()

    def register(self, service: ServiceDescriptor, servicer: object) -> None:
        """Serve a service on every path that it has here."""
        self._connect.register(service, servicer)
        self._rest.register(service, servicer)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if self._connect.knows(scope["path"]) and scope["method"] == "POST":
            await self._connect(scope, receive, send)
        elif asked := self._rest.find(scope["method"], scope["path"]):
            await self._bound(asked, scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"}:
            await self._get(scope, send)
        else:
            await _send(send, 404, [], b"")

    async def _bound(self, asked: Asked, scope: Any, receive: Any, send: Any) -> None:
        try:
            async with asyncio.timeout(REQUEST_LIMIT_S):
                body = await _read(receive)
        except TimeoutError:
            await _send(send, 408, [], b"")
            return
        if body is None:
            await _send(send, 413, [], b"")
            return
        status, headers, answer = await self._rest.answer(
            asked, scope["query_string"].decode("latin-1"), body, _arrival(scope)
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
            await self._gate.know(_arrival(scope))
        except Refusal as refusal:
            answer = json.dumps({"message": sentence(refusal.reason, refusal.facts)}).encode()
            await _send(send, 401, [("content-type", "application/json")], answer)
            return
        await _send(send, 200, [("content-type", CONTENT_TYPE)], self._figures.written(self._head()))


def _arrival(scope: Any) -> Arrival:
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    host, port = scope["client"] or ("", 0)
    return Arrival(brought_together(headers), None, lambda: f"{host}:{port}")


async def _read(receive: Any) -> bytes | None:
    """Read the body; None where it is too large."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += bytes(message.get("body", b""))
        if len(body) > MESSAGE_MAX:
            return None
        if not message.get("more_body"):
            return body


async def _send(send: Any, status: int, headers: _Headers, body: bytes, *, has_body: bool = True) -> None:
    sized = [*headers, ("content-length", str(len(body)))] if status != 304 else headers
    written = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sized]
    await send({"type": "http.response.start", "status": status, "headers": written})
    await send({"type": "http.response.body", "body": body if has_body else b""})

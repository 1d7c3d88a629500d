"""The same unary call by every transport, each down to the same answer: a message, or a google.rpc.Status.

Bytes are put together and taken apart here by hand where that is short, so that no library of the server's
is its own witness.
"""

import asyncio
import base64
import http.client
import json
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status

from clientela_lab.patience import HANG_S

DEADLINE_S = HANG_S
Headers = Mapping[str, str]


@dataclass(frozen=True)
class Heard:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(url: str, method: str, path: str, headers: Headers, body: bytes | None = None) -> Heard:
    """Make one HTTP request on a connection of its own."""
    connection = http.client.HTTPConnection(url.partition("://")[2], timeout=DEADLINE_S)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Heard(answer.status, names, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Place:
    """Where a server is, on both of its ports, and who asks."""

    address: str
    url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    def ask(self, method: str, path: str, kind: str | None = None, body: bytes | None = None) -> Heard:
        content = {"content-type": kind} if kind else {}
        return ask(self.url, method, path, {**self.headers, **content}, body)


async def by_grpc(place: Place, path: str, request: Message, answer: type[Message]) -> Message:
    """gRPC's own library."""
    async with grpc.aio.insecure_channel(place.address) as channel:
        call = channel.unary_unary(path, type(request).SerializeToString, answer.FromString)
        metadata = tuple(place.headers.items())
        try:
            message: Message = await call(request, metadata=metadata, timeout=DEADLINE_S)
        except grpc.aio.AioRpcError as error:
            return Status.FromString(dict([*error.trailing_metadata()])["grpc-status-details-bin"])
        return message


async def by_connect(place: Place, path: str, request: Message, answer: type[Message]) -> Message:
    """Connect, protobuf's bytes."""
    heard = await asyncio.to_thread(place.ask, "POST", path, "application/proto", request.SerializeToString())
    return answer.FromString(heard.body) if heard.status == 200 else _connect_error(heard)


async def by_connect_json(place: Place, path: str, request: Message, answer: type[Message]) -> Message:
    """Connect, JSON: what curl sends."""
    body = json_format.MessageToJson(request).encode()
    heard = await asyncio.to_thread(place.ask, "POST", path, "application/json", body)
    return json_format.Parse(heard.body, answer()) if heard.status == 200 else _connect_error(heard)


def _connect_error(heard: Heard) -> Status:
    told = json.loads(heard.body)
    names = {"canceled": "CANCELLED"}
    status = Status(
        code=code_pb2.Code.Value(names.get(told["code"], told["code"].upper())), message=told["message"]
    )
    for detail in told.get("details", ()):
        value = detail["value"] + "=" * (-len(detail["value"]) % 4)
        status.details.add(type_url=f"type.googleapis.com/{detail['type']}", value=base64.b64decode(value))
    return status


async def by_grpc_web(place: Place, path: str, request: Message, answer: type[Message]) -> Message:
    """gRPC-Web: trailers are a frame of the body, or headers where there is nothing else."""
    data = request.SerializeToString()
    body = struct.pack(">BI", 0, len(data)) + data
    heard = await asyncio.to_thread(place.ask, "POST", path, "application/grpc-web+proto", body)
    frames = dict(_frames(heard.body))
    told = _trailers(frames[0x80]) if 0x80 in frames else heard.headers
    if told["grpc-status"] == "0":
        return answer.FromString(frames[0])
    details = told["grpc-status-details-bin"]
    status = Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
    assert str(status.code) == told["grpc-status"]
    assert status.message == unquote(told["grpc-message"])
    return status


def _frames(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while body:
        kind, length = struct.unpack(">BI", body[:5])
        found.append((kind, body[5 : 5 + length]))
        body = body[5 + length :]
    return found


def _trailers(block: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in block.decode().strip().split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


async def by_rest(place: Place, path: str, request: Any, answer: type[Message]) -> Message:
    """Plain HTTP on the bound path; for requests that are nothing but a name."""
    heard = await asyncio.to_thread(place.ask, "GET", f"/v1/{quote(request.name)}")
    told = json.loads(heard.body)
    if heard.status == 200:
        return json_format.ParseDict(told, answer())
    assert told["error"]["code"] == heard.status
    error = {**told["error"], "code": code_pb2.Code.Value(told["error"].pop("status"))}
    error.pop("status")
    return json_format.ParseDict(error, Status())


Transport = Callable[[Place, str, Any, type[Message]], Awaitable[Message]]
TRANSPORTS: dict[str, Transport] = {
    "gRPC": by_grpc,
    "Connect": by_connect,
    "Connect JSON": by_connect_json,
    "gRPC-Web": by_grpc_web,
    "HTTP path": by_rest,
}

"""The adapter for Connect and gRPC-Web: runs calls of `connectrpc` through the gate.

The library implements the protocols: envelopes, trailers, errors as JSON. It gets one endpoint for each
method of the descriptors, and codecs that leave bodies unparsed (see `codecs`). Read next: `rpc/gate`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status
from protobuf.wkt import Any as WireAny

from clientela_server.rpc.gate.call_context import Handler, Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata, Reply
from clientela_server.rpc.gate.encoded import Answer, message_of
from clientela_server.rpc.gate.gate import Gate
from clientela_server.rpc.gate.validation import Receive
from clientela_server.web.bodies import MESSAGE_MAX
from clientela_server.web.codecs import BinaryCodec, Body, JsonCodec

Context = RequestContext[Any, Any]
# Set by the site before the body is read; each request is a task with a context of its own.
CALL_METADATA: ContextVar[CallMetadata] = ContextVar("call_metadata")
_CODES = {
    value: Code("canceled" if name == "CANCELLED" else name.lower())
    for name, value in code_pb2.Code.items()
    if value != code_pb2.OK
}


class ConnectAdapter(ConnectASGIApplication[None]):
    """Serves RPCs at their paths, /package.Service/Method."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._by_path: dict[str, Any] = {}
        self._rpcs: dict[str, Rpc] = {}
        super().__init__(
            service=None,
            endpoints=lambda _: self._by_path,
            read_max_bytes=MESSAGE_MAX,
            compressions=(),  # as on gRPC: a compressed body may expand to a gigabyte
            codecs=(BinaryCodec(), JsonCodec()),
        )

    @property
    def path(self) -> str:
        """Return the path prefix: none."""
        return ""

    def register(self, service: ServiceDescriptor, servicer: object) -> None:
        """Serve a service: each method of the descriptor by the servicer's method of that name."""
        for method in service.methods:
            rpc = Rpc.of(method)
            self._rpcs[rpc.path] = rpc
            self._by_path[rpc.path] = _endpoint(self._gate, rpc, getattr(servicer, method.name))

    def find(self, path: str) -> Rpc | None:
        """Return the RPC of a path, None if there is none."""
        return self._rpcs.get(path)


def _endpoint(gate: Gate, rpc: Rpc, handler: Handler) -> Any:
    kinds: dict[tuple[bool, bool], tuple[Any, StreamType]] = {
        (False, False): (Endpoint.unary, StreamType.UNARY),
        (True, False): (Endpoint.client_stream, StreamType.CLIENT_STREAM),
        (False, True): (Endpoint.server_stream, StreamType.SERVER_STREAM),
        (True, True): (Endpoint.bidi_stream, StreamType.BIDI_STREAM),
    }
    make, kind = kinds[rpc.streams_in, rpc.streams_out]
    service, _, name = rpc.path[1:].partition("/")
    method = MethodInfo(
        name=name,
        service_name=service,
        input=rpc.request,
        output=rpc.response,
        # Reads may be asked by GET elsewhere (`rest_adapter`), where paths are made for it.
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=kind,
    )
    answer: Any = _stream if rpc.streams_out else _unary

    def function(request: Body | AsyncIterator[Body], context: Context) -> Any:
        bodies = _one(request) if isinstance(request, Body) else request
        return answer(gate, rpc, handler, bodies, context)

    return make(method=method, function=function)


async def _one(body: Body) -> AsyncIterator[Body]:
    yield body


async def _unary(
    gate: Gate, rpc: Rpc, handler: Handler, bodies: AsyncIterator[Body], context: Context
) -> Message:
    reply = await gate.unary(rpc, handler, _receive(rpc, bodies), _call_metadata(context))
    _end(reply, context)
    assert reply.message is not None
    return message_of(reply.message, rpc.response)


async def _stream(
    gate: Gate, rpc: Rpc, handler: Handler, bodies: AsyncIterator[Body], context: Context
) -> AsyncIterator[Message]:
    """Stream messages: the gate pushes them, the library pulls them, and a relay connects the two."""
    relay = Relay()
    passing = asyncio.ensure_future(
        gate.stream(rpc, handler, _receive(rpc, bodies), _call_metadata(context), relay.send)
    )
    passing.add_done_callback(lambda _: relay.close())
    try:
        async for message in relay:
            yield message_of(message, rpc.response)
        _end(await passing, context)
    finally:
        passing.cancel()


class Relay:
    """A queue of one message: `send` returns when the next one is requested, so the last was written."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._taken = asyncio.Event()

    async def send(self, message: Answer) -> None:
        """Pass on a message, and wait until it was written."""
        self._taken.clear()
        self._waiting.put_nowait(message)
        await self._taken.wait()

    def close(self) -> None:
        """End the iteration."""
        self._waiting.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Answer]:
        while (message := await self._waiting.get()) is not None:
            yield message
            self._taken.set()


def _receive(rpc: Rpc, bodies: AsyncIterator[Body]) -> Receive:
    async def receive() -> bytes | None:
        body = await anext(bodies, None)
        return None if body is None else body.binary(rpc.request)

    return receive


def _call_metadata(context: Context) -> CallMetadata:
    left_ms = context.timeout_ms
    incoming = CALL_METADATA.get()
    incoming.time_left_s = None if left_ms is None else left_ms / 1000
    return incoming


def _end(reply: Reply, context: Context) -> None:
    for name, value in reply.trailers:
        context.response_trailers.add(name, value)
    if reply.status is not None:
        raise _error(reply.status)


def _error(status: Status) -> ConnectError:
    details = [WireAny(type_url=detail.type_url, value=detail.value) for detail in status.details]
    return ConnectError(_CODES[status.code], status.message, details=details)

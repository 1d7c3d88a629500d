"""The door for gRPC: it turns a call of grpc.aio into one that the gate understands, and the reply back.

Rule: nothing here or in the gate may be part of a circle of references with the call in it. gRPC lets go of a
call when its last reference is gone; until the garbage collector came by it would hold one of the 100 streams
of its connection, and a client that was refused a hundred times in a row would be refused its connection.
Read next: `gate`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status
from grpc.aio import ServicerContext

from clientela_server.rpc.gate.call_context import Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata, Reply, merge_metadata
from clientela_server.rpc.gate.encoded import serializer
from clientela_server.rpc.gate.gate import Gate, Handler, Receive, Send

if TYPE_CHECKING:
    Context = ServicerContext[Any, Any]
_STATUS = {code.value[0]: code for code in grpc.StatusCode}


def register(
    server: grpc.aio.Server, gate: Gate, service: ServiceDescriptor, servicer: object, name: str | None = None
) -> None:
    """Serve a service: each method of the descriptor by the servicer's method of that name.

    RuleMissing or AttributeError if one is not in the table of who may, or not implemented: better at
    start than at the first call. `name` is the full name to serve it under, where it has two.
    """
    handlers = {}
    for method in service.methods:
        rpc = Rpc.of(method, name)
        handlers[method.name] = _method_handler(gate, rpc, getattr(servicer, method.name))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(name or service.full_name, handlers),)
    )


def _method_handler(gate: Gate, rpc: Rpc, handler: Handler) -> grpc.RpcMethodHandler[Any, Any]:
    """Take every request as a stream of messages, though there be only one, so that the gate reads it.

    So who sends half of a message is known and counted, and what can't be read is answered like all else.
    """
    make = grpc.stream_unary_rpc_method_handler
    if rpc.needs_flow_control:
        make = grpc.stream_stream_rpc_method_handler
    return make(_answer(gate, rpc, handler), response_serializer=serializer(rpc.response))


def _answer(gate: Gate, rpc: Rpc, handler: Handler) -> Callable[[Any, Context], Awaitable[Any]]:
    async def answer(received: Any, context: Context) -> Any:
        incoming, receive = _call_metadata(context), _receive(context)
        try:
            if rpc.needs_flow_control:
                reply = await gate.stream(rpc, handler, receive, incoming, _send(context))
            else:
                # gRPC sends the answer after it has left here, and a server that stops waits for that too.
                gate.track(cast("asyncio.Task[Any]", asyncio.current_task()))
                reply = await gate.unary(rpc, handler, receive, incoming)
        except Exception as error:  # noqa: BLE001 - gRPC would tell the caller its words
            structlog.get_logger().error("not answered", rpc=rpc.name, exc_info=error)
            reply = Reply(None, Status(code=code_pb2.INTERNAL, message="Something went wrong."), ())
        try:
            await _end(reply, context)
        except grpc.aio.AbortError as error:
            # gRPC keeps this error with the call, and the error keeps the frames that it came through.
            del received, receive, incoming, context
            raise error.with_traceback(None) from None
        except grpc.aio.BaseError:
            # The call is over: its caller has gone, or gRPC itself has refused it, as too large.
            raise asyncio.CancelledError from None
        return reply.message

    return answer


def _send(context: Context) -> Send:
    """Write messages by the context, the headers before the first by themselves.

    Were they sent with a first message that waits for its reader, grpc.aio would take them for not sent
    yet, and send them again with the status: gRPC's core refuses that, and the caller never learns how the
    call ended.
    """
    begun = False

    async def send(message: Any) -> None:
        nonlocal begun
        try:
            if not begun:
                begun = True
                await context.send_initial_metadata(())
            await context.write(message)
        except grpc.aio.BaseError:
            # The caller has gone while we were writing: that is nobody's fault.
            raise asyncio.CancelledError from None

    return send


def _receive(context: Context) -> Receive:
    """Read messages by the context; the iterator that gRPC offers is part of a circle that keeps the call."""

    async def receive() -> bytes | None:
        message = await context.read()
        return None if message is grpc.aio.EOF else message

    return receive


def _call_metadata(context: Context) -> CallMetadata:
    metadata = merge_metadata(context.invocation_metadata() or ())
    return CallMetadata(metadata, context.time_remaining(), context.peer)


async def _end(reply: Reply, context: Context) -> None:
    if reply.status is None:
        context.set_trailing_metadata(reply.trailers)
        return
    details = ("grpc-status-details-bin", reply.status.SerializeToString())
    await context.abort(_STATUS[reply.status.code], reply.status.message, (*reply.trailers, details))

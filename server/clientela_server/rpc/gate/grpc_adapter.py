"""The adapter for gRPC: runs calls of grpc.aio through the gate and sends its replies.

Rule: no reference cycle here or in the gate may hold the call. gRPC frees a call with its last reference; in
a cycle it would keep one of its connection's 100 streams until garbage collection, and a client that was
refused a hundred times in a row could open no more streams. Read next: `gate`.
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

    Args:
        name: the full name to serve it under, if not the descriptor's.

    Raises:
        RuleMissing: a method has no row in `authorization`.
        AttributeError: a method is not implemented.
    """
    handlers = {}
    for method in service.methods:
        rpc = Rpc.of(method, name)
        handlers[method.name] = _method_handler(gate, rpc, getattr(servicer, method.name))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(name or service.full_name, handlers),)
    )


def _method_handler(gate: Gate, rpc: Rpc, handler: Handler) -> grpc.RpcMethodHandler[Any, Any]:
    """Register every RPC as one with a request stream, so that the gate reads the message itself.

    So a client that sends half a message is authenticated and counted, and a malformed message gets a
    mapped error.
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
                # gRPC sends the response after this returns; shutdown must wait for that too.
                gate.track(cast("asyncio.Task[Any]", asyncio.current_task()))
                reply = await gate.unary(rpc, handler, receive, incoming)
        except Exception as error:  # noqa: BLE001 - gRPC would send the client its text
            structlog.get_logger().error("not answered", rpc=rpc.name, exc_info=error)
            reply = Reply(None, Status(code=code_pb2.INTERNAL, message="Something went wrong."), ())
        try:
            await _end(reply, context)
        except grpc.aio.AbortError as error:
            # gRPC keeps this exception with the call, and its traceback would keep these frames.
            del received, receive, incoming, context
            raise error.with_traceback(None) from None
        except grpc.aio.BaseError:
            # The call is over: the client is gone, or gRPC itself refused the message as too large.
            raise asyncio.CancelledError from None
        return reply.message

    return answer


def _send(context: Context) -> Send:
    """Return what writes messages to the context, after sending the headers separately.

    If headers were sent with a first message that is blocked by flow control, grpc.aio would send them again
    with the status; gRPC's core rejects that, and the client never gets the status.
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
            # The client disconnected during the write: no error to log.
            raise asyncio.CancelledError from None

    return send


def _receive(context: Context) -> Receive:
    """Return what reads messages from the context; gRPC's own iterator is in a cycle with the call."""

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

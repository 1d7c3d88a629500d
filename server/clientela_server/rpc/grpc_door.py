"""The door for gRPC: it turns a call of grpc.aio into one that the gate understands, and the reply back.

Read next: `gate`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from grpc.aio import ServicerContext

from clientela_server.rpc.call import Rpc
from clientela_server.rpc.gate import Arrival, Gate, Handler, Reply

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
    make: Callable[..., grpc.RpcMethodHandler[Any, Any]] = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[rpc.streams_in, rpc.streams_out]
    answer = _stream(gate, rpc, handler) if rpc.streams_out else _unary(gate, rpc, handler)
    # The gate reads the request, so that what can't be read is answered like everything else that is wrong.
    return make(answer, response_serializer=rpc.response.SerializeToString)


def _unary(gate: Gate, rpc: Rpc, handler: Handler) -> Callable[[Any, Context], Awaitable[Any]]:
    async def answer(request: Any, context: Context) -> Any:
        reply = await gate.unary(rpc, handler, request, _arrival(context))
        await _end(reply, context)
        return reply.message

    return answer


def _stream(gate: Gate, rpc: Rpc, handler: Handler) -> Callable[[Any, Context], Awaitable[None]]:
    async def answer(request: Any, context: Context) -> None:
        async def send(message: Any) -> None:
            try:
                await context.write(message)
            except grpc.aio.BaseError:
                # The caller has gone while we were writing: that is nobody's fault.
                raise asyncio.CancelledError from None

        reply = await gate.stream(rpc, handler, request, _arrival(context), send)
        await _end(reply, context)

    return answer


def _arrival(context: Context) -> Arrival:
    metadata = context.invocation_metadata() or ()
    return Arrival(
        {key: value for key, value in metadata if isinstance(value, str)}, context.time_remaining()
    )


async def _end(reply: Reply, context: Context) -> None:
    if reply.status is None:
        context.set_trailing_metadata(reply.trailers)
        return
    details = ("grpc-status-details-bin", reply.status.SerializeToString())
    await context.abort(_STATUS[reply.status.code], reply.status.message, (*reply.trailers, details))

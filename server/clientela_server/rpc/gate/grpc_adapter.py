"""The adapter for gRPC: runs calls of grpc.aio through the gate and sends its replies.

gRPC asks for the handler of each call, and shows the call's metadata with it. So the handler is made for the
call: the metadata is taken from there, since asking for it a second time would cost as much as validating the
request.

Rule: no reference cycle here or in the gate may hold the call. gRPC frees a call with its last reference; in
a cycle it would keep one of its connection's 100 streams until garbage collection, and a client that was
refused a hundred times in a row could open no more streams. Read next: `gate`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status
from grpc.aio import ServicerContext

from clientela_server.rpc.gate.call_context import Handler, Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata, Reply, merge_metadata
from clientela_server.rpc.gate.encoded import Answer, serialized
from clientela_server.rpc.gate.flow_control import Send
from clientela_server.rpc.gate.gate import Gate

if TYPE_CHECKING:
    Context = ServicerContext[Any, Any]
_STATUS = {code.value[0]: code for code in grpc.StatusCode}


class GrpcAdapter(grpc.GenericRpcHandler):
    """All methods that a gRPC server serves, each behind the gate."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._methods: dict[str, Method] = {}

    def register(self, service: ServiceDescriptor, servicer: object, name: str | None = None) -> None:
        """Serve a service: each method of the descriptor by the servicer's method of that name.

        Args:
            name: the full name to serve it under, if not the descriptor's.

        Raises:
            RuleMissing: a method has no row in `authorization`.
            AttributeError: a method is not implemented.
        """
        for method in service.methods:
            rpc = Rpc.of(method, name)
            self._methods[rpc.path] = Method(self._gate, rpc, getattr(servicer, method.name))

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return the handler of one call, None for an unknown method; gRPC calls this for each call."""
        method = self._methods.get(handler_call_details.method)
        if method is None:
            return None
        make = StreamingCall if method.rpc.streams_out else UnaryCall
        return make(method, handler_call_details.invocation_metadata)


class Method(NamedTuple):
    """A method of a service: behind which gate it is, and what runs it."""

    gate: Gate
    rpc: Rpc
    handler: Handler


class Call:
    """One call, as the handler that gRPC runs.

    Every call has a request stream for gRPC, so that the gate reads the message itself: a client that sends
    half a message is authenticated and counted, and a malformed message gets a mapped error.
    """

    __slots__ = ("_metadata", "_method")
    request_streaming = True
    request_deserializer = response_serializer = None

    def __init__(self, method: Method, metadata: Any) -> None:
        self._method = method
        self._metadata = metadata

    def _incoming(self, context: Context, *, sent_by_task: bool) -> CallMetadata:
        metadata = merge_metadata(self._metadata)
        return CallMetadata(metadata, context.time_remaining(), context.peer, sent_by_task=sent_by_task)


class UnaryCall(Call):
    """A call with one response message."""

    __slots__ = ()
    response_streaming = False

    async def stream_unary(self, _: object, context: Context) -> bytes:
        """Return the serialized response."""
        gate, rpc, handler = self._method
        try:
            # gRPC sends the response after the handler has returned; shutdown must wait for that too.
            incoming = self._incoming(context, sent_by_task=True)
            reply = await gate.unary(rpc, handler, context.read, incoming)
            data = b"" if reply.message is None else serialized(reply.message)
        except Exception as error:  # noqa: BLE001 - gRPC would send the client its text
            reply, data = _not_answered(rpc, error), b""
        await _end(reply, context)
        return data


class StreamingCall(Call):
    """A call whose messages are sent at the client's pace."""

    __slots__ = ()
    response_streaming = True

    async def stream_stream(self, _: object, context: Context) -> None:
        """Send the messages."""
        gate, rpc, handler = self._method
        try:
            # A client that reads nothing takes no status either: shutdown does not wait for that.
            incoming = self._incoming(context, sent_by_task=False)
            reply = await gate.stream(rpc, handler, context.read, incoming, _send(context))
        except Exception as error:  # noqa: BLE001 - gRPC would send the client its text
            reply = _not_answered(rpc, error)
        await _end(reply, context)


def _not_answered(rpc: Rpc, error: Exception) -> Reply:
    structlog.get_logger().error("not answered", rpc=rpc.name, exc_info=error)
    return Reply(None, Status(code=code_pb2.INTERNAL, message="Something went wrong."), ())


def _send(context: Context) -> Send:
    """Return what writes messages to the context, after sending the headers separately.

    If headers were sent with a first message that is blocked by flow control, grpc.aio would send them again
    with the status; gRPC's core rejects that, and the client never gets the status.
    """
    begun = False

    async def send(message: Answer) -> None:
        nonlocal begun
        try:
            if not begun:
                begun = True
                await context.send_initial_metadata(())
            await context.write(serialized(message))
        except grpc.aio.BaseError:
            # The client disconnected during the write: no error to log.
            raise asyncio.CancelledError from None

    return send


async def _end(reply: Reply, context: Context) -> None:
    """Set the trailers, and send the status of an error."""
    if reply.status is None:
        context.set_trailing_metadata(reply.trailers)
        return
    details = ("grpc-status-details-bin", reply.status.SerializeToString())
    try:
        await context.abort(_STATUS[reply.status.code], reply.status.message, (*reply.trailers, details))
    except grpc.aio.AbortError as error:
        # gRPC keeps this exception with the call, and raises it again; its traceback would keep the call.
        error.__traceback__ = None
    except grpc.aio.BaseError:
        # The call is over: the client is gone, or gRPC itself refused the message as too large.
        raise asyncio.CancelledError from None

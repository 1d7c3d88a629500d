"""The yardstick: a bare grpc.aio + uvloop server that answers each call with a message prepared beforehand.

Rule: same grpcio, same method paths, same message types, decoded and encoded as in any server, and nothing
else: no interceptor, no token, no store. What a real server costs beyond this one is its own doing.
Read next: rounds.py.
"""

import asyncio
import signal
import sys
from pathlib import Path

import grpc
import uvloop
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message

# Imported for what they put into the descriptor pool.
from clientela.v1 import customers_pb2, purchases_pb2, standing_pb2  # noqa: F401


def answering(path: str, encoded: bytes) -> tuple[str, dict[str, "grpc.RpcMethodHandler[Message, Message]"]]:
    """Returns the service and the handler for "/service/Method", which always answers `encoded`."""
    service, name = path.strip("/").split("/")
    method = descriptor_pool.Default().FindMethodByName(f"{service}.{name}")
    request_class = message_factory.GetMessageClass(method.input_type)
    response_class = message_factory.GetMessageClass(method.output_type)
    response = response_class.FromString(encoded)

    async def answer(request: Message, context: object) -> Message:
        return response

    handler = grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=request_class.FromString,
        response_serializer=response_class.SerializeToString,
    )
    return service, {name: handler}


async def serve(answers: dict[str, bytes]) -> None:
    """Serves {method path: encoded answer} on a free port, says which, and ends on SIGTERM or SIGINT."""
    server = grpc.aio.server()
    for path, encoded in answers.items():
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(*answering(path, encoded)),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"echo ready grpc=127.0.0.1:{port}", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await server.stop(grace=1)


def main(arguments: list[str]) -> None:
    """Reads `PATH=FILE` arguments, FILE holding the encoded answer of the method PATH, and serves them."""
    pairs = (argument.split("=", 1) for argument in arguments)
    uvloop.run(serve({path: Path(file).read_bytes() for path, file in pairs}))


if __name__ == "__main__":
    main(sys.argv[1:])

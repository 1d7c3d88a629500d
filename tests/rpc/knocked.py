"""A server that is stopped again and again while somebody knocks: a process, for gRPC's core may die of it.

grpcio before 1.80 did (grpc/grpc#41630): what waited for a connection's first frame was taken apart on a
thread where nothing could be taken apart any more, as soon as it was the last to know of the port. One
connection that had said nothing was enough. Usage: python -m tests.rpc.knocked ROUNDS
"""

import asyncio
import socket
import sys
from contextlib import ExitStack

from clientela_server.before_grpc import configure_grpc
from clientela_server.config import Address, Config

HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"
CONNECTIONS = 100
SAID = (b"", HELLO[:10], HELLO)


async def stop_while_knocked_at(said: bytes, *, leaves: bool) -> None:
    """Let three connect, say so much or leave, and stop."""
    from clientela_server.grpc_server import new_grpc_server, open_port

    server = new_grpc_server(CONNECTIONS)
    address = open_port(server, Config(Address("127.0.0.1", 0), ":memory:"), None)
    await server.start()
    with ExitStack() as stack:
        for _ in range(3):
            knocking = stack.enter_context(socket.create_connection((address.host, address.port), 60))
            knocking.send(said)
            if leaves:
                knocking.close()
        await server.stop(None)


async def stop_often(rounds: int) -> None:
    for number in range(rounds):
        await stop_while_knocked_at(SAID[number % len(SAID)], leaves=number % 2 == 1)


if __name__ == "__main__":
    configure_grpc()
    asyncio.run(stop_often(int(sys.argv[1])))
    print("stopped every time")

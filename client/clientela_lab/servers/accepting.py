"""Closes an asyncio server without leaking a connection that is being accepted."""

import asyncio


async def stop_accepting(server: asyncio.Server) -> None:
    """Close a server once every accepted socket has its transport, and its protocol knows.

    asyncio accepts in one iteration of its loop, makes the transport in the next, and calls connection_made
    in the one after. For a server closed before, it makes no transport, and leaks the socket (seen on Python
    3.11); a protocol that is not called yet can't be closed by its owner.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(2):
        await asyncio.sleep(0)
    server.close()

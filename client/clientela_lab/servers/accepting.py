"""Closes an asyncio server without leaking a connection that is being accepted."""

import asyncio


async def stop_accepting(server: asyncio.Server) -> None:
    """Close a server once every accepted socket has its transport.

    asyncio accepts in one iteration of its loop and makes the transport in the next. For a server closed in
    between it makes none, and leaks the socket (seen on Python 3.11).
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    await asyncio.sleep(0)
    server.close()

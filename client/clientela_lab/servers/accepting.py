"""Closing an asyncio server without a connection left open that nobody holds."""

import asyncio


async def stop_accepting(server: asyncio.Server) -> None:
    """Close a server, once all whom it has accepted are with their protocols.

    asyncio accepts in one turn of its loop and makes the transport in the next. For a server that was closed
    in between it makes none, and leaves the socket open (seen on Python 3.11).
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    await asyncio.sleep(0)
    server.close()

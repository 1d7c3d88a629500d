"""Plain sockets at both sides of a proxy: a scripted server, and clients without a protocol."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from clientela_lab.patience import HANG_S
from clientela_lab.servers.accepting import stop_accepting
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.proxy.proxy import Proxy
from clientela_lab.wire.proxy.upstream import ProxyTls, host_and_port
from clientela_lab.wire.record.recording import Recorder

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WITHIN_S = HANG_S


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """Serve each connection with `serve` at the address that is given; ends when all are served."""
    running: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await serve(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(served(reader, writer))
        running[task] = writer
        # Also of a task that was cancelled before it began.
        task.add_done_callback(lambda task: running.pop(task).close())

    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        await stop_accepting(server)
        if running:
            await asyncio.wait(running, timeout=WITHIN_S)


@asynccontextmanager
async def proxying(
    upstream: str, *rules: str, keep: bool = True, tls: ProxyTls | None = None
) -> AsyncIterator[Proxy]:
    """Run a proxy before `upstream` under rules."""
    recorder = Recorder(upstream=upstream, listen="", keep=keep)
    proxy = Proxy(upstream, recorder=recorder, rules=Rules(*rules), tls=tls)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to an address."""
    reader, writer = await asyncio.open_connection(*host_and_port(address))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

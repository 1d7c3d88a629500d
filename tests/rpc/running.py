"""A server within the test's own event loop: for what has to be planted in it, such as a clock or a fault.

Whatever can be seen from outside is tested on a server process instead (the fixture `server`).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from clientela_server import admin
from clientela_server.app import Server
from clientela_server.config import Address, Config
from tests.rpc.callers import Caller
from tests.stores import database_in

# What servers that tests share run: see there.
UNHURRIED = "tests.rpc.unhurried"
# For a client's channel that takes in no more than is read: what is sent beyond waits with the server.
SMALL_WINDOW = (("grpc.http2.lookahead_bytes", 16384), ("grpc.http2.bdp_probe", 0))


class SetClock:
    """A clock that stands still until it is told to go on; in microseconds, as the server's own."""

    def __init__(self, now_us: int = 1_800_000_000_000_000) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us

    def go_on(self, *, days: float = 0, seconds: float = 0) -> None:
        """Let time pass, or with less than zero be set back."""
        self.now_us += round((days * 86_400 + seconds) * 1_000_000)


@dataclass
class Running:
    """A server that takes calls, and its administrator on an asyncio channel."""

    server: Server
    address: str
    database: Path | str
    admin: Caller
    stopped: bool = False

    def caller(self, role: str, name: str) -> Caller:
        """Make a token for somebody, and give him a place on the same channel."""
        return Caller(self.admin.channel, admin.create_token(self.database, name, role, None))

    async def stop(self) -> None:
        """Stop the server, once."""
        if not self.stopped:
            self.stopped = True
            await self.server.stop()


@asynccontextmanager
async def running(
    folder: Path,
    *,
    options: tuple[tuple[str, Any], ...] = (),
    database: Path | str | None = None,
    **config: Any,
) -> AsyncIterator[Running]:
    """Run a server on a free port; started again in the same folder, it has the same data and tokens.

    options: of the client's channel. database: where it is not the folder's own. config: as in `Config`.
    """
    database = database or database_in(folder)
    server = Server(Config(Address("127.0.0.1", 0), database, **config))
    address = str(await server.start())
    async with grpc.aio.insecure_channel(address, options) as channel:
        live = Running(server, address, database, Caller(channel, _token(folder, database)))
        try:
            yield live
        finally:
            await live.stop()


def _token(folder: Path, database: Path | str) -> str:
    kept = folder / "test.token"
    if not kept.exists():
        kept.write_text(admin.create_token(database, "admin", "admin", None))
    return kept.read_text()

"""A database as the server uses it: one writer, point reads, and threads for what reads much.

Both, SQLite and PostgreSQL, keep the same promise: what is read is as of one revision, which is told with it.
Read next: `sqlite_database`, `postgres_database`; `opening`, which chooses.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from clientela_server.store.database.connection import Connection, Writer

T = TypeVar("T")
# The path of a SQLite file, or a URL: postgresql://...
Target = Path | str


class Database(Protocol):
    """An open database of a running server. Made and used on the event loop."""

    @property
    def writer(self) -> Writer:
        """The connection of the committer."""

    @property
    def secret(self) -> bytes:
        """The database's own key, for page tokens and digests."""

    @property
    def truncate_due(self) -> bool:
        """Whether the database's log may hold, from a server before, what was erased."""

    async def read(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Read a row or two; give the result and the revision that it shows."""

    async def scan(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Read much, on a thread, from one snapshot; give the result and the revision that it shows."""

    def snapshot(self) -> AbstractAsyncContextManager["LongSnapshot"]:
        """See the database as it is now for as long as it takes, however much is written meanwhile."""

    def refresh(self) -> None:
        """Let the next read see all that was committed."""

    def follow(self, on_head: Callable[[int], None]) -> None:
        """Call back on the event loop with the journal's head when others may have written to it."""

    def close(self) -> None:
        """Close everything."""


class LongSnapshot:
    """A connection of its own for one long read, which is done step by step on the threads."""

    def __init__(self, connection: Connection, threads: ThreadPoolExecutor) -> None:
        self.connection = connection
        self._threads = threads
        self._step: asyncio.Future[Any] | None = None

    async def step(self, work: Callable[..., T], *arguments: object) -> T:
        """Do the next step on a thread."""
        step = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        self._step = step
        return await asyncio.shield(step)

    def close(self) -> None:
        """Close the connection; where a step is still under way, for its caller has gone, when it is done."""
        if self._step is None or self._step.done():
            self.connection.close()
        else:
            self._step.add_done_callback(lambda _: self.connection.close())

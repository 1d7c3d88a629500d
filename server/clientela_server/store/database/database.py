"""A database as the server uses it: one writer, point reads, and threads for what reads much.

`open_database` gives the one for a path (SQLite) or a URL (PostgreSQL). Both keep the same promise: what is
read is as of one revision, which is told with it. Read next: `sqlite_database`, `postgres_database`.
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
    def forget(self) -> bool:
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


def open_database(target: Target) -> Database:
    """Open a database to serve from, with this version's tables; DatabaseUnusable where that can't be."""
    if isinstance(target, Path):
        from clientela_server.store.database.sqlite_database import SqliteDatabase

        return SqliteDatabase(target)
    from clientela_server.store.database.postgres_database import PostgresDatabase

    return PostgresDatabase(target)


def open_current(target: Target) -> Connection:
    """Open a database for the administrator, also beside a server; DatabaseUnusable where that can't be."""
    if isinstance(target, Path):
        from clientela_server.store.database import sqlite_files

        return sqlite_files.open_current(target)
    from clientela_server.store.database import postgres_database

    return postgres_database.open_current(target)


def open_to_read(target: Target) -> Connection:
    """Open a database only to read it, also beside a server; DatabaseUnusable where that can't be."""
    if isinstance(target, Path):
        from clientela_server.store.database import sqlite_files

        return sqlite_files.open_to_read(target)
    from clientela_server.store.database import postgres_database

    return postgres_database.open_to_read(target)

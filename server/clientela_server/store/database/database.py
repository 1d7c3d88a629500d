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
        """Whether the write-ahead log may still hold data erased by an earlier process."""

    async def read(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Run a point read; return its result and the revision it is as of."""

    @property
    def revision_read(self) -> int | None:
        """The revision that the next point read is as of; None where that is not known before it."""

    async def scan(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Run a long read on a thread, from one snapshot; return its result and the revision it is as of."""

    async def read_or_scan(
        self, is_short: Callable[[Connection], bool], read: Callable[[Connection], T]
    ) -> tuple[T, int]:
        """Run a read as `read` does where it is short, else as `scan` does; `is_short` is a point read."""

    def snapshot(self) -> AbstractAsyncContextManager["LongSnapshot"]:
        """Open a long-lived read snapshot, unaffected by later writes."""

    def refresh(self) -> None:
        """Make committed writes visible to the next read."""

    def follow(self, on_head: Callable[[int], None]) -> None:
        """Call `on_head` on the event loop with the journal's head when other servers may have written."""

    def close(self) -> None:
        """Close everything."""


class LongSnapshot:
    """A dedicated connection for one long read, executed in steps on a thread pool."""

    def __init__(self, connection: Connection, threads: ThreadPoolExecutor) -> None:
        self.connection = connection
        self._threads = threads
        self._step: asyncio.Future[Any] | None = None

    async def step(self, work: Callable[..., T], *arguments: object) -> T:
        """Run the next step on a thread."""
        step = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        self._step = step
        return await asyncio.shield(step)

    def close(self) -> None:
        """Close the connection; where a step is still under way, for its caller has gone, when it is done."""
        if self._step is None or self._step.done():
            self.connection.close()
        else:
            self._step.add_done_callback(lambda _: self.connection.close())

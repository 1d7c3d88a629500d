"""SQLite as a database: one writer, one snapshot on the event loop, a few threads for what reads much.

A point read takes some 10 microseconds, less than handing it to a thread would: it is done on the loop.
Lists and exports are done on threads, each on a snapshot, so that they never hold up a call; but for short
ones, which a switch to a thread would take longer than.
Read next: `sqlite_files` (how the file is locked and opened), `snapshot`.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from clientela_server.store.database.connection import Connection, StoreError, StoreFull
from clientela_server.store.database.database import LongSnapshot
from clientela_server.store.database.files.atomic_files import empty_file, rename_into_place
from clientela_server.store.database.files.sqlite_files import lock_for_server, open_current, startup_errors
from clientela_server.store.database.identity import load_secret
from clientela_server.store.database.reading import begin_snapshot, read_at, read_once
from clientela_server.store.database.snapshot import Snapshot
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.thread_priority import lower_priority
from clientela_server.store.database.upgrade import upgrade_file

T = TypeVar("T")
_SCAN_THREADS = 2


class SqliteDatabase:
    """A file, open for a running server."""

    def __init__(self, path: Path) -> None:
        self._lock = lock_for_server(path)
        self.path = self._lock.place
        with startup_errors():
            upgrade_file(self.path)
            self._lock.acquire()  # where it was rewritten, it is another file now
            self.writer = open_current(self.path)
            self.truncate_due = not _checkpoint_previous_wal(self.writer)
            self.secret = load_secret(self.writer)
        self._lock.require_in_place()
        self.writer.before_commit = self._lock.require_in_place
        self._now = Snapshot(SqliteConnection(self.path, read_only=True))
        self._local = threading.local()
        self._scanners: list[SqliteConnection] = []
        self._threads = ThreadPoolExecutor(_SCAN_THREADS, "scan", initializer=self._open_scanner)

    async def read(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Run a point read on the event loop: cheaper than a thread switch."""
        connection, revision = self._now.acquire()
        return read_at(connection, revision, read), revision

    @property
    def revision_read(self) -> int | None:
        """The revision of the snapshot that point reads share."""
        return self._now.acquire()[1]

    def refresh(self) -> None:
        """Make committed writes visible to the next read."""
        self._now.release()

    def follow(self, on_head: Callable[[int], None]) -> None:
        """No-op: no other process writes to the file."""

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[LongSnapshot]:
        """Open a long-lived read snapshot, unaffected by later writes."""
        snapshot = LongSnapshot(await self._in_thread(self._open_snapshot), self._threads)
        try:
            yield snapshot
        finally:
            snapshot.close()

    async def scan(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Read on a thread, from one snapshot; return the result and the revision that it shows."""
        return await self._in_thread(self._scan, read)

    async def read_or_scan(
        self, is_short: Callable[[Connection], bool], read: Callable[[Connection], T]
    ) -> tuple[T, int]:
        """Read on the event loop what is short, for a thread switch would take longer; else on a thread."""
        connection, revision = self._now.acquire()
        if read_at(connection, revision, is_short):
            return read_at(connection, revision, read), revision
        return await self.scan(read)

    def close(self) -> None:
        """Close everything; the writer last, so that it can truncate the WAL."""
        self._threads.shutdown()
        for connection in self._scanners:
            connection.close()
        if self._lock.is_unlinked:
            self._rescue()
        self._now.close()
        with suppress(StoreError):
            # SQLite does so as well, but not with a file that was moved.
            self.writer.truncate_wal()
        self.writer.close()
        self._lock.close()

    def _rescue(self) -> None:
        """Save the acknowledged data of a file that was unlinked while served, beside its path."""
        with empty_file(self.path) as made:
            connection, revision = self._now.acquire()
            assert isinstance(connection, SqliteConnection)
            connection.copy_to(made)
            rename_into_place(made, self.path.with_name(f"{self.path.name}.removed-{revision}"))

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _open_snapshot(self) -> SqliteConnection:
        self._lock.require_in_place()
        connection = SqliteConnection(self.path, read_only=True)
        begin_snapshot(connection)
        return connection

    def _open_scanner(self) -> None:
        lower_priority()
        self._local.connection = SqliteConnection(self.path, read_only=True)
        self._scanners.append(self._local.connection)

    def _scan(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        return read_once(self._local.connection, read)


def _checkpoint_previous_wal(connection: SqliteConnection) -> bool:
    """Make the WAL of a killed server durable before its entries are served; False if it can't be truncated.

    Its pages may exist only in the page cache: a retried request would be answered from them, and that answer
    must survive a power cut. On a full disk the WAL is at least synced.
    """
    try:
        return connection.truncate_wal()
    except StoreFull:
        return False

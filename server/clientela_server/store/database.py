"""The database: one writer, one snapshot on the event loop, a few threads for what reads much.

A point read takes some 10 microseconds, less than handing it to a thread would: it is done on the loop.
Lists and exports are done on threads, each on a snapshot, so that they never hold up a call.
One server per file: a second one is refused, by a lock that the system lets go with the process.
"""

import asyncio
import fcntl
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import apsw
import sqlalchemy as sa

from clientela_server.ids import new_secret
from clientela_server.store.migrate import SchemaTooNew, migrate
from clientela_server.store.schema import meta
from clientela_server.store.snapshot import Snapshot
from clientela_server.store.sqlite import SqliteConnection
from clientela_server.store.statements import Statement, insert
from clientela_server.store.transaction import head_revision

T = TypeVar("T")
_SCAN_THREADS = 2
_SECRET = Statement(sa.select(meta.c.value).where(meta.c.key == sa.bindparam("key")))
_KEEP = insert(meta)


class DatabaseUnusable(Exception):
    """The file can't be served from; the text says why and what to do."""


class Database:
    """An open database of a running server."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = _lock(path)
        with _explained():
            self.writer = open_current(path)
            _settle(self.writer)
            self.secret = _secret(self.writer)
        self.now = Snapshot(SqliteConnection(path, read_only=True))
        self._local = threading.local()
        self._scanners: list[SqliteConnection] = []
        self._threads = ThreadPoolExecutor(_SCAN_THREADS, "scan", initializer=self._open_scanner)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator["LongSnapshot"]:
        """See the database as it is now for as long as it takes, however much is written meanwhile."""
        snapshot = LongSnapshot(await self._in_thread(self._open_snapshot), self._threads)
        try:
            yield snapshot
        finally:
            snapshot.close()

    async def scan(self, read: Callable[[SqliteConnection], T]) -> tuple[T, int]:
        """Read on a thread, from one snapshot; give the result and the revision that it shows."""
        return await self._in_thread(self._scan, read)

    def close(self) -> None:
        """Close everything; the writer last, so that it can tidy up the log."""
        self._threads.shutdown()
        for connection in self._scanners:
            connection.close()
        self.now.close()
        self.writer.close()
        os.close(self._lock)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _open_snapshot(self) -> SqliteConnection:
        connection = SqliteConnection(self.path, read_only=True)
        connection.begin(write=False)
        head_revision(connection)
        return connection

    def _open_scanner(self) -> None:
        self._local.connection = SqliteConnection(self.path, read_only=True)
        self._scanners.append(self._local.connection)

    def _scan(self, read: Callable[[SqliteConnection], T]) -> tuple[T, int]:
        connection: SqliteConnection = self._local.connection
        connection.begin(write=False)
        try:
            revision = head_revision(connection)
            return read(connection), revision
        finally:
            connection.rollback()


class LongSnapshot:
    """A connection of its own for one long read, which is done step by step on the threads."""

    def __init__(self, connection: SqliteConnection, threads: ThreadPoolExecutor) -> None:
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


def open_current(path: Path) -> SqliteConnection:
    """Open a database for writing, with the tables of this version; DatabaseUnusable where that can't be."""
    with _explained():
        connection = SqliteConnection(path)
        migrate(connection)
        connection.begin()  # whether it can be written, is told now
        connection.rollback()
    return connection


@contextmanager
def _explained() -> Iterator[None]:
    """Say in words of ours why a database can't be used, and what to do."""
    try:
        yield
    except (apsw.NotADBError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
        raise DatabaseUnusable(f"can't be used as a database: {error}; give another --database") from None
    except apsw.BusyError:
        raise DatabaseUnusable("another program is writing to it; end that one, then start again") from None
    except apsw.FullError:
        raise DatabaseUnusable("its disk is full; make room, then start again") from None
    except apsw.IOError as error:
        raise DatabaseUnusable(
            f"its disk fails: {error}; see the system's log, mend that, then start again"
        ) from None
    except SchemaTooNew as error:
        raise DatabaseUnusable(str(error)) from None


def _settle(connection: SqliteConnection) -> None:
    """Bring to the disk what the log of a server that was killed still holds, before anybody is shown it.

    It was read from the system's memory, and may never have been on disk: a repeated request would be
    answered by it, and that answer must survive a power cut. On a full disk the log at least is synced.
    """
    with suppress(apsw.FullError):
        connection.forget_log()


def _lock(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseUnusable(
            f"its folder can't be written: {error.strerror}; give another --database"
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise DatabaseUnusable(
            "another server has it open; stop that one, or give another --database"
        ) from None
    return handle


def _secret(connection: SqliteConnection) -> bytes:
    """Read the database's own key, made at its first start."""
    rows = connection.run(_SECRET, {"key": "secret"})
    if rows:
        return bytes(rows[0][0])
    secret = new_secret()
    connection.run(_KEEP, {"key": "secret", "value": secret})
    return secret

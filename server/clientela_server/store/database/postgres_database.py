"""PostgreSQL as a database: one writer, reader threads, and a follower of other servers' commits.

A read waits for the network, so none is done on the event loop. Several servers may share one database: each
hears of every commit by LISTEN/NOTIFY, and looks for itself once a second, should a word have been lost.
Read next: `postgres` for the connection, `committer` for what happens when it breaks.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar

from clientela_server.clock import monotonic
from clientela_server.domain.errors import Unavailable
from clientela_server.store.database.connection import (
    Connection,
    DatabaseUnusable,
    StoreBusy,
    StoreConflict,
    StoreError,
    StoreLost,
)
from clientela_server.store.database.database import LongSnapshot
from clientela_server.store.database.identity import load_secret
from clientela_server.store.database.migrate import SchemaTooNew, SchemaTooOld, migrate, require_current
from clientela_server.store.database.postgres import PostgresConnection
from clientela_server.store.database.reading import begin_snapshot, head_revision, read_once

T = TypeVar("T")
_READ_THREADS = 4
_SCAN_THREADS = 2
_LOOK_S = 1.0
# How long the follower waits in one go: at the end of the server, that is how long it is waited for.
_NOTIFY_WAIT_S = 0.2


class PostgresDatabase:
    """A database of a PostgreSQL server, open for a running server of ours."""

    #: PostgreSQL keeps its log by itself.
    truncate_due = False
    #: Another server may have written a moment ago.
    revision_read = None

    def __init__(self, url: str) -> None:
        self.writer = open_current(url)
        self.secret = load_secret(self.writer)
        self._url = url
        self._reads = _Readers(url, "read", _READ_THREADS)
        self._scans = _Readers(url, "scan", _SCAN_THREADS)
        self._follower: _Follower | None = None

    async def read(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Run a point read on its own threads, never queued behind a long read."""
        return await self._reads.read(read)

    async def scan(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Read much from one snapshot; return the result and the revision that it shows."""
        return await self._scans.read(read)

    async def read_or_scan(
        self,
        is_short: Callable[[Connection], bool],
        read: Callable[[Connection], T],
    ) -> tuple[T, int]:
        """Read from one snapshot; return the result and the revision that it shows."""
        return await self.scan(read)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[LongSnapshot]:
        """Open a long-lived read snapshot, unaffected by later writes."""
        snapshot = LongSnapshot(await self._scans.run(self._open_snapshot), self._scans.threads)
        try:
            with _translate_errors():
                yield snapshot
        finally:
            snapshot.close()

    def refresh(self) -> None:
        """No-op: every read takes a snapshot of its own."""

    def follow(self, on_head: Callable[[int], None]) -> None:
        """Call back on the event loop with the journal's head, whoever has written."""
        self._follower = _Follower(self._url, on_head, asyncio.get_running_loop())
        self._follower.start()

    def close(self) -> None:
        """Close everything."""
        if self._follower is not None:
            self._follower.stop()
        self._reads.close()
        self._scans.close()
        self.writer.close()

    def _open_snapshot(self) -> PostgresConnection:
        connection = PostgresConnection(self._url, read_only=True)
        begin_snapshot(connection)
        return connection


class _Readers:
    """A pool of reader threads, each with its own lazily opened connection."""

    def __init__(self, url: str, name: str, count: int) -> None:
        self._url = url
        self._local = threading.local()
        self._opened: list[PostgresConnection] = []
        self.threads = ThreadPoolExecutor(count, name)

    async def read(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        """Read from one snapshot; retry once on a broken connection."""
        return await self.run(self._read_again, read)

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Run work on one of the threads; Unavailable if the database is unreachable or too busy."""
        with _translate_errors():
            return await asyncio.get_running_loop().run_in_executor(self.threads, work, *arguments)

    def close(self) -> None:
        """Wait for the reads under way, and close the connections."""
        self.threads.shutdown()
        for connection in self._opened:
            connection.close()

    def _read_again(self, read: Callable[[Connection], T]) -> tuple[T, int]:
        connection = self._connection()
        try:
            return read_once(connection, read)
        except StoreLost:
            connection.reopen()
            return read_once(connection, read)

    def _connection(self) -> PostgresConnection:
        connection: PostgresConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = PostgresConnection(self._url, read_only=True)
            self._local.connection = connection
            self._opened.append(connection)
        return connection


class _Follower:
    """A thread that receives commit notifications, and polls for missed ones."""

    def __init__(self, url: str, on_head: Callable[[int], None], loop: asyncio.AbstractEventLoop) -> None:
        self._url = url
        self._on_head = on_head
        self._loop = loop
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="follower", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, within a moment."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.is_set():
            with suppress(StoreError):
                connection = PostgresConnection(self._url, read_only=True)
                try:
                    connection.listen()
                    self._listen(connection)
                finally:
                    connection.close()
            self._stopped.wait(_NOTIFY_WAIT_S)

    def _listen(self, connection: PostgresConnection) -> None:
        due = 0.0
        while not self._stopped.is_set():
            if monotonic() >= due:
                self._report_head(head_revision(connection))
                due = monotonic() + _LOOK_S
            head = connection.wait_for_head(_NOTIFY_WAIT_S)
            if head is not None:
                self._report_head(head)

    def _report_head(self, head: int) -> None:
        self._loop.call_soon_threadsafe(self._on_head, head)


def open_current(url: str) -> PostgresConnection:
    """Open a database for writing and migrate it to this version; DatabaseUnusable if that fails."""
    with startup_errors():
        connection = PostgresConnection(url)
        try:
            migrate(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def open_to_read(url: str) -> PostgresConnection:
    """Open a database read-only; DatabaseUnusable if that fails."""
    with startup_errors():
        connection = PostgresConnection(url, read_only=True)
        try:
            require_current(connection)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def startup_errors() -> Iterator[None]:
    """Translate store errors at start into DatabaseUnusable."""
    try:
        yield
    except StoreLost as error:
        raise DatabaseUnusable(f"can't be reached: {_first_line(error)}") from None
    except StoreError as error:
        raise DatabaseUnusable(f"can't be used: {_first_line(error)}") from None
    except (SchemaTooNew, SchemaTooOld) as error:
        raise DatabaseUnusable(str(error)) from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate store errors of a read into Unavailable; reads are safe to retry."""
    try:
        yield
    except StoreLost:
        raise Unavailable("STORE_UNAVAILABLE", retry_after_s=1) from None
    except (StoreBusy, StoreConflict):
        raise Unavailable("STORE_BUSY", retry_after_s=1) from None

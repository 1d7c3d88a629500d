"""PostgreSQL through psycopg 3; keeps the protocol of `connection`.

Rules
1. Writers of all servers take turns: who begins to write holds the row `writer` of `meta` until the end. So
   revisions come in the order of commit, without a gap, whichever server makes them.
2. An acknowledged write survives a power cut: synchronous_commit is on, whatever the server's default.
3. Who reads, reads one snapshot (REPEATABLE READ).

Read next: `postgres_database`, which opens one connection for each kind of use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import errors
from psycopg.pq import TransactionStatus

from clientela_server.store.database.answer_size import RECORDS_BYTES
from clientela_server.store.database.connection import (
    Row,
    StoreBusy,
    StoreConflict,
    StoreError,
    StoreFull,
    StoreLost,
    UniqueViolation,
)
from clientela_server.store.database.head import Head
from clientela_server.store.database.statements import Params, Statement, render

CHANNEL = "clientela_journal"
_CONNECT: dict[str, Any] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 10_000,  # or a server that vanished without a word is waited for for minutes
    "client_encoding": "utf8",
}
_TURN = "BEGIN; SELECT 1 FROM meta WHERE key = 'writer' FOR UPDATE"
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# One number for all servers: whoever changes the tables holds this lock.
_SCHEMA_CHANGE = "BEGIN; SELECT pg_advisory_xact_lock(7020650)"
# All ledgers of a database have one channel, and each a schema of its own.
_NAME = "SELECT set_config('application_name', concat('clientela-server ', current_schema()), false)"
_RECORD_HEAD = (
    "WITH kept AS (UPDATE meta SET value = %(head)s WHERE key = 'head') "
    "SELECT pg_notify(%(channel)s, %(revision)s || ' ' || current_schema())"
)
_WRITER = (
    "SET synchronous_commit = on; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '15s'"
)
_READER = "SET default_transaction_read_only = on; SET statement_timeout = '30s'"
# The driver takes all rows of a result at once, so the database leaves out those beyond; how long a record
# is, it knows without reading it.
_WITHIN = (
    "SELECT * FROM (SELECT *, sum(octet_length(record)) OVER (ROWS UNBOUNDED PRECEDING) "
    "- octet_length(record) AS bytes_before, row_number() OVER () AS place FROM ({}) AS found) AS counted "
    "WHERE bytes_before <= {} OR place <= 2 ORDER BY place"
)
_BUSY = (errors.LockNotAvailable, errors.QueryCanceled, errors.ReadOnlySqlTransaction)
_CONFLICT = (errors.SerializationFailure, errors.DeadlockDetected)
_LOST = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow, errors.TooManyConnections)


class PostgresConnection:
    """One connection, used by one thread at a time; `url` as libpq takes it."""

    dialect = "postgresql"
    shared = True

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._url = url
        self._settings = _READER if read_only else _WRITER
        self._schema = ""
        self._db = self._connect()

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement and return its rows; UniqueViolation if a key is taken."""
        return self._execute(statement.text("postgresql"), params)

    def run_many(self, statement: Statement, params: list[Params]) -> None:
        """Run a statement once for each set of parameters, without waiting for each."""
        with self._translate_errors():
            self._db.cursor().executemany(statement.text("postgresql"), params)

    def query(self, select: sa.Select[Any]) -> list[Row]:
        """Run a query built for this call."""
        return self._execute(*render(select, "postgresql"))

    def query_within(self, text: str, params: Params, record_at: int) -> list[Row]:
        """Run a query as far as an answer holds its records, and one row more."""
        rows = self._execute(_WITHIN.format(text, RECORDS_BYTES), params)
        return [row[:-2] for row in rows]

    def script(self, text: str) -> None:
        """Run a script of several statements, such as a migration."""
        self._command(text)

    def table_names(self) -> set[str]:
        """Return the names of all tables."""
        rows = self._execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()", None)
        return {row[0] for row in rows}

    def begin(self, *, write: bool = True) -> None:
        """Begin a transaction; a write waits for the row lock that serializes all servers."""
        self._command(_TURN if write else _SNAPSHOT)

    def begin_schema_change(self) -> None:
        """Begin an exclusive transaction for schema changes."""
        self._command(_SCHEMA_CHANGE)

    def commit(self) -> None:
        """Commit durably."""
        self._command("COMMIT")

    def rollback(self) -> None:
        """Roll back the open transaction, if any; a broken connection has none."""
        if self._db.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            self._command("ROLLBACK")

    def savepoint(self) -> None:
        """Set the savepoint of an item."""
        self._command("SAVEPOINT item")

    def release_savepoint(self) -> None:
        """Release the savepoint, keeping its changes."""
        self._command("RELEASE item")

    def rollback_to_savepoint(self) -> None:
        """Roll back to the savepoint and release it."""
        self._command("ROLLBACK TO item; RELEASE item")

    def record_head(self, head: Head) -> None:
        """Store the journal's head with the commit, and notify all servers of this ledger."""
        words = {"channel": CHANNEL, "revision": str(head.revision), "head": head.packed()}
        self._execute(_RECORD_HEAD, words)

    def listen(self) -> None:
        """Subscribe to commit notifications (LISTEN)."""
        self._command(f"LISTEN {CHANNEL}")
        [[self._schema]] = self._execute("SELECT current_schema()", None)

    def wait_for_head(self, timeout_s: float) -> int | None:
        """Wait for a commit notification; return the head, or None on timeout."""
        head = None
        with self._translate_errors():
            for notify in self._db.notifies(timeout=timeout_s, stop_after=1):
                number, _, schema = notify.payload.partition(" ")
                head = int(number) if schema == self._schema else None
        return head

    def has_other_clients(self) -> bool:
        """Return whether another server process is connected to the ledger."""
        rows = self._execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()",
            None,
        )
        return bool(rows[0][0])

    def reopen(self) -> None:
        """Reconnect after a broken connection; StoreLost if the database can't be reached."""
        self.close()
        self._db = self._connect()

    def checkpoint(self) -> None:
        """No-op: PostgreSQL manages its own WAL."""

    def truncate_wal(self) -> bool:
        """No-op: PostgreSQL manages its own WAL; erased rows disappear with VACUUM."""
        return True

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _connect(self) -> "psycopg.Connection[Row]":
        with self._translate_errors():
            connection = psycopg.connect(self._url, autocommit=True, **_CONNECT)
            connection.execute(self._settings)
            connection.execute(_NAME)
            return connection

    def _execute(self, text: str, params: Params | None) -> list[Row]:
        with self._translate_errors():
            cursor = self._db.execute(text, params, binary=True)
            return cursor.fetchall() if cursor.description else []

    def _command(self, text: str) -> None:
        with self._translate_errors():
            self._db.execute(text, prepare=False)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Translate psycopg's errors into those of `connection`."""
        try:
            yield
        except psycopg.Error as error:
            raise self._store_error(error) from error

    def _store_error(self, error: psycopg.Error) -> Exception:
        text = str(error).strip()
        match error:
            case errors.UniqueViolation():
                return UniqueViolation(text)
            case errors.DiskFull():
                return StoreFull(text)
        if isinstance(error, _BUSY):
            return StoreBusy(text)
        if isinstance(error, _CONFLICT):
            return StoreConflict(text)
        # Without a SQLSTATE the server has not answered at all: the line is dead, or there is none yet.
        if isinstance(error, _LOST) or (
            isinstance(error, psycopg.OperationalError) and error.sqlstate is None
        ):
            return StoreLost(text)
        return StoreError(text)

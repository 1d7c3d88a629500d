"""SQLite through apsw, which brings a current SQLite with it; keeps the protocol of `connection`.

The rule: an acknowledged write survives a power cut, so WAL with synchronous=FULL. What is deleted is
overwritten (secure_delete), or erased personal data would stay in the file's free pages.
Read next: `sqlite_database`, which opens one connection for each kind of use.
"""

from collections.abc import Callable
from functools import wraps
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import apsw
import sqlalchemy as sa

from clientela_server.store.database.answer_size import RECORDS_BYTES, count_fitting
from clientela_server.store.database.connection import (
    Row,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreShort,
    UniqueViolation,
)
from clientela_server.store.database.files import page_checks
from clientela_server.store.database.head import RECORD_HEAD, Head
from clientela_server.store.database.statements import Params, Statement, render

# Pages of 4 KiB in the log before it is copied into the file: large, so that imports rarely stop for it.
_CHECKPOINT_PAGES = 4000
_BUSY_MS = 5000
# SQLite's own 2 MiB are fewer than the pages that one message of an import touches in a large ledger.
_WRITE_CACHE_KIB = 32 * 1024
_READ_CACHE_KIB = 4 * 1024
_CHECKPOINT_MS = 50
# So many rows are taken at once where it matters how large they are: each has at most a megabyte.
_BATCH_SIZE = 16
_FAULTS_MAX = 20
_COPY_PAGES = 1000


P = ParamSpec("P")
T = TypeVar("T")


def _fold(*values: Any) -> Any:
    [text] = values
    return None if text is None else str(text).casefold()


def _translate_errors(work: Callable[P, T]) -> Callable[P, T]:
    """Translate apsw's errors into those of `connection`."""

    @wraps(work)
    def tell(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        except apsw.Error as error:
            raise _store_error(error) from error

    return tell


def _store_error(error: apsw.Error) -> Exception:
    match error:
        case apsw.ConstraintError():
            return UniqueViolation(str(error))
        case apsw.FullError():
            return StoreFull(str(error))
        case apsw.BusyError():
            return StoreBusy(str(error))
        case apsw.CantOpenError() | apsw.NoMemError():
            return StoreShort(str(error))
        case apsw.NotADBError():
            return StoreDamaged(str(error))
        case apsw.CorruptError():
            return StoreDamaged(f"{error}; {StoreDamaged.to_do}")
        case apsw.IOError() if getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_DATA:
            return StoreDamaged(f"a page is not what was written; {StoreDamaged.to_do}")
    return StoreError(f"{type(error).__name__}: {error}")


class SqliteConnection:
    """One connection, used by one thread at a time."""

    dialect = "sqlite"
    shared = False

    @_translate_errors
    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        flags = (
            apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        )
        self._db = page_checks.connect(path, flags)
        # What must hold for a commit to be one; raises where it does not.
        self.before_commit: Callable[[], None] | None = None
        self._db.set_busy_timeout(_BUSY_MS)
        # Or SQLite plans many statements anew for each call, to look at the values that are bound.
        self._db.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        # SQLite's own lower() knows only the letters of English.
        self._db.create_scalar_function("fold_case", _fold, 1, deterministic=True)
        self._db.execute(f"PRAGMA cache_size=-{_READ_CACHE_KIB if read_only else _WRITE_CACHE_KIB}")
        self._wal_pages = 0
        self._checkpoint_at_pages = _CHECKPOINT_PAGES
        if not read_only:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.set_wal_hook(self._on_wal_commit)

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement and return its rows; UniqueViolation if a key is taken."""
        try:
            return self._db.execute(statement.text("sqlite"), params).fetchall()
        except apsw.Error as error:
            raise _store_error(error) from error

    @_translate_errors
    def run_many(self, statement: Statement, params: list[Params]) -> None:
        """Run a statement once for each set of parameters."""
        self._db.executemany(statement.text("sqlite"), statement.values(params))

    @_translate_errors
    def query(self, select: sa.Select[Any]) -> list[Row]:
        """Run a query built for this call."""
        text, params = render(select, "sqlite")
        return self._db.execute(text, params).fetchall()

    @_translate_errors
    def query_within(self, text: str, params: Params, record_at: int) -> list[Row]:
        """Run a query as far as an answer holds its records, and one row more."""
        cursor = self._db.execute(text, params)
        record = itemgetter(record_at)
        rows: list[Row] = []
        room = RECORDS_BYTES
        while room >= 0 and (more := list(islice(cursor, _BATCH_SIZE))):
            room -= sum(map(len, map(record, more)))
            rows += more
        cursor.close()
        return rows if room >= 0 else rows[: count_fitting([len(record(row)) for row in rows]) + 1]

    @_translate_errors
    def script(self, text: str) -> None:
        """Run several statements, as a migration is: to the end, also behind one that returns a row."""
        self._db.execute(text).fetchall()

    @_translate_errors
    def table_names(self) -> set[str]:
        """Return the names of all tables."""
        return {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    @_translate_errors
    def begin(self, *, write: bool = True) -> None:
        """Begin a transaction; a write takes the lock at once (IMMEDIATE), so it can't fail half-way."""
        self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def begin_schema_change(self) -> None:
        """Begin an exclusive transaction for schema changes."""
        self.begin()

    @_translate_errors
    def commit(self) -> None:
        """Commit durably."""
        if self.before_commit is not None:
            self.before_commit()
        self._db.execute("COMMIT")

    @_translate_errors
    def rollback(self) -> None:
        """Roll back the open transaction, if any."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def record_head(self, head: Head) -> None:
        """Store the journal's head; a file has one server, so no notification is needed."""
        self.run(RECORD_HEAD, {"head": head.packed()})

    def reopen(self) -> None:
        """No-op: a connection to a file does not break."""

    @_translate_errors
    def savepoint(self) -> None:
        """Set the savepoint of an item."""
        self._db.execute("SAVEPOINT item")

    @_translate_errors
    def release_savepoint(self) -> None:
        """Release the savepoint, keeping its changes."""
        self._db.execute("RELEASE item")

    @_translate_errors
    def rollback_to_savepoint(self) -> None:
        """Roll back to the savepoint and release it."""
        self._db.execute("ROLLBACK TO item")
        self._db.execute("RELEASE item")

    def _on_wal_commit(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    @_translate_errors
    def checkpoint(self) -> None:
        """Checkpoint with RESTART once the WAL is long.

        SQLite's automatic checkpoint does not wait for readers: under load there is always one, and the WAL
        would grow without bound. Our readers are short; if one blocks, a later call tries again.
        """
        if self._wal_pages >= self._checkpoint_at_pages:
            done = self._checkpoint("RESTART")
            self._checkpoint_at_pages = _CHECKPOINT_PAGES if done else self._wal_pages + _CHECKPOINT_PAGES

    @_translate_errors
    def truncate_wal(self) -> bool:
        """Truncate the WAL, so that no erased data is left in it; False while a reader needs it."""
        return self._checkpoint("TRUNCATE")

    def _checkpoint(self, mode: str) -> bool:
        self._db.set_busy_timeout(_CHECKPOINT_MS)
        try:
            [(busy, _, _)] = self._db.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        finally:
            self._db.set_busy_timeout(_BUSY_MS)
        return not busy

    @_translate_errors
    def check_pages(self) -> tuple[int, list[str]]:
        """Run integrity_check; return the number of pages, and SQLite's messages."""
        pages = int(self._db.pragma("page_count"))
        said = [str(row[0]) for row in self._db.execute(f"PRAGMA integrity_check({_FAULTS_MAX})")]
        return pages, [] if said == ["ok"] else said

    @_translate_errors
    def copy_to(self, path: Path) -> None:
        """Copy what the open snapshot shows into an empty file, as one file that needs no log beside it.

        By SQLite's backup API, and not by copying the file, of which a part is in the log and the rest may
        be half written. On disk it is only when somebody has synced it.
        """
        copy = page_checks.connect(path, apsw.SQLITE_OPEN_READWRITE)
        try:
            copy.execute("PRAGMA journal_mode=OFF").fetchall()
            copy.execute("PRAGMA synchronous=OFF")
            with copy.backup("main", self._db, "main") as backup:
                while not backup.done:
                    backup.step(_COPY_PAGES)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
        finally:
            copy.close()

    @_translate_errors
    def flush_to_single_file(self) -> None:
        """Merge the WAL into the file and leave WAL mode; needs exclusive access."""
        self._db.execute("PRAGMA journal_mode=DELETE").fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

"""SQLite through apsw, which brings a current SQLite with it.

The rule: an acknowledged write survives a power cut, so WAL with synchronous=FULL. What is deleted is
overwritten (secure_delete), or erased personal data would stay in the file's free pages.
Read next: `database`, which opens one connection for each kind of use.
"""

from pathlib import Path
from typing import Any

import apsw
import sqlalchemy as sa

from clientela_server.store import page_checks
from clientela_server.store.statements import Params, Statement, render

Row = tuple[Any, ...]
# Pages of 4 KiB in the log before it is copied into the file: large, so that imports rarely stop for it.
_CHECKPOINT_PAGES = 4000
_BUSY_MS = 5000
# SQLite's own 2 MiB are fewer than the pages that one message of an import touches in a large ledger.
_WRITE_CACHE_KIB = 32 * 1024
_READ_CACHE_KIB = 4 * 1024
_CHECKPOINT_MS = 50


class UniqueViolation(Exception):
    """A row with this key is there already."""


def _casefold(*values: Any) -> Any:
    [text] = values
    return None if text is None else str(text).casefold()


class SqliteConnection:
    """One connection, used by one thread at a time."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        flags = (
            apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        )
        self._db = page_checks.connect(path, flags)
        self._db.set_busy_timeout(_BUSY_MS)
        # SQLite's own lower() knows only the letters of English.
        self._db.create_scalar_function("casefold", _casefold, 1, deterministic=True)
        self._db.execute(f"PRAGMA cache_size=-{_READ_CACHE_KIB if read_only else _WRITE_CACHE_KIB}")
        self._log_pages = 0
        self._tidy_at = _CHECKPOINT_PAGES
        if not read_only:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.set_wal_hook(self._note_log)

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement and give its rows; UniqueViolation if a key is taken."""
        try:
            return self._db.execute(statement.text("sqlite"), params).fetchall()
        except apsw.ConstraintError as error:
            raise UniqueViolation from error

    def run_many(self, statement: Statement, params: list[Params]) -> None:
        """Run a statement once for each set of parameters."""
        try:
            self._db.executemany(statement.text("sqlite"), params)
        except apsw.ConstraintError as error:
            raise UniqueViolation from error

    def query(self, select: sa.Select[Any]) -> list[Row]:
        """Run a query that was made up for this call."""
        text, params = render(select, "sqlite")
        return self._db.execute(text, params).fetchall()

    def script(self, text: str) -> None:
        """Run several statements, as a migration is: to the end, also behind one that returns a row."""
        self._db.execute(text).fetchall()

    def begin(self, *, write: bool = True) -> None:
        """Begin a transaction; for writing, take the lock at once, so that it can't fail half-way."""
        self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def commit(self) -> None:
        """Make it so, and on disk."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Undo the open transaction, if one is open."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def savepoint(self) -> None:
        """Begin what can be undone alone."""
        self._db.execute("SAVEPOINT item")

    def release(self) -> None:
        """Keep what was done since the savepoint."""
        self._db.execute("RELEASE item")

    def undo(self) -> None:
        """Undo what was done since the savepoint."""
        self._db.execute("ROLLBACK TO item")
        self._db.execute("RELEASE item")

    def _note_log(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._log_pages = pages
        return apsw.SQLITE_OK

    def tidy_log(self) -> None:
        """Copy the log into the file once it is long, so that it begins anew.

        Not left to SQLite, which does not wait for readers: under load there is always one, and the log would
        grow for ever. Ours are out of the way within a moment; where one is not, the next time will do.
        """
        if self._log_pages >= self._tidy_at:
            done = self._checkpoint("RESTART")
            self._tidy_at = _CHECKPOINT_PAGES if done else self._log_pages + _CHECKPOINT_PAGES

    def forget_log(self) -> bool:
        """Empty the write-ahead log, so that nothing erased is left in it; False while a reader needs it."""
        return self._checkpoint("TRUNCATE")

    def _checkpoint(self, mode: str) -> bool:
        self._db.set_busy_timeout(_CHECKPOINT_MS)
        try:
            [(busy, _, _)] = self._db.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        finally:
            self._db.set_busy_timeout(_BUSY_MS)
        return not busy

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

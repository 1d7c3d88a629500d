"""What a database connection can do, whichever database is behind it, and how it fails.

The store is written against this protocol only: the statements are the same, the driver is not. An error of
a driver becomes one of those below, for what matters is what is now known of the write.
Read next: `sqlite` and `postgres`, which keep it; `committer`, which acts on the errors.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sa

from clientela_server.store.database.head import Head
from clientela_server.store.database.statements import Params, Statement

Row = tuple[Any, ...]


class UniqueViolation(Exception):
    """A row with this key is there already."""


class StoreError(Exception):
    """A statement failed; unless a subclass says more, its outcome is unknown."""


class StoreFull(StoreError):
    """The disk is full; nothing was written."""


class StoreBusy(StoreError):
    """The database is locked by another writer; nothing was written."""


class StoreDamaged(StoreError):
    """A page is corrupt; a backup has to be restored."""

    to_do = "stop the server and restore a backup: clientela-server restore FILE --force"


class StoreConflict(StoreError):
    """Serialization failure or deadlock; nothing was written, retry the transaction."""


class StoreLost(StoreError):
    """The connection broke: nothing was written, unless it was just being committed."""


class StoreShort(StoreError):
    """The process is out of file descriptors or memory; nothing was written."""


class StoreMoved(StoreError):
    """The open file was moved or removed; nothing was written."""


class DatabaseUnusable(Exception):
    """The database can't be served from; the text says why and what to do."""


class Connection(Protocol):
    """One connection, used by one thread at a time."""

    @property
    def dialect(self) -> str:
        """The name of its SQL, as SQLAlchemy knows it."""

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement and return its rows; UniqueViolation if a key is taken."""

    def run_many(self, statement: Statement, params: list[Params]) -> None:
        """Run a statement once for each set of parameters."""

    def query(self, select: sa.Select[Any]) -> list[Row]:
        """Run a query built for this call."""

    def query_within(self, text: str, params: Params, record_at: int) -> list[Row]:
        """Run a query as far as an answer holds its records, and one row more; not all are taken into memory.

        `record_at` is the place of the column `record`.
        """

    def script(self, text: str) -> None:
        """Run a script of several statements, such as a migration."""

    def table_names(self) -> set[str]:
        """Return the names of all tables."""

    def begin(self, *, write: bool = True) -> None:
        """Begin a transaction: a read snapshot, or an exclusive write transaction."""

    def begin_schema_change(self) -> None:
        """Begin an exclusive transaction for schema changes."""

    def commit(self) -> None:
        """Commit durably."""

    def rollback(self) -> None:
        """Roll back the open transaction, if any."""

    def savepoint(self) -> None:
        """Set the savepoint of an item."""

    def release_savepoint(self) -> None:
        """Release the savepoint, keeping its changes."""

    def rollback_to_savepoint(self) -> None:
        """Roll back to the savepoint and release it."""

    def close(self) -> None:
        """Close the connection."""


class Writer(Connection, Protocol):
    """The connection of the committer."""

    @property
    def shared(self) -> bool:
        """Whether other servers write to the same database."""

    def record_head(self, head: Head) -> None:
        """Store the journal's head with the commit, and notify other servers of the same database."""

    def reopen(self) -> None:
        """Reconnect after a broken connection; StoreLost if the database can't be reached."""

    def checkpoint(self) -> None:
        """Checkpoint the write-ahead log if it is long; called after each commit."""

    def truncate_wal(self) -> bool:
        """Truncate the write-ahead log, so that no erased data stays in it; False if a reader prevents it."""


@contextmanager
def exclusive_transaction(connection: Connection) -> Iterator[None]:
    """Run the block in an exclusive, atomic write transaction: two servers may start at once."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise

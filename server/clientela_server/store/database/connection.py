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
    """The database did not do what it was told; as it stands, what it did is not known."""


class StoreFull(StoreError):
    """There is no room left; nothing was written."""


class StoreBusy(StoreError):
    """Somebody else is at it; nothing was written."""


class StoreDamaged(StoreError):
    """What the disk gave back is not what was written to it; a backup has to be restored."""

    to_do = "stop the server and restore a backup: clientela-server restore FILE --force"


class StoreConflict(StoreError):
    """The database undid the transaction in favour of another; nothing was written, so run it again."""


class StoreLost(StoreError):
    """The connection broke: nothing was written, unless it was just being committed."""


class StoreShort(StoreError):
    """The process may open no more files, or has no more memory; nothing was written."""


class StoreMoved(StoreError):
    """What was opened is not at its place any more; nothing was written."""


class DatabaseUnusable(Exception):
    """The database can't be served from; the text says why and what to do."""


class Connection(Protocol):
    """One connection, used by one thread at a time."""

    @property
    def dialect(self) -> str:
        """The name of its SQL, as SQLAlchemy knows it."""

    def run(self, statement: Statement, params: Params | None = None) -> list[Row]:
        """Run a statement and give its rows; UniqueViolation if a key is taken."""

    def run_many(self, statement: Statement, params: list[Params]) -> None:
        """Run a statement once for each set of parameters."""

    def query(self, select: sa.Select[Any]) -> list[Row]:
        """Run a query that was made up for this call."""

    def query_within(self, select: sa.Select[Any], record_at: int) -> list[Row]:
        """Run a query as far as an answer holds its records, and one row more; not all are taken into memory.

        `record_at` is the place of the column `record`.
        """

    def script(self, text: str) -> None:
        """Run several statements, as a migration is."""

    def table_names(self) -> set[str]:
        """Name the tables that there are."""

    def begin(self, *, write: bool = True) -> None:
        """Begin a transaction: a snapshot to read from, or for writing, alone until its end."""

    def begin_schema_change(self) -> None:
        """Begin a transaction that makes or changes tables, alone."""

    def commit(self) -> None:
        """Make it so, and on disk."""

    def rollback(self) -> None:
        """Undo the open transaction, if one is open."""

    def savepoint(self) -> None:
        """Begin what can be undone alone."""

    def release_savepoint(self) -> None:
        """Keep what was done since the savepoint."""

    def rollback_to_savepoint(self) -> None:
        """Undo what was done since the savepoint."""

    def close(self) -> None:
        """Close the connection."""


class Writer(Connection, Protocol):
    """The connection of the committer."""

    @property
    def shared(self) -> bool:
        """Whether other servers write to the same database."""

    def record_head(self, head: Head) -> None:
        """Keep the journal's head with the commit, and tell other servers of the same database of it."""

    def reopen(self) -> None:
        """Connect anew after the connection broke; StoreLost where that can't be had now."""

    def checkpoint(self) -> None:
        """Do what keeps the database's own log short, after a commit."""

    def truncate_wal(self) -> bool:
        """Leave nothing erased in the database's own log; False where that must be tried again."""


@contextmanager
def exclusive_transaction(connection: Connection) -> Iterator[None]:
    """Write alone until the end of the block, and all of it or nothing: two servers may start at once."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise

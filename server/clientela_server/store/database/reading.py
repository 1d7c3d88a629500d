"""Reading from one moment: with every answer, also a refusal, goes the revision that it is as of.

Read next: `snapshot` (shared by the reads on the event loop), `database`.
"""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from clientela_server.domain.errors import Refusal
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import journal
from clientela_server.store.database.statements import Statement

HEAD = Statement(sa.select(sa.func.coalesce(sa.func.max(journal.c.revision), sa.text("0"))))

T = TypeVar("T")


def begin_snapshot(connection: Connection) -> int:
    """Begin to read from one moment; return the revision that it shows.

    The first read is what takes SQLite's snapshot, not BEGIN: so whoever begins reads the revision at once.
    """
    connection.begin(write=False)
    return head_revision(connection)


def read_at(connection: Connection, revision: int, read: Callable[[Connection], T]) -> T:
    """Read from a snapshot whose revision is known; a refusal tells it too."""
    try:
        return read(connection)
    except Refusal as refusal:
        refusal.revision = revision
        raise


def read_once(connection: Connection, read: Callable[[Connection], T]) -> tuple[T, int]:
    """Read from a snapshot that is taken for it; return the result and the revision that it shows."""
    try:
        revision = begin_snapshot(connection)
        return read_at(connection, revision, read), revision
    finally:
        connection.rollback()


def head_revision(connection: Connection) -> int:
    """Return the last revision of the journal, 0 where it is empty."""
    return int(connection.run(HEAD)[0][0])

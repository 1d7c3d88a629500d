"""Bring a database to this version: its tables by migrations, and an older file's pages to checksums.

Forward only, and at any moment the old or the new: the migrations are one transaction, and a file without
checksums is copied into one that has them, which then takes its place.
"""

from dataclasses import dataclass
from pathlib import Path

from clientela_server.store.database.connection import Connection, DatabaseUnusable, exclusive_transaction
from clientela_server.store.database.copying import clear_tables, copy_tables
from clientela_server.store.database.database import Target
from clientela_server.store.database.files import page_checks
from clientela_server.store.database.files.atomic_files import empty_file
from clientela_server.store.database.files.place import require_own_wal
from clientela_server.store.database.files.sqlite_files import locked, replace, startup_errors
from clientela_server.store.database.migrate import HEAD, current_schema, migrate
from clientela_server.store.database.sqlite import SqliteConnection


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What was done: from which schema (None: no tables) to which, and whether the file was rewritten."""

    before: str | None
    after: str
    rewritten: bool = False


def upgrade_database(target: Target) -> Upgrade:
    """Bring a database that no server has open to this version; DatabaseUnusable where that can't be."""
    if isinstance(target, Path):
        with locked(target) as place, startup_errors():
            require_own_wal(place)
            if not place.exists():
                raise DatabaseUnusable("there is no such database; give --database")
            return upgrade_file(place)
    from clientela_server.store.database import postgres_database
    from clientela_server.store.database.postgres import PostgresConnection

    with postgres_database.startup_errors():
        connection = PostgresConnection(target)
        try:
            return upgrade(connection)
        finally:
            connection.close()


def upgrade(connection: Connection) -> Upgrade:
    """Bring the tables to this version; SchemaTooNew if they are beyond it."""
    before = current_schema(connection)
    migrate(connection)
    return Upgrade(before, HEAD)


def upgrade_file(path: Path) -> Upgrade:
    """Bring a file to this version; the caller must hold its lock."""
    connection = SqliteConnection(path)
    try:
        done = upgrade(connection)
    finally:
        connection.close()
    if page_checks.has_checksums(path):
        return done
    with empty_file(path) as made:
        _rewrite(path, made)
        replace(made, path)
    return Upgrade(done.before, done.after, rewritten=True)


def _rewrite(path: Path, made: Path) -> None:
    source = SqliteConnection(path, read_only=True)
    try:
        source.begin(write=False)
        rows_into_file(source, made)
    finally:
        source.close()


def rows_into_file(source: Connection, made: Path) -> None:
    """Copy all rows, as the open snapshot shows them, into an empty file; it needs no log beside it."""
    copy = SqliteConnection(made)
    try:
        migrate(copy)
        with exclusive_transaction(copy):
            clear_tables(copy)
            copy_tables(source, copy)
        copy.flush_to_single_file()
    finally:
        copy.close()

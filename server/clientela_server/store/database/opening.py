"""Opening a database, whichever it is: a path is a SQLite file, a URL is PostgreSQL.

What a database does not need is not imported.
Read next: `sqlite_database`, `sqlite_files`, `postgres_database`.
"""

from pathlib import Path

from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Database, Target


def open_database(target: Target) -> Database:
    """Open a database for serving and migrate it to this version; DatabaseUnusable if that fails."""
    if isinstance(target, Path):
        from clientela_server.store.database.sqlite_database import SqliteDatabase

        return SqliteDatabase(target)
    from clientela_server.store.database.postgres_database import PostgresDatabase

    return PostgresDatabase(target)


def open_current(target: Target) -> Connection:
    """Open a database for administration, also while a server runs; DatabaseUnusable if that fails."""
    if isinstance(target, Path):
        from clientela_server.store.database.files import sqlite_files

        return sqlite_files.open_current(target)
    from clientela_server.store.database import postgres_database

    return postgres_database.open_current(target)


def open_to_read(target: Target) -> Connection:
    """Open a database read-only, also while a server runs; DatabaseUnusable if that fails."""
    if isinstance(target, Path):
        from clientela_server.store.database.files import sqlite_files

        return sqlite_files.open_to_read(target)
    from clientela_server.store.database import postgres_database

    return postgres_database.open_to_read(target)

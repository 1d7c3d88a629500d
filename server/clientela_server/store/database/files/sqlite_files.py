"""A SQLite file as a whole: how it is locked, opened, and replaced by another.

One server per file: a second one is refused, by whatever name it finds the file (`place`). A file has a log
beside it, which belongs to that file and to no other: it must be gone before another file takes the place, or
SQLite would write the one's log into the other.
Read next: `place`, `atomic_files`, `page_checks`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from clientela_server.store.database.connection import DatabaseUnusable, StoreDamaged, StoreError
from clientela_server.store.database.files.atomic_files import (
    remove_unfinished,
    remove_wal,
    rename_into_place,
)
from clientela_server.store.database.files.page_checks import ChecksumsUnavailable, has_checksums, has_own_wal
from clientela_server.store.database.files.place import FileLock, real_path, require_own_wal
from clientela_server.store.database.migrate import (
    TOO_OLD,
    SchemaTooNew,
    SchemaTooOld,
    migrate,
    require_current,
)
from clientela_server.store.database.sqlite import SqliteConnection

_RESTORE = "restore a backup: clientela-server restore FILE"


def open_current(path: Path) -> SqliteConnection:
    """Open a database for writing and migrate it to this version; DatabaseUnusable if that fails."""
    place = real_path(path)
    require_own_wal(place)
    with startup_errors():
        connection = SqliteConnection(place)
        migrate(connection)
        connection.begin()  # whether it can be written, is told now
        connection.rollback()
    return connection


@contextmanager
def startup_errors() -> Iterator[None]:
    """Translate store errors at start into DatabaseUnusable, with the remedy."""
    try:
        yield
    except StoreError as error:
        raise DatabaseUnusable(_why(error)) from None
    except (SchemaTooNew, SchemaTooOld, ChecksumsUnavailable) as error:
        raise DatabaseUnusable(str(error)) from None


def _why(error: StoreError) -> str:
    match error.__cause__:
        case apsw.NotADBError():
            return f"can't be used as a database: {error}; give another --database, or {_RESTORE}"
        case _ if isinstance(error, StoreDamaged):
            return f"is damaged; {_RESTORE} --force"
        case apsw.BusyError():
            return "another program is writing to it; end that one, then start again"
        case apsw.FullError():
            return "its disk is full; make room, then start again"
        case apsw.IOError():
            return f"its disk fails: {error.__cause__}; see the system's log, mend that, then start again"
    return f"can't be used as a database: {error.__cause__}; give another --database"


def open_to_read(path: Path) -> SqliteConnection:
    """Open a database read-only, also while a server runs; DatabaseUnusable if that fails."""
    place = real_path(path)
    require_own_wal(place)
    if not place.exists():
        raise DatabaseUnusable("there is no such database; start the server once, or give --database")
    with startup_errors():
        connection = SqliteConnection(place, read_only=True)
        try:
            require_current(connection)
            if not has_checksums(place):
                raise SchemaTooOld(TOO_OLD)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Lock the file as a running server does; DatabaseUnusable if another has it.

    Yields the resolved path.
    """
    lock = FileLock(real_path(path))
    try:
        lock.acquire_if_exists()
        remove_unfinished(lock.place)
        yield lock.place
    finally:
        lock.close()


@contextmanager
def exclusive_target(file: Path) -> Iterator[None]:
    """Lock a file that is to be replaced; DatabaseUnusable if a server has it open."""
    if not has_own_wal(file):
        yield
        return
    with locked(file):
        yield


def lock_for_server(path: Path) -> FileLock:
    """Lock the file for a server; create an empty one if there is none."""
    place = real_path(path)
    require_own_wal(place)
    lock = FileLock(place)
    try:
        lock.acquire()
        remove_unfinished(place)
    except BaseException:
        lock.close()
        raise
    return lock


def replace(made: Path, path: Path) -> None:
    """Atomically replace a database by a finished file; the caller must hold the lock.

    Until the rename the old database is intact.
    """
    if path.exists():
        # Of one that is damaged nothing can be kept; its log is worth nothing without it.
        with suppress(StoreDamaged):
            _truncate_wal(path)
    remove_wal(path)
    rename_into_place(made, path)


def _truncate_wal(path: Path) -> None:
    old = SqliteConnection(path)
    try:
        if not old.truncate_wal():
            raise DatabaseUnusable("somebody reads it, as backup and verify do; wait until that is done")
    finally:
        old.close()

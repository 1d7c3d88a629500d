"""Backups: one SQLite file, whichever database it is of, as of one revision.

Rules
1. A backup is made while the server writes, and shows one moment, whose revision is told.
2. What takes a place is finished, checked and on disk before; until then what was there stays.
3. What is restored is verified first, and begins a new epoch: its journal will go on with other entries than
   the one before did.

Read next: `atomic_files` (how a file takes its place), `copying` (from and into PostgreSQL), `verify`.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clientela_server.clock import now_us
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.chain import stored_head
from clientela_server.store.database.connection import (
    Connection,
    DatabaseUnusable,
    StoreDamaged,
    exclusive_transaction,
)
from clientela_server.store.database.copying import clear_tables, copy_tables
from clientela_server.store.database.database import Target
from clientela_server.store.database.files import page_checks
from clientela_server.store.database.files.atomic_files import beside, empty_file, rename_into_place
from clientela_server.store.database.files.place import real_path, require_own_wal
from clientela_server.store.database.files.sqlite_files import (
    exclusive_target,
    locked,
    replace,
    startup_errors,
)
from clientela_server.store.database.head import Head
from clientela_server.store.database.identity import begin_epoch
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.opening import open_to_read
from clientela_server.store.database.reading import begin_snapshot, head_revision
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.upgrade import rows_into_file
from clientela_server.store.integrity.verify import Check, verify
from clientela_server.store.journal.nouns import Nouns

if TYPE_CHECKING:
    from clientela_server.store.database.postgres import PostgresConnection

Report = Callable[[Check], None]
_THERE = "there is a ledger already; --force replaces it, for good"


class BackupUnusable(Exception):
    """The file can't be restored; the text says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: the head of its journal, and its size in bytes."""

    head: Head
    size: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A ledger that was restored: up to which head, and its new epoch."""

    head: Head
    epoch: str


def back_up(target: Target, file: Path) -> Made:
    """Back up the current state into a file, atomically replacing an earlier one."""
    file = Path(os.path.realpath(file))
    _require_other_place(target, file)
    with exclusive_target(file), empty_file(file) as made:
        revision = _copy(target, made)
        with startup_errors(), _reading(made) as copy:
            _, faults = copy.check_pages()
            if faults or head_revision(copy) != revision:
                raise DatabaseUnusable(f"the backup was not written as it should be: {faults[:1]}")
            head = _head_of(copy)
        size = made.stat().st_size
        rename_into_place(made, file)
    return Made(head, size)


def _head_of(copy: Connection) -> Head:
    """Return the head; DatabaseUnusable where entries are missing, for such a backup can't be restored."""
    head, last = stored_head(copy)
    if head is None or head.revision != last:
        raise DatabaseUnusable(
            "its journal does not end where it was written to; see clientela-server verify"
        )
    return head


def _require_other_place(target: Target, file: Path) -> None:
    """Refuse a backup path that is the database itself or one of its side files."""
    if not isinstance(target, Path):
        return
    if file in beside(real_path(target)) or (file.exists() and file.samefile(target)):
        raise DatabaseUnusable("a backup can't take the place of what it is a copy of; give another FILE")


def _copy(target: Target, made: Path) -> int:
    """Copy one moment of a database into an empty file; return its revision."""
    source = open_to_read(target)
    try:
        with startup_errors() if isinstance(source, SqliteConnection) else nullcontext():
            revision = begin_snapshot(source)
            if isinstance(source, SqliteConnection):
                source.copy_to(made)
            else:
                rows_into_file(source, made)
    finally:
        source.close()
    return revision


def restore(file: Path, target: Target, nouns: Nouns, report: Report, *, force: bool) -> Restored:
    """Put a backup in the place of a database; `force`: also where there is one.

    BackupUnusable where the file is not whole, after each check was reported; nothing is changed then.
    """
    if isinstance(target, Path):
        with locked(target) as place:
            if not force:
                require_own_wal(place)
                if place.exists():
                    raise DatabaseUnusable(_THERE)
            return _restore_file(file, place, nouns, report)
    return _restore_rows(file, target, nouns, report, force=force)


def _restore_file(file: Path, target: Path, nouns: Nouns, report: Report) -> Restored:
    with empty_file(target) as staged:
        restored = _stage(file, staged, nouns, report)
        replace(staged, target)
    return restored


def _stage(file: Path, staged: Path, nouns: Nouns, report: Report) -> Restored:
    """Copy a backup, bring it to the tables of this version, verify it, and begin its new epoch."""
    try:
        with _reading(file) as source:
            source.copy_to(staged)
    except StoreDamaged:
        raise BackupUnusable("it is damaged") from None
    try:
        with startup_errors():
            copy = SqliteConnection(staged)
            try:
                migrate(copy)
                make_missing(copy, nouns, now_us())
                _verify(copy, nouns, report)
                with exclusive_transaction(copy):
                    restored = Restored(_head_of(copy), begin_epoch(copy))
                copy.flush_to_single_file()
            finally:
                copy.close()
    except DatabaseUnusable as error:
        raise BackupUnusable(str(error)) from None
    return restored


def _verify(copy: Connection, nouns: Nouns, report: Report) -> None:
    copy.begin(write=False)
    try:
        checks = list(verify(copy, nouns))
    finally:
        copy.rollback()
    for check in checks:
        report(check)
    if any(check.faults for check in checks):
        raise BackupUnusable("it is not whole, as told above")


@contextmanager
def _reading(file: Path) -> Iterator[SqliteConnection]:
    """Open a backup; it must have page checksums, without which damage is not detectable."""
    if not file.is_file():
        raise BackupUnusable("there is no such file")
    if not page_checks.has_checksums(file):
        raise BackupUnusable("it is no backup that clientela-server made, or its first page is damaged")
    if page_checks.has_own_wal(file):
        file = _ledger(file)
    source = SqliteConnection(file, read_only=True)
    try:
        begin_snapshot(source)
        yield source
    finally:
        source.close()


def _ledger(file: Path) -> Path:
    """Resolve a ledger given as a backup: its latest writes are in the WAL beside it."""
    try:
        place = real_path(file)
        require_own_wal(place)
    except DatabaseUnusable as error:
        raise BackupUnusable(str(error)) from None
    return place


def _restore_rows(file: Path, url: str, nouns: Nouns, report: Report, *, force: bool) -> Restored:
    """Replace all rows of a PostgreSQL database, in one transaction."""
    from clientela_server.store.database.postgres_database import open_current

    with tempfile.TemporaryDirectory(prefix="clientela-") as folder:
        staged = Path(folder) / "staged.db"
        staged.touch(0o600)
        _stage(file, staged, nouns, report)
        target = open_current(url)
        try:
            with _reading(staged) as source, exclusive_transaction(target):
                _require_unused(target, force=force)
                clear_tables(target)
                copy_tables(source, target)
                return Restored(_head_of(source), begin_epoch(target))
        finally:
            target.close()


def _require_unused(target: "PostgresConnection", *, force: bool) -> None:
    if target.has_other_clients():
        raise DatabaseUnusable("a server has it open; stop that one first")
    if head_revision(target) and not force:
        raise DatabaseUnusable(_THERE)

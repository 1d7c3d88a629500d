"""Resolving a database path, and the exclusive lock of a server on the file.

The rule: one file, one server, by whatever name. What SQLite keeps beside a file goes by the file's name, so
under a second name it would find no log, and read and write without what was acknowledged. So links are
followed to the one real path, a file with a second name is refused, and what is locked is the file itself.

The lock is flock's, which knows nothing of the locks that SQLite takes (fcntl's). But to close any handle of
a file lets go all locks of fcntl's kind that the process has of it: so the handle is opened before SQLite
opens the file, and closed after it. Read next: `sqlite_files`.
"""

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from clientela_server.store.database.connection import DatabaseUnusable, StoreMoved
from clientela_server.store.database.files import page_checks
from clientela_server.store.database.files.atomic_files import LOCK

_MOUNTS = Path("/proc/self/mountinfo")
_TAKEN = "another server has it open; stop that one, or give another --database"


def real_path(path: Path) -> Path:
    """Resolve symbolic links; DatabaseUnusable if the file is missing behind one, or has hard links."""
    for each in (path, *path.parents):
        if each.is_symlink() and not each.exists():
            raise DatabaseUnusable(
                f"{each} is a symbolic link to {each.readlink()}, which is not there; bring that back, or "
                "remove the link"
            )
    real = Path(os.path.realpath(path))
    try:
        state = real.stat()
    except FileNotFoundError:
        return real
    except OSError as error:
        raise DatabaseUnusable(f"can't be reached: {error.strerror}; give another --database") from None
    _require_one_name(real, state)
    return real


def _require_one_name(real: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise DatabaseUnusable("is no file; give another --database")
    if state.st_nlink > 1:
        raise DatabaseUnusable(
            f"the file has {state.st_nlink} names (hard links), and its log only one; remove the other names "
            f"(find DIR -samefile {real}), or use a copy that clientela-server backup made"
        )
    if str(real) in _mount_points():
        raise DatabaseUnusable(
            "the file is mounted by itself, and the log beside it is not; mount the folder that it is in"
        )


def _mount_points() -> Iterator[str]:
    """Yield the mount points of /proc/self/mountinfo, if there is one."""
    try:
        lines = _MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        yield re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), line.split()[4])


def require_own_wal(real: Path) -> None:
    """Refuse a file beside another database's WAL, which SQLite would replay into it."""
    log = real.with_name(real.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        return
    if not real.exists() or not real.stat().st_size:
        raise DatabaseUnusable(
            f"there is no such database, but its log is there ({log}), and may hold what was acknowledged; "
            "bring the database back, or move the log away"
        )
    if not page_checks.has_own_wal(real):
        raise DatabaseUnusable(
            f"the log {log} beside it is not its own: the file was put there by hand; move the log away, or "
            "bring the file there by clientela-server restore FILE"
        )


class _Identity(NamedTuple):
    device: int
    number: int


class FileLock:
    """An exclusive flock on the database file; a second server gets DatabaseUnusable."""

    def __init__(self, place: Path) -> None:
        self.place = place
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            # Also where there is no file yet, or where another one is just taking its place.
            self._beside = _open(place.with_name(place.name + LOCK), os.O_RDWR)
        except OSError as error:
            raise DatabaseUnusable(
                f"its folder can't be written: {error.strerror}; give another --database"
            ) from None
        self._file: int | None = None
        self._identity: _Identity | None = None
        try:
            _lock(self._beside)
        except BaseException:
            self.close()
            raise

    def acquire(self) -> None:
        """Lock the file at the path; create an empty one if there is none."""
        self._release()
        try:
            self._file = _open(self.place, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise DatabaseUnusable(
                f"can't be opened: {error.strerror}; mend that, then start again"
            ) from None
        _lock(self._file)
        self._identity = _identity(os.fstat(self._file))
        _require_one_name(self.place, os.fstat(self._file))
        self.require_in_place()

    def acquire_if_exists(self) -> None:
        """Lock the file at the path, if it exists."""
        if self.place.exists():
            self.acquire()

    def require_in_place(self) -> None:
        """Raise StoreMoved unless the locked file is still at its path."""
        try:
            found: os.stat_result | None = self.place.stat()
        except (FileNotFoundError, NotADirectoryError):
            found = None
        except OSError:
            return  # that a folder can't be looked into just now moves nothing
        if found is None or _identity(found) != self._identity:
            what = "removed" if self.is_unlinked else "moved"
            raise StoreMoved(f"the ledger was {what}: what is at {self.place} now, if anything, is not it")

    @property
    def is_unlinked(self) -> bool:
        """Whether the file was unlinked: its data is lost when it is closed."""
        return self.link_count() == 0

    def link_count(self) -> int:
        """Return the number of hard links of the file."""
        return 1 if self._file is None else os.fstat(self._file).st_nlink

    def close(self) -> None:
        """Release the lock; SQLite must have closed the file before."""
        self._release()
        os.close(self._beside)

    def _release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _open(path: Path, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DatabaseUnusable(_TAKEN) from None


def _identity(state: os.stat_result) -> _Identity:
    return _Identity(state.st_dev, state.st_ino)

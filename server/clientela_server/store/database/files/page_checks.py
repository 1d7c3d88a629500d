"""Checksums of SQLite's pages: a byte that changed on the disk is an error when it is read, never an answer.

SQLite's own extension cksumvfs, which the wheel of apsw holds, writes 8 bytes at the end of each page of the
file and compares them whenever the page is read. A file is made with room for them, and marked, so that one
that says it has them and has not is known to be damaged. The write-ahead log has sums of its own, which
SQLite compares when it takes up a log that a crash left behind.

Two things to know of the extension: other programs may read such a file and must not write to it; and what
lays a whole file anew (VACUUM, a backup into an empty file) may write pages before the first one, which is
what tells that there are checksums. So nothing here does that.
"""

import functools
from pathlib import Path

import apsw
import apsw.sqlite_extra

_RESERVED = 8
_VFS = "cksmvfs"
# "CLTL", in the header's field for what kind of file it is.
_MARK = 0x434C544C
_HEADER = 100
_WITH_LOG = 2
# The most that apsw takes. It drops the plan of a statement that was not among the last so many that ran.
_STATEMENTS = 512


class ChecksumsUnavailable(Exception):
    """This build of apsw comes without the extension."""


def connect(path: Path, flags: int) -> apsw.Connection:
    """Open a file with checksums; an empty one gets the space for them reserved."""
    fresh = not path.exists() or not path.stat().st_size
    if not fresh and _reserved(path) != _RESERVED and has_checksums(path):
        raise apsw.CorruptError("its header is damaged")
    connection = apsw.Connection(str(path), flags=flags, vfs=_vfs(), statementcachesize=_STATEMENTS)
    if fresh and not flags & apsw.SQLITE_OPEN_READONLY:
        connection.reserve_bytes(reserve=_RESERVED)
        connection.execute(f"PRAGMA application_id={_MARK}")
    return connection


def has_checksums(path: Path) -> bool:
    """Return whether a file's header marks its pages as checksummed; those of the first servers are not."""
    return int.from_bytes(_header(path)[68:72], "big") == _MARK


def has_own_wal(path: Path) -> bool:
    """Return whether a file is in WAL mode, with a log beside it; a finished backup is not."""
    return _header(path)[18] == _WITH_LOG


def _reserved(path: Path) -> int:
    return _header(path)[20]


def _header(path: Path) -> bytes:
    """Read a file's header through SQLite's VFS.

    Closing a handle of ours would release the POSIX locks of all connections of this process to the file.
    """
    try:
        file = apsw.VFSFile("unix", str(path), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
        try:
            return file.xRead(_HEADER, 0).ljust(_HEADER, b"\0")
        finally:
            file.xClose()
    except apsw.Error:
        return bytes(_HEADER)  # SQLite will say why it can't be opened


@functools.cache
def _vfs() -> str:
    """Load the extension, once for the process, and return the name to open files by."""
    if apsw.sqlite_extra.has("cksumvfs") is None:
        raise ChecksumsUnavailable("this build of apsw has no page checksums; install its wheel from PyPI")
    loader = apsw.Connection(":memory:")
    apsw.sqlite_extra.load(loader, "cksumvfs")
    loader.close()
    return _VFS

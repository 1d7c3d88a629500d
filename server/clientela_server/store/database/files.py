"""Files that are there whole or not at all: made beside their place, synced, and renamed into it.

The rule: until the moment of the renaming the old file is there as it was, and from then on the new one.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OF_SQLITE = ("-wal", "-shm", "-journal")
LOCK = ".lock"


@contextmanager
def empty_file(place: Path) -> Iterator[Path]:
    """Return an empty file in the folder of `place` that only this account reads; removed if still there."""
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        remove(path)


def remove_unfinished(place: Path) -> None:
    """Remove what a process left that was killed before it was done; the caller must be alone here."""
    unfinished = re.compile(rf"\.{re.escape(place.name)}\.[a-z0-9_]+\.part({'|'.join(_OF_SQLITE)})?")
    for path in place.parent.iterdir():
        if unfinished.fullmatch(path.name):
            path.unlink(missing_ok=True)


def beside(path: Path) -> list[Path]:
    """Name what may stand beside a database, and belongs to it."""
    return [path.with_name(path.name + suffix) for suffix in (*_OF_SQLITE, LOCK)]


def remove(path: Path) -> None:
    """Remove a database, and what SQLite left beside it."""
    path.unlink(missing_ok=True)
    remove_wal(path)


def remove_wal(path: Path) -> None:
    """Remove what SQLite left beside a database, all of which must have been written into it."""
    for suffix in _OF_SQLITE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def rename_into_place(made: Path, place: Path) -> None:
    """Bring a finished file to the disk, then to its place; what was there is gone in the same moment."""
    sync(made)
    made.replace(place)
    sync(place.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Atomic files: written beside their place, synced, and renamed into it.

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
    """Remove the file that a killed process left unfinished; the caller must hold the lock."""
    unfinished = re.compile(rf"\.{re.escape(place.name)}\.[a-z0-9_]+\.part({'|'.join(_OF_SQLITE)})?")
    for path in place.parent.iterdir():
        if unfinished.fullmatch(path.name):
            path.unlink(missing_ok=True)


def beside(path: Path) -> list[Path]:
    """Return the paths of the files that may stand beside a database and belong to it."""
    return [path.with_name(path.name + suffix) for suffix in (*_OF_SQLITE, LOCK)]


def remove(path: Path) -> None:
    """Remove a database and the files beside it."""
    path.unlink(missing_ok=True)
    remove_wal(path)


def remove_wal(path: Path) -> None:
    """Remove the write-ahead log; all of it must have been checkpointed."""
    for suffix in _OF_SQLITE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def rename_into_place(made: Path, place: Path) -> None:
    """Sync a finished file, then rename it over `place`: atomic, also across a crash."""
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

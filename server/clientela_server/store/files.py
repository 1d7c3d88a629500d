"""Files that are there whole or not at all: made beside their place, synced, and renamed into it.

The rule: until the moment of the renaming the old file is there as it was, and from then on the new one.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BESIDE = ("", "-wal", "-shm", "-journal")


@contextmanager
def empty_file(place: Path) -> Iterator[Path]:
    """Give an empty file in the folder of `place` that only this account reads; removed if still there."""
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        remove(path)


def remove_unfinished(place: Path) -> None:
    """Remove what a process left that was killed before it was done; the caller must be alone here."""
    for path in place.parent.glob(f".{place.name}.*.part*"):
        path.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a database, and what SQLite left beside it."""
    for suffix in _BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def remove_log(path: Path) -> None:
    """Remove what stands beside a database, all of which must have been written into it."""
    for suffix in _BESIDE[1:]:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def put_in_place(made: Path, place: Path) -> None:
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

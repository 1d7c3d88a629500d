"""Files that hold what is customers' or secret: their account's own, whatever the umask is."""

import os
import stat
from pathlib import Path


def private(path: str | os.PathLike[str], flags: int) -> int:
    """Open a file to be written so that nobody else can read it: an opener, for `open(..., opener=private)`.

    One that was there and open to others is closed to them before a byte is written. What is no file, such as
    a terminal or a pipe, stays as it is. OSError where it is another account's.
    """
    descriptor = os.open(path, flags, 0o600)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Write a text to a file that nobody else can read."""
    with open(path, "w", encoding="utf-8", opener=private) as file:
        file.write(text)

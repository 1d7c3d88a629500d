"""The width of a terminal, and the encoding of a stream."""

from __future__ import annotations

import os
from typing import IO

_DEFAULT_WIDTH = 80
#: Wider than any line: output to a file or a pipe is not wrapped.
UNLIMITED = 1_000_000


def terminal_width(stdout: IO[str]) -> int | None:
    """Return a terminal's width in cells, by COLUMNS or by the terminal; None if it is none."""
    if not stdout.isatty():
        return None
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stdout.fileno()).columns or _DEFAULT_WIDTH
    except OSError:
        return _DEFAULT_WIDTH


def can_write(text: str, stdout: IO[str]) -> bool:
    """Return whether the stream's encoding has all of a text's characters."""
    try:
        text.encode(getattr(stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True

"""A CSV file as an import reads it: several times, a row at a time, and never changed meanwhile.

Rules: the rows are read again for sending, and once more to list what was refused, so that memory does not
grow with the file. A row that can't be read is reported with its line and does not stop the rest. What is no
CSV in UTF-8 at all is refused with what it is.
Read next: csv_records.py, csv_columns.py, purchase_rows.py, customer_rows.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple

import click

from clientela_client.cli.csv_records import (
    REASONS_HEAD,
    REJECTED,
    SWALLOWED,
    Form,
    records,
    wrong_width,
)
from clientela_client.harmless import unguarded

_BLOCK = 1 << 20
_HEADER_LINES = 20
_BOM = b"\xef\xbb\xbf"
_KINDS = {
    b"\xff\xfe": "it is UTF-16: save it as UTF-8",
    b"\xfe\xff": "it is UTF-16: save it as UTF-8",
    b"PK\x03\x04": "it is a ZIP archive, as .xlsx is: save it as CSV",
    b"\x1f\x8b": "it is compressed (gzip): unpack it",
}


class FileChanged(RuntimeError):
    """The file is not as it was when its digest was taken."""


class Row(NamedTuple):
    """One data row. index: its place among the data rows, from 0; line: where it begins, from 1.

    text: as it stands in the file, with its line ends; problem: why its cells can't be relied on.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls
    line: int
    cells: list[str]
    problem: str
    text: str

    @property
    def last_line(self) -> int:
        """The line where it ends."""
        return self.line + max(len(self.text.splitlines()) - 1, 0)

    @property
    def rows(self) -> int:
        """How many rows it is: one, or all that a quote has taken in."""
        return self.last_line - self.line + 1 if self.problem == SWALLOWED else 1


class Reject(NamedTuple):
    """Rows that were refused, by this program or by the server: those of one purchase or customer.

    line: which of them it is about; column: as the header calls it, or ""; goes_on: whether it is more of the
    purchase that was refused before.
    """

    rows: Sequence[Row]
    line: int
    column: str
    reason: str
    goes_on: bool = False

    @property
    def records(self) -> int:
        """How many purchases or customers it is, as far as can be known."""
        return 0 if self.goes_on else self.rows[0].rows


class RowProblem(ValueError):
    """A row can't be understood. column: our name of it, or "" where it is about the row as a whole."""

    def __init__(self, row: Row, column: str, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.column = column
        self.reason = reason


@dataclass(frozen=True)
class CsvFile:
    """A file with its digest, header and number of lines, as they were when it was opened.

    head: the header as it stands in the file; mark: whether the file begins with UTF-8's byte order mark.
    """

    path: Path
    digest: bytes
    line_count: int
    header: tuple[str, ...]
    head: str
    mark: bool
    _form: Form
    _line_end: str
    _state: tuple[int, int]
    _raw: bool

    @classmethod
    def open(cls, path: Path, *, raw: bool = False) -> CsvFile:
        """Read the file once, for its digest and header; raises click.UsageError if it can't be.

        raw: cells are as they stand, without a guard or blanks to be taken away.
        """
        if not path.is_file():
            fact = (
                "an import reads its file more than once: it can't be a pipe"
                if path.exists()
                else "it isn't there"
            )
            raise click.UsageError(f"{path} is no file: {fact}")
        try:
            state, begin = _state(path), _beginning(path)
            line_end = _line_end(begin)
            digest, lines = _digest(path, line_end)
            head, names = _header(path, line_end)
        except OSError as error:
            raise click.UsageError(f"{path} can't be read: {error.strerror}") from None
        header = tuple(name.strip() for name in names)
        head, has_reasons = _without_reasons(head)
        if has_reasons:
            header = header[: -len(REJECTED)]
        form = Form(width=len(header), has_reasons=has_reasons)
        mark = begin.startswith(_BOM)
        return cls(path, digest, lines, header, head, mark, form, line_end, state, raw)

    @property
    def line_end(self) -> str:
        """How a line ends that is written beside those of the file."""
        return "\r\n" if self.head.endswith("\r\n") else self._line_end

    @property
    def plain(self) -> Callable[[str], str]:
        """What gives a cell's text: without our exports' guard and blanks around it, unless it is raw."""
        return str if self._raw else unguarded

    def rows(self, tells_rows: Form | None = None) -> Iterator[Row]:
        """Yield the data rows; raises FileChanged at the end if the file was written to meanwhile.

        tells_rows: which cell tells a row from the lines of a text, and how.
        """
        width = len(self.header)
        form = replace(tells_rows or self._form, width=width, has_reasons=self._form.has_reasons)
        with _text(self.path, self._line_end) as file:
            found = records(file, form)
            next(found, None)
            for index, (line, text, cells, problem) in enumerate(found):
                if problem or len(cells) == width:
                    yield Row(index, line, cells, problem, text)
                else:
                    yield Row(index, line, cells, wrong_width(len(cells), width), text)
        if _state(self.path) != self._state:
            raise FileChanged(f"{self.path} was changed while it was read")


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _beginning(path: Path) -> bytes:
    """Return how the file begins; raises click.UsageError where that is no CSV in UTF-8."""
    with path.open("rb") as file:
        begin = file.read(_BLOCK)
    for mark, fact in _KINDS.items():
        if begin.startswith(mark):
            raise click.UsageError(f"{path} is no CSV in UTF-8: {fact}")
    if b"\0" in begin.replace(b"\r", b"\n").partition(b"\n")[0]:
        raise click.UsageError(f"{path} is no CSV in UTF-8: there are NUL bytes in its header; is it UTF-16?")
    return begin


def _line_end(begin: bytes) -> str:
    """Return what ends the lines: "\\r" of old, where the first line ends so, else "\\n"."""
    first = begin.partition(b"\n")[0].rstrip(b"\r")
    return "\r" if b"\r" in first else "\n"


def _digest(path: Path, line_end: str) -> tuple[bytes, int]:
    """Return the file's digest and how many line ends it has; refuse what has none for a long while."""
    digest, lines, end = hashlib.sha256(), 0, line_end.encode()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            count = block.count(end)
            if not count and len(block) == _BLOCK:
                raise click.UsageError(f"line {lines + 1} of {path} is longer than 1 MiB: is it CSV?")
            lines += count
    return digest.digest(), lines


def _text(path: Path, line_end: str) -> IO[str]:
    # A byte that is not UTF-8 becomes a lone surrogate, which no message takes: the row is refused, and the
    # file goes on. Written as it was read, it is the byte again.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline=line_end)


def _without_reasons(head: str) -> tuple[str, bool]:
    """Return a header without the columns that `--rejects` adds, and whether it has them."""
    bare = head.rstrip("\r\n")
    kept = bare.removesuffix(REASONS_HEAD)
    return kept + head[len(bare) :], kept != bare


def _header(path: Path, line_end: str) -> tuple[str, list[str]]:
    """Return the header as it stands in the file, and its cells."""
    with _text(path, line_end) as file:
        found = records([file.readline() for _ in range(_HEADER_LINES)], Form())
        line, text, cells, problem = next(found, (0, "", [], ""))
    if line != 1 or not any(cells):
        raise click.UsageError(f"{path} has no header: its first line must name the columns")
    if problem:
        raise click.UsageError(f"the header of {path} is not CSV in UTF-8: {problem}")
    return text, cells

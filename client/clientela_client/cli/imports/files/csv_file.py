"""A CSV file as an import reads it: streamed, in several passes, with a check that it was not modified.

Rules: rows are read again for sending, and once more to list rejects, so that memory does not grow with the
file. An unreadable row is reported with its line and does not stop the import. Empty rows, and empty columns
behind the last named one, are ignored: spreadsheets add them.
Read next: file_form.py, csv_records.py, csv_columns.py, purchase_rows.py, customer_rows.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import click

from clientela_client.cli.imports.files.csv_records import (
    BLANK,
    REJECTED,
    SWALLOWED,
    CsvDialect,
    reasons_head,
    records,
    wrong_width,
)
from clientela_client.cli.imports.files.file_form import (
    PACKING_ERRORS,
    Header,
    Source,
    damaged,
    find_source,
    first_of,
    line_end_of,
)
from clientela_client.harmless import unguarded


class FileChanged(RuntimeError):
    """Raised if the file was modified after its digest was computed."""


class Row(NamedTuple):
    """A data row. index: among the data rows, from 0; line: its first line in the file, from 1.

    text: its bytes as characters, with line ends; problem: why its cells are invalid, or "".
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls
    line: int
    cells: list[str]
    problem: str
    text: str

    @property
    def last_line(self) -> int:
        """The row's last line."""
        return self.line + max(len(self.text.splitlines()) - 1, 0)

    @property
    def rows(self) -> int:
        """The number of rows: 1, or the lines that an unclosed quote has swallowed."""
        return self.last_line - self.line + 1 if self.problem == SWALLOWED else 1


class Reject(NamedTuple):
    """Rejected rows of one purchase or customer, refused by this program or by the server.

    line: the wrong row; column: the file's name of the column, or ""; goes_on: whether it continues the
    purchase that was rejected before.
    """

    rows: Sequence[Row]
    line: int
    column: str
    reason: str
    goes_on: bool = False

    @property
    def records(self) -> int:
        """The number of purchases or customers, as far as it is known."""
        return 0 if self.goes_on else self.rows[0].rows


class RowProblem(ValueError):
    """Raised for an invalid row. column: our name of it, or "" for the row as a whole."""

    def __init__(self, row: Row, column: str, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.column = column
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class CsvFile:
    """A file with its digest, header and number of lines at the time of opening.

    line_count: an upper bound; preface, head: the `sep=` line or "", and the header, as in the file;
    separator: the delimiter of cells.
    """

    source: Source
    digest: bytes
    line_count: int
    header: tuple[str, ...]
    preface: str
    head: str
    separator: str
    _dialect: CsvDialect
    _line_end: str
    _state: tuple[int, int]
    _raw: bool
    _ignores_nameless: bool

    @classmethod
    def open(
        cls, path: Path, *, raw: bool = False, encoding: str | None = None, ignores_nameless: bool = False
    ) -> CsvFile:
        """Read the file once, for its digest and header; raise click.UsageError if it can't be read.

        raw: cells are taken literally, without removing formula guards or blanks; encoding: if neither UTF-8
        nor UTF-16; ignores_nameless: whether values behind the last named column are ignored.
        """
        if not path.is_file():
            fact = (
                "an import reads its file more than once: it can't be a pipe"
                if path.exists()
                else "it isn't there"
            )
            raise click.UsageError(f"{path} is no file: {fact}")
        try:
            state = _state(path)
            source = find_source(path, encoding)
            line_end = line_end_of(source)
            digest, lines = source.measured(line_end)
            found = Header(source, line_end)
        except PACKING_ERRORS:
            raise damaged(path) from None
        except OSError as error:
            raise click.UsageError(f"{path} can't be read: {error.strerror}") from None
        head, has_reasons = _without_reasons(found.text, found.separator)
        names = [name.strip() for name in found.cells]
        names = names[: -len(REJECTED)] if has_reasons else names
        dialect = CsvDialect(
            width=len(names), has_reasons=has_reasons, separator=found.separator, encoding=source.encoding
        )
        return cls(
            source=source,
            digest=digest,
            line_count=lines,
            header=_named(names),
            preface=found.preface,
            head=head,
            separator=found.separator,
            _dialect=dialect,
            _line_end=line_end,
            _state=state,
            _raw=raw,
            _ignores_nameless=ignores_nameless,
        )

    @property
    def path(self) -> Path:
        """The file's path."""
        return self.source.path

    @property
    def line_end(self) -> str:
        """The line end of lines that are written beside the file's own."""
        return "\r\n" if self.head.endswith("\r\n") else self._line_end

    @property
    def plain(self) -> Callable[[str], str]:
        """The function from a cell to its text: strips blanks and our exports' formula guard, unless raw."""
        return str if self._raw else unguarded

    def rows(self, row_dialect: CsvDialect | None = None) -> Iterator[Row]:
        """Yield the data rows; raise FileChanged at the end if the file was modified meanwhile.

        row_dialect: the cell and the test by which a row is told from a line of quoted text.
        """
        width, dialect = len(self.header), self._dialect
        if row_dialect:
            dialect = replace(dialect, place=row_dialect.place, test=row_dialect.test)
        with self.source.text(self._line_end) as file:
            if self.preface:
                file.readline()
            found = records(file, dialect, 2 if self.preface else 1)
            first_of(found)
            for index, (line, text, cells, problem) in enumerate(found):
                if problem:
                    if problem is not BLANK:
                        yield Row(index, line, cells, problem, text)
                elif len(cells) == width:
                    yield Row(index, line, cells, "", text)
                elif problem := self._width_problem(cells):
                    yield Row(index, line, cells, problem, text)
                else:
                    yield Row(index, line, cells[:width], "", text)
        if _state(self.path) != self._state:
            raise FileChanged(f"{self.path} was changed while it was read")

    def _width_problem(self, cells: Sequence[str]) -> str:
        """Return why a row whose width differs from the header is invalid, or ""."""
        width, held = len(self.header), len(_named(cells))
        if width <= len(cells) <= self._dialect.width and held > width and not self._ignores_nameless:
            return f"column {held} has no name in the header, and the row has a value there"
        if len(cells) < width or (held > width and len(cells) > self._dialect.width):
            return wrong_width(len(cells), self._dialect.width)
        return ""


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _named(cells: Sequence[str]) -> tuple[str, ...]:
    """Return cells without trailing empty ones."""
    count = len(cells)
    while count and not cells[count - 1].strip():
        count -= 1
    return tuple(cells[:count])


def _without_reasons(head: str, separator: str) -> tuple[str, bool]:
    """Return a header without the columns that `--rejects` adds, and whether it has them."""
    bare = head.rstrip("\r\n")
    kept = bare.removesuffix(reasons_head(separator))
    return kept + head[len(bare) :], kept != bare

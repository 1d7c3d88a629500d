"""A CSV file as an import reads it: several times, a row at a time, and never changed meanwhile.

Rules: the rows are read again for sending, and once more to list what was refused, so that memory does not
grow with the file. A row that can't be read is reported with its line and does not stop the rest. Empty rows,
and empty columns behind the last that has a name, are what spreadsheets add: they are not there.
Read next: file_form.py, csv_records.py, csv_columns.py, purchase_rows.py, customer_rows.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import click

from clientela_client.cli.imports.csv_records import (
    BLANK,
    REJECTED,
    SWALLOWED,
    CsvDialect,
    reasons_head,
    records,
    wrong_width,
)
from clientela_client.cli.imports.file_form import (
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

    line_count: how many lines it has at most; preface, head: the `sep=` line, if there is one, and the
    header, as they stand in the file; separator: of cells.
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
        """Read the file once, for its digest and header; raises click.UsageError if it can't be.

        raw: cells are as they stand, without a guard or blanks to be taken away; encoding: of what is neither
        UTF-8 nor UTF-16; ignores_nameless: whether there may be values behind the last column with a name.
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
            source,
            digest,
            lines,
            _named(names),
            found.preface,
            head,
            found.separator,
            dialect,
            line_end,
            state,
            raw,
            ignores_nameless,
        )

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.source.path

    @property
    def line_end(self) -> str:
        """How a line ends that is written beside those of the file."""
        return "\r\n" if self.head.endswith("\r\n") else self._line_end

    @property
    def plain(self) -> Callable[[str], str]:
        """What gives a cell's text: without our exports' guard and blanks around it, unless it is raw."""
        return str if self._raw else unguarded

    def rows(self, row_dialect: CsvDialect | None = None) -> Iterator[Row]:
        """Yield the data rows; raises FileChanged at the end if the file was written to meanwhile.

        tells_rows: which cell tells a row from the lines of a text, and how.
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
        """Return why a row that is not as wide as the header's names can't be taken, or ""."""
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
    """Return cells without the empty ones behind the last that holds something."""
    count = len(cells)
    while count and not cells[count - 1].strip():
        count -= 1
    return tuple(cells[:count])


def _without_reasons(head: str, separator: str) -> tuple[str, bool]:
    """Return a header without the columns that `--rejects` adds, and whether it has them."""
    bare = head.rstrip("\r\n")
    kept = bare.removesuffix(reasons_head(separator))
    return kept + head[len(bare) :], kept != bare

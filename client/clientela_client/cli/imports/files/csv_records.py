"""Splits the lines of a CSV file into records: a line each, or several if a quoted cell spans lines.

Rules
1. Every line belongs to one record, and each record keeps its text as in the file.
2. A quote that is unclosed, or closed within a cell, invalidates its own line only.
3. A cell of several lines holds text. Where one of its lines is a row by itself, a quote was opened or closed
   in the wrong place, and the rows are ambiguous: the whole record is refused.
Read next: csv_file.py.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

#: What `--rejects` writes behind each row: its line, the column, and the reason, which is always quoted.
REJECTED = ("rejected_line", "rejected_column", "rejected_reason")
_BEHIND_ROW = r'(.*){0}\d+{0}(?:"(?:[^"]|"")*"|[^"{0}\r\n]*){0}"((?:[^"]|"")*)"([\r\n]*)'
_WIDTH = re.compile(r"the row has (\d+) cells, the header has (\d+)")
# A record of several lines is held in memory; the csv module's own limit of a cell is the same.
_CHARACTERS_MAX = 131_072

QUOTES = 'its quotes are not as CSV has them: a cell that begins with " ends with ", and inside it is doubled'
SWALLOWED = "a quote takes in lines that are rows by themselves: it is opened or closed in the wrong place"
#: A line of separators and blanks only: a spreadsheet's empty row, which is ignored.
BLANK = "the row is empty"
_BLANKS = " \t\xa0"

#: (first line, from 1; text with line ends; cells; problem or ""). A plain tuple: one for each row.
Record = tuple[int, str, list[str], str]


@dataclass(frozen=True, kw_only=True)
class CsvDialect:
    """The form of rows. width: number of cells; place, test: the cell by which a row is recognised, and how.

    has_reasons: whether rows end in the columns of `--rejects`; separator: the delimiter; encoding: named in
    the error of an undecodable row.
    """

    width: int = 0
    place: int = 0
    test: Callable[[str], bool] | None = None
    has_reasons: bool = False
    separator: str = ","
    encoding: str = "utf-8"

    @cached_property
    def _behind_row(self) -> re.Pattern[str]:
        return re.compile(_BEHIND_ROW.replace("{0}", re.escape(self.separator)), re.DOTALL)

    def cut(self, line: str) -> tuple[str, bool]:
        """Return a line without the columns of `--rejects`, and whether it had them and so ends a row."""
        match = self._behind_row.fullmatch(line) if self.has_reasons else None
        return (self._unfilled(match[1], match[2]) + match[3], True) if match else (line, False)

    def without_reasons(self, cells: list[str]) -> list[str]:
        """Return a row's cells without the columns of `--rejects`, if another program rewrote them."""
        if not self.has_reasons or len(cells) != self.width + len(REJECTED):
            return cells
        line, _, reason = cells[self.width :]
        return cells[: self.width] if line.isdecimal() and reason else cells

    def swallows(self, lines: Sequence[str]) -> bool:
        """Return whether a quoted cell that spans these lines contains a whole row."""
        inner = any(map(self._is_row, lines[1:-1]))
        return inner or self._opens_early(lines[0]) or self._closes_late(lines[-1])

    def fault(self, text: str, *, quoted: bool = False) -> str:
        """Return why a record is invalid regardless of its cells, or ""."""
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                return _not_in_encoding(self.encoding)
            text = text.encode("ascii", "replace").decode()
        if "\0" in text:
            return "there is a NUL byte in it"
        if not quoted and ("\r" in text or "\n" in text):
            return "there is a line end within it, and no quotes around it"
        return ""

    def _is_row(self, line: str) -> bool:
        cells = line.split(self.separator)
        return self.test is not None and len(cells) == self.width and self.test(cells[self.place].strip())

    def _opens_early(self, line: str) -> bool:
        before = line[: line.rfind(f'{self.separator}"') + 1]
        return self._is_row(line) and self.place > before.count(self.separator)

    def _closes_late(self, line: str) -> bool:
        before = line.partition('"')[0]
        return self._is_row(line) and self.place < before.count(self.separator)

    def _unfilled(self, row: str, reason: str) -> str:
        return row.removesuffix(self.separator * missing_cells(reason))


def reasons_head(separator: str) -> str:
    """Return the header of the columns of `--rejects`."""
    return "".join(f"{separator}{name}" for name in REJECTED)


def _not_in_encoding(encoding: str) -> str:
    if encoding == "utf-8":
        return "the row is not UTF-8 (of Windows it is mostly cp1252: --encoding cp1252)"
    return f"the row is not {encoding.upper()}"


def wrong_width(cells: int, width: int) -> str:
    """Return the problem of a row with too many or too few cells."""
    return f"the row has {cells} cells, the header has {width}"


def missing_cells(reason: str) -> int:
    """Return the number of missing cells of a row that was rejected for its width.

    `--rejects` pads the row with as many empty cells, so that its own columns are aligned.
    """
    match = _WIDTH.fullmatch(reason)
    return max(int(match[2]) - int(match[1]), 0) if match else 0


def records(lines: Iterable[str], dialect: CsvDialect, number: int = 1) -> Iterator[Record]:
    """Yield the records of all non-empty lines. number: the first line's."""
    source, ahead = iter(lines), deque[str]()
    plain, separator = not dialect.has_reasons, dialect.separator
    nothing = f"{_BLANKS}{separator}"
    while line := ahead.popleft() if ahead else next(source, ""):
        if '"' in line:
            found, ends = _Quoted(line, dialect, ahead, source).record(number)
            yield found
            number += ends
            continue
        text = line.rstrip("\r\n")
        if text and not text.strip(nothing):
            yield number, line, [], BLANK
        elif text:
            cells = text.split(separator)
            problem = "" if _is_sound(text) else dialect.fault(text)
            yield number, line, cells if plain else dialect.without_reasons(cells), problem
        number += 1


class _Quoted:
    """A record whose first line has quotes. ahead: lines pushed back; source: the remaining lines."""

    def __init__(self, line: str, dialect: CsvDialect, ahead: deque[str], source: Iterator[str]) -> None:
        self._dialect = dialect
        self._ahead = ahead
        self._source = source
        self._lines = [line]
        row, self._ended = dialect.cut(line)
        self._rows = [row]

    def record(self, number: int) -> tuple[Record, int]:
        """Return the record and its number of lines; with invalid quotes it is the first line alone."""
        try:
            cells = next(csv.reader(self._feed(), strict=True, delimiter=self._dialect.separator))
        except csv.Error:
            self._ahead.extendleft(reversed(self._lines[1:]))
            text = self._rows[0].rstrip("\r\n")
            cells = text.split(self._dialect.separator)
            return (number, self._rows[0], cells, self._dialect.fault(text) or QUOTES), 1
        text = "".join(self._rows)
        problem = self._dialect.fault(text, quoted=True)
        if not problem and len(self._rows) > 1 and self._dialect.swallows(self._rows):
            problem = SWALLOWED
        if not problem and not any(cell.strip(f"{_BLANKS}\r\n") for cell in cells):
            problem = BLANK
        cells = cells if self._ended else self._dialect.without_reasons(cells)
        return (number, text, cells, problem), len(self._rows)

    def _feed(self) -> Iterator[str]:
        """Yield the first line, and the following ones until the record is complete."""
        size = len(self._rows[0])
        yield self._rows[0]
        while not self._ended and size <= _CHARACTERS_MAX and (line := self._next()):
            row, self._ended = self._dialect.cut(line)
            self._lines.append(line)
            self._rows.append(row)
            size += len(row)
            yield row

    def _next(self) -> str:
        return self._ahead.popleft() if self._ahead else next(self._source, "")


def _is_sound(text: str) -> bool:
    return text.isascii() and "\0" not in text and "\r" not in text and "\n" not in text

"""Tables for people, cut to a terminal's width; whole in a file or a pipe.

Column widths come from the first rows; later rows are streamed, so that a table of any length takes constant
memory, and a watched one may be endless.
Read next: fitting.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import IO, Any, TypeVar

import click
from rich.cells import cell_len

from clientela_client.cli.output.fitting import (
    GAP,
    FittedColumn,
    MeasuredColumn,
    fit_columns,
    measure_columns,
    padded,
    truncated,
)
from clientela_client.cli.output.terminal_width import UNLIMITED, can_write, terminal_width
from clientela_client.cli.output.views import Column

T = TypeVar("T")
_ROWS_THAT_SET_WIDTHS = 500


def write_table(
    items: Iterable[T], columns: Sequence[Column[T]], stdout: IO[str], *, color: bool, picked: bool = False
) -> list[str]:
    """Write a list with a header, and return the titles of the columns that did not fit.

    picked: the columns were chosen by `--columns`, so empty ones are shown too.
    """
    table = _Table(columns, stdout, color=color, with_empty=picked)
    rows = map(table.cells, items)
    while block := list(islice(rows, _ROWS_THAT_SET_WIDTHS)):
        table.write(block)
    return table.left_out


def write_live(
    items: Iterable[T], columns: Sequence[Column[T]], stdout: IO[str], *, color: bool
) -> list[str]:
    """Write a list row by row as it arrives, with fixed widths; return the titles that did not fit.

    In a file or a pipe, longer cells overflow their column.
    """
    table = _Table(columns, stdout, color=color, with_empty=True)
    table.begin_live()
    for item in items:
        table.write_row(table.cells(item))
    return table.left_out


class _Table:
    """Rows under a header, which is repeated where later rows need other columns or more width."""

    def __init__(
        self, columns: Sequence[Column[Any]], stdout: IO[str], *, color: bool, with_empty: bool
    ) -> None:
        self._columns = [column for column in columns if column.for_people]
        self._stdout = stdout
        self._color = color
        self._room = terminal_width(stdout)
        self._mark = "…" if can_write("…", stdout) else ".."
        self._filled = set(range(len(self._columns))) if with_empty else {0}
        self._fitted: list[FittedColumn] = []
        self.left_out: list[str] = []

    def cells(self, item: Any) -> list[str]:
        """Return the cells of a row, uncut."""
        return [column.for_terminal(item) for column in self._columns]

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Write a block of rows, with a new header if the last one does not fit them."""
        measured_columns = measure_columns(self._columns, rows)
        now = {each.place for each in measured_columns if each.cells}
        if not self._fitted or now - self._filled or not all(map(self._fits, rows)):
            self._filled |= now
            self._begin([each for each in measured_columns if each.place in self._filled])
        for row in rows:
            self.write_row(row)

    def begin_live(self) -> None:
        """Write the header before any row has arrived."""
        self._begin(
            [MeasuredColumn(place, column, column.live_width) for place, column in enumerate(self._columns)]
        )
        self._stdout.flush()

    def write_row(self, row: Sequence[str]) -> None:
        """Write one row."""
        self._stdout.write(f"{self._line((each, each.text(row)) for each in self._fitted)}\n")

    def _begin(self, measured_columns: Sequence[MeasuredColumn]) -> None:
        self._fitted = fit_columns(measured_columns, self._room or UNLIMITED)
        shown = {each.place for each in self._fitted}
        self.left_out = [each.column.title for each in measured_columns if each.place not in shown]
        titles = self._line((each, each.column.title) for each in self._fitted)
        self._stdout.write(f"{click.style(titles, bold=True) if self._color else titles}\n")

    def _fits(self, row: Sequence[str]) -> bool:
        return self._room is None or all(each.fits(row) for each in self._fitted)

    def _line(self, cells: Iterable[tuple[FittedColumn, str]]) -> str:
        return GAP.join(self._padded(text, each) for each, text in cells).rstrip()

    def _padded(self, text: str, each: FittedColumn) -> str:
        if self._room is not None and cell_len(text) > each.width:
            text = truncated(text, each.width, self._mark)
        return padded(text, each.width, align_right=each.column.align_right)

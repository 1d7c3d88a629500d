"""Column layout of a table for a terminal's width, in cells (a CJK character takes two).

Columns are shortened in this order: seconds of times, long texts, the time of day, texts and titles to a few
letters; then whole columns are dropped that have a drop_priority. An id is cut only where that leaves no room
for it, as the next command needs it whole. A number is never cut: it would be another.
Read next: tables.py, which writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rich.cells import cell_len, set_cell_size

from clientela_client.cli.output.terminal_width import UNLIMITED
from clientela_client.cli.output.views import Column

GAP = "  "


class _ShrinkLevel(NamedTuple):
    """How far columns are shortened. times: which shorter form; the others: minimal widths in cells."""

    times: int
    texts: int = UNLIMITED
    titles: int = UNLIMITED
    ids: int = UNLIMITED


_SHRINK_LEVELS = (
    _ShrinkLevel(0),
    _ShrinkLevel(1),
    _ShrinkLevel(1, texts=16),
    _ShrinkLevel(2, texts=16),
    _ShrinkLevel(2, texts=16, titles=6),
    _ShrinkLevel(2, texts=8, titles=6),
    _ShrinkLevel(2, texts=8, titles=6, ids=10),
)
_WITH_WHOLE_IDS = _SHRINK_LEVELS[:-1]


@dataclass(frozen=True)
class MeasuredColumn:
    """A column with the width of its widest cell. place: the cell's index in a row."""

    place: int
    column: Column[Any]
    cells: int


@dataclass(frozen=True)
class FittedColumn:
    """A column with its final width in cells.

    may_cut: whether a wider cell is cut. keep: the characters kept of a time; None for other texts.
    """

    place: int
    column: Column[Any]
    width: int
    may_cut: bool
    keep: int | None = None

    def text(self, row: Sequence[str]) -> str:
        """Return the column's cell of a row, shortened to `keep` characters."""
        return row[self.place][: self.keep]

    def fits(self, row: Sequence[str]) -> bool:
        """Return whether the cell of a row fits, or may be truncated."""
        return self.may_cut or cell_len(self.text(row)) <= self.width


def measure_columns(columns: Sequence[Column[Any]], rows: Sequence[Sequence[str]]) -> list[MeasuredColumn]:
    """Return the columns with the widths that these rows need."""
    return [
        MeasuredColumn(place, column, max((cell_len(row[place]) for row in rows), default=0))
        for place, column in enumerate(columns)
    ]


def fit_columns(measured_columns: Sequence[MeasuredColumn], room: int) -> list[FittedColumn]:
    """Return the columns that fit `room` cells, each with its width; the first column is never dropped."""
    return (
        _fit_dropping(measured_columns, _WITH_WHOLE_IDS, room, _is_droppable)
        or _fit_dropping(measured_columns, _SHRINK_LEVELS, room, lambda _: True)
        or [FittedColumn(measured_columns[0].place, measured_columns[0].column, room, may_cut=True)]
    )


def _fit_dropping(
    measured_columns: Sequence[MeasuredColumn],
    shrink_levels: Sequence[_ShrinkLevel],
    room: int,
    may_drop: Callable[[MeasuredColumn], bool],
) -> list[FittedColumn]:
    """Return the columns at the first level that fits, dropping what has to be; else an empty list."""
    shown = list(measured_columns)
    while True:
        for shrink_level in shrink_levels:
            if found := _fit_with(shown, shrink_level, room):
                return found
        droppable = list(filter(may_drop, shown[1:]))
        if not droppable:
            return []
        shown.remove(max(droppable, key=lambda each: (each.column.drop_priority, each.place)))


def _is_droppable(measured: MeasuredColumn) -> bool:
    return measured.column.drop_priority > 0 and not measured.column.is_id


def truncated(text: str, width: int, mark: str) -> str:
    """Return the text truncated to `width` cells, with the mark at the end if it was cut."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - cell_len(mark))).rstrip() + mark[:width]


def padded(text: str, width: int, *, align_right: bool) -> str:
    """Return the text padded with spaces to the width."""
    fill = " " * max(0, width - cell_len(text))
    return fill + text if align_right else text + fill


def _fit_with(shown: Sequence[MeasuredColumn], shrink_level: _ShrinkLevel, room: int) -> list[FittedColumn]:
    """Return the columns laid out at a shrink level; an empty list if they do not fit."""
    room -= len(GAP) * (len(shown) - 1)
    keeps = [_keep(each.column, shrink_level.times) for each in shown]
    bounds = [_bounds(each, keep, shrink_level) for each, keep in zip(shown, keeps, strict=True)]
    if sum(least for least, _ in bounds) > room:
        return []
    widths = _distribute_width(bounds, room)
    return [
        FittedColumn(each.place, each.column, width, _may_cut(each.column, shrink_level), keep)
        for each, width, keep in zip(shown, widths, keeps, strict=True)
    ]


def _keep(column: Column[Any], times: int) -> int | None:
    return column.cut_lengths[times - 1] if times and column.cut_lengths else None


def _may_cut(column: Column[Any], shrink_level: _ShrinkLevel) -> bool:
    return column.truncatable or (column.is_id and shrink_level.ids < UNLIMITED)


def _bounds(measured: MeasuredColumn, keep: int | None, shrink_level: _ShrinkLevel) -> tuple[int, int]:
    """Return the minimal and the maximal width of a column."""
    column, title = measured.column, cell_len(measured.column.title)
    most = least = min(measured.cells, keep or UNLIMITED)
    if column.truncatable:
        least = min(least, shrink_level.texts)
    elif column.is_id:
        least = min(least, shrink_level.ids)
    return max(least, min(title, shrink_level.titles)), max(most, title)


def _distribute_width(bounds: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Return widths between the bounds that fill the room; the widest are capped at one level.

    The level is found by bisection: the largest one whose widths fit.
    """
    low, high = 0, max(most for _, most in bounds)
    while low < high:
        level = (low + high + 1) // 2
        if sum(_at(level, *each) for each in bounds) <= room:
            low = level
        else:
            high = level - 1
    widths = [_at(low, *each) for each in bounds]
    for place, (_, most) in enumerate(bounds):
        # The remainder is less than a cell for each column.
        if sum(widths) < room and low <= widths[place] < most:
            widths[place] += 1
    return widths


def _at(level: int, least: int, most: int) -> int:
    return max(least, min(most, level))

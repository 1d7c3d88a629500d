"""Which columns of a table fit a terminal, and how wide each is; counted in cells, as CJK takes two of them.

What gives way, in this order: seconds of times, long texts, the clock, texts and titles down to a few
letters, ids; then whole columns, the least needed first. A figure is never cut: half of one is another.
Read next: tables.py, which writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rich.cells import cell_len, set_cell_size

from clientela_client.cli.output.terminal_width import UNLIMITED
from clientela_client.cli.output.views import Column

GAP = "  "


class _ShrinkLevel(NamedTuple):
    """How far columns give way. times: which of their shorter forms; the others: no narrower than that."""

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


@dataclass(frozen=True)
class MeasuredColumn:
    """How wide the widest cell of a column is. place: the cell's place in a row."""

    place: int
    column: Column[Any]
    cells: int


@dataclass(frozen=True)
class FittedColumn:
    """A column as it is written. width: in cells; keep: of a time so many characters, of other texts all."""

    place: int
    column: Column[Any]
    width: int
    keep: int | None = None

    def text(self, row: Sequence[str]) -> str:
        """Return the cell of a row, as long as it comes."""
        return row[self.place][: self.keep]

    def fits(self, row: Sequence[str]) -> bool:
        """Tell whether the cell is shown whole, or may be cut."""
        return self.column.truncatable or self.column.is_id or cell_len(self.text(row)) <= self.width


def measure_columns(columns: Sequence[Column[Any]], rows: Sequence[Sequence[str]]) -> list[MeasuredColumn]:
    """Measure columns by the rows at hand."""
    return [
        MeasuredColumn(place, column, max((cell_len(row[place]) for row in rows), default=0))
        for place, column in enumerate(columns)
    ]


def fit_columns(measured_columns: Sequence[MeasuredColumn], room: int) -> list[FittedColumn]:
    """Return the columns that fit, each with its width; the first always does."""
    shown = list(measured_columns)
    while True:
        for shrink_level in _SHRINK_LEVELS:
            if found := _fit_with(shown, shrink_level, room):
                return found
        if len(shown) == 1:
            return [FittedColumn(shown[0].place, shown[0].column, room)]
        shown.remove(max(shown[1:], key=lambda each: (each.column.drop_priority, each.place)))


def truncated(text: str, width: int, mark: str) -> str:
    """Return the text with the mark where it ends too early, no wider than `width` cells."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - cell_len(mark))).rstrip() + mark[:width]


def padded(text: str, width: int, *, align_right: bool) -> str:
    """Return the text with spaces up to the width."""
    fill = " " * max(0, width - cell_len(text))
    return fill + text if align_right else text + fill


def _fit_with(shown: Sequence[MeasuredColumn], shrink_level: _ShrinkLevel, room: int) -> list[FittedColumn]:
    """Return the columns as wide as there is room for after a concession; nothing where there is none."""
    room -= len(GAP) * (len(shown) - 1)
    keeps = [_keep(each.column, shrink_level.times) for each in shown]
    bounds = [_bounds(each, keep, shrink_level) for each, keep in zip(shown, keeps, strict=True)]
    if sum(least for least, _ in bounds) > room:
        return []
    widths = _distribute_width(bounds, room)
    return [
        FittedColumn(each.place, each.column, width, keep)
        for each, width, keep in zip(shown, widths, keeps, strict=True)
    ]


def _keep(column: Column[Any], times: int) -> int | None:
    return column.cut_lengths[times - 1] if times and column.cut_lengths else None


def _bounds(measured: MeasuredColumn, keep: int | None, shrink_level: _ShrinkLevel) -> tuple[int, int]:
    """Return how wide a column has to be at least, and at most."""
    column, title = measured.column, cell_len(measured.column.title)
    most = least = min(measured.cells, keep or UNLIMITED)
    if column.truncatable:
        least = min(least, shrink_level.texts)
    elif column.is_id:
        least = min(least, shrink_level.ids)
    return max(least, min(title, shrink_level.titles)), max(most, title)


def _distribute_width(bounds: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Return widths between the bounds that fill the room: the widest give way first, down to one level."""
    low, high = 0, max(most for _, most in bounds)
    while low < high:
        level = (low + high + 1) // 2
        if sum(_at(level, *each) for each in bounds) <= room:
            low = level
        else:
            high = level - 1
    widths = [_at(low, *each) for each in bounds]
    for place, (_, most) in enumerate(bounds):
        # What is left after levelling is less than a cell for each.
        if sum(widths) < room and low <= widths[place] < most:
            widths[place] += 1
    return widths


def _at(level: int, least: int, most: int) -> int:
    return max(least, min(most, level))

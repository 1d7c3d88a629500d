"""Heat maps for terminals: grids of numbers with cells shaded by value, as of RFM scores and cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import click

from clientela_client.cli.output.report_writer import Drawing, ReportWriter

# Cells between two numbers, and for the shade behind one.
_GAP, _MARK = 2, 3
_SHADES = {"": "", "plain": " .:+#", "blocks": " ░▒▓█"}
# Of the 256 xterm colours: backgrounds from dark to light blue, and a readable foreground on each.
_GROUNDS = ((None, None), (17, 255), (25, 255), (68, 16), (117, 16))


@dataclass(frozen=True)
class Cell:
    """A number as text. share: its shade, from 0 to 1; None for no shade."""

    text: str
    share: float | None = None


@dataclass(frozen=True)
class Grid:
    """Rows with labels, under a header.

    short: a shorter header for narrow terminals, where no shades are drawn.
    """

    corner: str
    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    short: Sequence[str] = ()


def write_grid(grid: Grid, writer: ReportWriter, *, shaded: bool = True) -> None:
    """Write the columns that fit, and the number of those that do not."""
    labels = max(len(grid.corner), *(len(label) for label, _ in grid.rows))
    widths = [_width(grid, place) for place in range(len(grid.head))]
    drawn = writer.drawing if shaded else ""
    mark = _MARK if drawn and not writer.color else 0
    used = [
        labels + sum(width + _GAP + mark for width in widths[: place + 1]) for place in range(len(widths))
    ]
    shown = sum(each <= writer.width for each in used)
    if shown < len(widths) and grid.short:
        write_grid(replace(grid, head=grid.short, short=()), writer, shaded=False)
        return
    head = [f"{title:>{width}}" for title, width in zip(grid.head[:shown], widths, strict=False)]
    writer.line(f"{grid.corner:<{labels}}  {(' ' * (_GAP + mark)).join(head)}")
    for label, cells in grid.rows:
        row = zip(cells[:shown], widths, strict=False)
        drawings = (_drawn(cell, width, drawn, color=writer.color) for cell, width in row)
        writer.line(f"{label:<{labels}}{''.join(drawings)}")
    if left_out := len(widths) - shown:
        writer.text(f"{left_out} more columns do not fit here: -o csv has them.")


def _width(grid: Grid, place: int) -> int:
    texts = (cells[place].text for _, cells in grid.rows if place < len(cells))
    return max(map(len, (grid.head[place], *texts)))


def _drawn(cell: Cell, width: int, drawing: Drawing, *, color: bool) -> str:
    text = f"{cell.text:>{width}}"
    shades = _SHADES[drawing]
    if not shades:
        return f"  {text}"
    depth = 0 if cell.share is None else _depth(cell.share)
    if not color:
        return f"  {text} {shades[depth] * 2}"
    ground, ink = _GROUNDS[depth]
    return f" {click.style(f' {text}', fg=ink, bg=ground)}"


def _depth(share: float) -> int:
    """Return the index of the shade: 0 for a share of 0, else 1 to 4 by quarters."""
    return 0 if share <= 0 else min(4, int(share * 4) + 1)

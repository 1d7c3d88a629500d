"""Tables and progress for people at a terminal: the only module that imports rich.

A list's column widths come from its first rows; what follows is written as it arrives, so that a table of
any length takes no memory and a watched one has no end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from shutil import get_terminal_size
from typing import IO, Literal, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from clientela_client.cli.views import Column, Fact
from clientela_client.harmless import one_line

T = TypeVar("T")

_ROWS_THAT_SET_WIDTHS = 500
_GAP = "  "
_NARROW = 12


def write_facts(facts: Iterable[Fact], stdout: IO[str], *, color: bool) -> None:
    """Write one resource as two columns, labels and values, with headings where the facts have some."""
    grid = Table.grid(padding=(0, len(_GAP)))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    under = ""
    for fact in facts:
        if fact.under != under:
            under = fact.under
            grid.add_row()
            grid.add_row(Text.assemble((under, "not dim bold")))
        if fact.for_people:
            grid.add_row(Text(fact.label), Text(fact.for_people))
        if fact.below:
            grid.add_row("", Text.assemble((one_line(fact.below), "dim")))
    _print(grid, stdout, color, _width(stdout))


def write_table(items: Iterable[T], columns: Sequence[Column[T]], stdout: IO[str], *, color: bool) -> None:
    """Write a list with a header."""
    shown = [column for column in columns if column.for_people]
    rows = ([column.for_terminal(item) for column in shown] for item in items)
    first = list(islice(rows, _ROWS_THAT_SET_WIDTHS))
    widths = _widths(shown, first, _width(stdout))
    # What does not fit a narrow terminal is left to it to wrap.
    whole = sum(widths) + len(_GAP) * len(widths)
    if first:
        _print(_block(shown, widths, first, header=True), stdout, color, whole)
    while block := list(islice(rows, _ROWS_THAT_SET_WIDTHS)):
        _print(_block(shown, widths, block, header=False), stdout, color, whole)


def write_live(items: Iterable[T], columns: Sequence[Column[T]], stdout: IO[str], *, color: bool) -> None:
    """Write a list row by row as it comes, with the columns' own widths: what is longer sticks out."""
    shown = [column for column in columns if column.for_people]
    titles = _GAP.join(_padded(column.title, column) for column in shown)
    stdout.write(f"{click.style(titles.rstrip(), bold=True) if color else titles.rstrip()}\n")
    stdout.flush()
    for item in items:
        cells = _GAP.join(_padded(column.for_terminal(item), column) for column in shown)
        stdout.write(f"{cells.rstrip()}\n")


def progress_bar(total: int, label: str) -> _Bar:
    """Return a progress bar on stderr, to be entered as a context and then advanced."""
    return _Bar(total, label)


class _Bar:
    """A progress bar on stderr."""

    def __init__(self, total: int, label: str) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            transient=True,
        )
        self._task = self._progress.add_task(label, total=total)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def reach(self, count: int) -> None:
        """Show that `count` of the total are done."""
        self._progress.update(self._task, completed=count)


def _width(stdout: IO[str]) -> int:
    # Wide enough to wrap nothing where no terminal says how wide it is: `-o table` in a pipe.
    return get_terminal_size().columns if stdout.isatty() else 1000


def _print(what: RenderableType, stdout: IO[str], color: bool, width: int) -> None:
    console = Console(file=stdout, no_color=not color, force_terminal=color, highlight=False, width=width)
    with console.capture() as captured:
        console.print(what)
    # rich fills every line up with spaces, which nobody wants to copy.
    stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _padded(text: str, column: Column[T]) -> str:
    fill = " " * max(0, column.live_width - cell_len(text))
    return fill + text if column.right else text + fill


def _widths(columns: Sequence[Column[T]], rows: Sequence[Sequence[str]], available: int) -> list[int]:
    """Return the widths of the columns; those that give way are made narrower until all fit."""
    texts = zip(*chain([[column.title for column in columns]], rows), strict=True)
    widths = [max(map(cell_len, column)) for column in texts]
    too_much = sum(widths) + len(_GAP) * (len(widths) - 1) - available
    for place, column in enumerate(columns):
        if column.shrinks and too_much > 0 and widths[place] > _NARROW:
            narrower = max(_NARROW, widths[place] - too_much)
            too_much -= widths[place] - narrower
            widths[place] = narrower
    return widths


def _block(
    columns: Sequence[Column[T]], widths: Sequence[int], rows: Iterable[Sequence[str]], *, header: bool
) -> Table:
    table = Table(
        box=None, padding=(0, len(_GAP), 0, 0), show_header=header, header_style="bold", pad_edge=False
    )
    for column, width in zip(columns, widths, strict=True):
        justify: Literal["right", "left"] = "right" if column.right else "left"
        table.add_column(column.title, justify=justify, width=width, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table

"""Facts and progress for people at a terminal; beside tables.py the only module that imports rich."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import IO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from clientela_client.cli.output.fitting import GAP
from clientela_client.cli.output.terminal_width import UNLIMITED, terminal_width
from clientela_client.cli.output.views import Fact
from clientela_client.clock import monotonic
from clientela_client.harmless import one_line


def write_facts(facts: Iterable[Fact], stdout: IO[str], *, color: bool) -> None:
    """Write one resource as two columns, labels and values, with headings where the facts have some."""
    grid = Table.grid(padding=(0, len(GAP)))
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
    _print(grid, stdout, color, terminal_width(stdout) or UNLIMITED)


def progress_bar(total: int, label: str, *, color: bool) -> ProgressBar:
    """Return a progress bar of rows on stderr, a context manager."""
    return ProgressBar(total, label, color=color)


class ProgressBar:
    """A progress bar on stderr."""

    def __init__(self, total: int, label: str, *, color: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("rows{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr, no_color=not color),
            transient=True,
        )
        self._task = self._progress.add_task(label, total=total, rate="")
        self._began = monotonic()

    def __enter__(self) -> ProgressBar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def reach(self, count: int) -> None:
        """Set the bar to `count` of the total."""
        rate = count / max(monotonic() - self._began, 1e-3)
        self._progress.update(self._task, completed=count, rate=f", {rate:,.0f}/s" if count else "")


def _print(what: RenderableType, stdout: IO[str], color: bool, width: int) -> None:
    console = Console(file=stdout, no_color=not color, force_terminal=color, highlight=False, width=width)
    with console.capture() as captured:
        console.print(what)
    # rich pads every line with spaces, which would be copied along.
    stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())

"""Where reports are written for people: lines, facts, tables, and what can be drawn there.

Rules: nothing is drawn into a pipe, and where a terminal has no blocks, plain characters do; what a shade
says is said in figures too.
Read next: economics_report.py, economics_chart.py, grids.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import IO, Any, Generic, Literal, TypeVar

from clientela_client.cli.output.terminal_width import can_write, terminal_width
from clientela_client.cli.output.views import Column, Fact, View
from clientela_client.harmless import one_line

T = TypeVar("T")
Drawing = Literal["", "plain", "blocks"]

_READABLE = 100
# Terminals that are known to show no blocks, or only some.
_PLAIN_TERMINALS = {"dumb", "linux"}


@dataclass(frozen=True)
class Report(Generic[T]):
    """An answer that is more than a list. answer: all of it; rows and view: what of it is a list; write: it,
    for people.
    """

    response: Any
    rows: Sequence[T]
    view: View[T]
    write: Callable[[ReportWriter], None]


class ReportWriter:
    """Writes for people on one stream."""

    def __init__(self, stdout: IO[str], *, color: bool) -> None:
        self._stdout = stdout
        self.color = color
        self.drawing: Drawing = _drawing(stdout)
        self.width = terminal_width(stdout) or _READABLE

    def line(self, text: str = "") -> None:
        """Write one line as it is, harmless already."""
        self._stdout.write(f"{text.rstrip()}\n")

    def title(self, text: str) -> None:
        """Write what comes next, set apart from what was before."""
        import click

        self.line()
        for part in wrap(one_line(text), self.width):
            self.line(click.style(part, bold=True) if self.color else part)

    def text(self, text: str) -> None:
        """Write sentences, in lines that can be read."""
        for part in wrap(one_line(text), min(self.width, _READABLE)):
            self.line(part)

    def facts(self, facts: Iterable[Fact]) -> None:
        """Write labels and values."""
        from clientela_client.cli.output.terminal import write_facts

        write_facts(facts, self._stdout, color=self.color)

    def table(self, rows: Iterable[T], columns: Sequence[Column[T]]) -> None:
        """Write rows with a header."""
        from clientela_client.cli.output.tables import write_table

        if left_out := write_table(rows, columns, self._stdout, color=self.color):
            self.text(f"No room here for {', '.join(left_out)}: -o csv has all.")


def _drawing(stdout: IO[str]) -> Drawing:
    if not stdout.isatty():
        return ""
    plain = os.environ.get("TERM") in _PLAIN_TERMINALS or not can_write("█▏░", stdout)
    return "plain" if plain else "blocks"

"""The writer of reports for people: lines, facts, tables, and whether charts can be drawn.

Rules: no charts in a pipe; ASCII where a terminal lacks block characters; a shade never replaces its number.
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
# Terminals without (all) block characters.
_PLAIN_TERMINALS = {"dumb", "linux"}


@dataclass(frozen=True)
class Report(Generic[T]):
    """A response that is more than a list.

    response: the whole message; rows, view: its list part; write: writes it for people.
    """

    response: Any
    rows: Sequence[T]
    view: View[T]
    write: Callable[[ReportWriter], None]


class ReportWriter:
    """Writes a report for people to a stream. width: in cells; drawing: how charts are drawn, "" for none."""

    def __init__(self, stdout: IO[str], *, color: bool) -> None:
        self._stdout = stdout
        self.color = color
        self.drawing: Drawing = _drawing(stdout)
        self.width = terminal_width(stdout) or _READABLE

    def line(self, text: str = "") -> None:
        """Write one line unchanged; the caller has escaped it."""
        self._stdout.write(f"{text.rstrip()}\n")

    def title(self, text: str) -> None:
        """Write a heading after a blank line."""
        import click

        self.line()
        for part in wrap(one_line(text), self.width):
            self.line(click.style(part, bold=True) if self.color else part)

    def text(self, text: str) -> None:
        """Write sentences, wrapped to a readable width."""
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

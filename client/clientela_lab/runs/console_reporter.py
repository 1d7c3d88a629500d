"""Reports a run on the terminal as it happens: the narrative, the wire, `wanted = X, got = Y`.

Beliefs and truths are compared at the end: where they differ, or where a client is in doubt, the row is red.
Of the wire only the first lines are printed; the page has it all.
Read next: cli.py, which starts it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clientela_client.harmless import one_line
from clientela_lab.checking.notes import Event
from clientela_lab.runs.scenario import NamedScenario
from clientela_lab.wire.watch.event_format import EventFormat

if TYPE_CHECKING:
    from clientela_lab.runs.running import Result

_GOOD, _BAD = "green", "red"
_CROSSES = frozenset({"call_begin", "message", "call_end", "fault"})
_CROSSED_MAX = 40
_WIDTH = 118


class ConsoleReporter:
    """Prints the events of one run."""

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._format = EventFormat(frames=False)
        self._crossed = 0
        self._beliefs: list[Event] = []
        self._truths: dict[str, Any] = {}

    def begin(self, found: NamedScenario, without: str | None = None) -> None:
        """Print the question and the prediction."""
        scenario = found.scenario
        self._print(f"{found.name}: {scenario.question}", bold=True)
        self._print(f"  prediction: {scenario.prediction}")
        if without:
            self._print(f"  without {without}: {scenario.protections[without]}", fg=_BAD)
        self._print("")

    def __call__(self, event: Event) -> None:
        """Print one event, or keep it for the end."""
        tell = getattr(self, f"_{event['event']}", None)
        if tell:
            tell(event)
        elif event["event"] in _CROSSES:
            self._cross(event)

    def _cross(self, event: Event) -> None:
        line = self._format.of(event)
        if line is None:
            return
        self._crossed += 1
        if self._crossed > _CROSSED_MAX:
            return
        text = str(line)
        cut = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
        self._print(f"  {cut}", fg=_BAD if line.bad else None, dim=not line.bad)

    def _say(self, event: Event) -> None:
        who = f"{event['who']}: " if "who" in event else ""
        self._print(f"  {who}{event['text']}")

    def _server(self, event: Event) -> None:
        self._print(f"  server: {event['text']}", fg="yellow")

    def _check(self, event: Event) -> None:
        sign, tone = ("✓", _GOOD) if event["right"] else ("✗", _BAD)
        line = f"{event['what']}: wanted = {event['wanted']}, got = {event['got']}"
        self._print(f" {line}", before=f"  {click.style(sign, fg=tone)}")

    def _belief(self, event: Event) -> None:
        self._beliefs.append(event)

    def _truth(self, event: Event) -> None:
        self._truths[event["about"]] = event["value"]

    def _verdict(self, event: Event) -> None:
        if self._crossed > _CROSSED_MAX:
            self._print(f"  ... and {self._crossed - _CROSSED_MAX} lines more of what crossed", dim=True)
        self._side_by_side()
        for line in event["text"].splitlines():
            self._print(f"  {line}", fg=None if event["kept"] else _BAD)

    def _side_by_side(self) -> None:
        if not self._beliefs:
            return
        rows = [_row(belief, self._truths) for belief in self._beliefs]
        self._beliefs = []
        widths = [max(len(row[0][column]) for row in rows) for column in range(2)]
        self._print("")
        for (about, believed, true), agrees in rows:
            line = f"  {about:{widths[0]}}   {believed:{widths[1]}}   {true}"
            self._print(line, fg=None if agrees else _BAD)
        self._print("")

    def end(self, result: Result, page: Path, record: Path | None) -> None:
        """Print the result, and the paths of page and recording."""
        verdict, tone = ("All as wanted", _GOOD) if result.kept else ("NOT all as wanted", _BAD)
        self._print(f", in {result.seconds:.1f} s", before=f"  {click.style(verdict, fg=tone, bold=True)}")
        self._print(f"  page: {page.resolve()}")
        if record:
            self._print(f"  recording: {record.resolve()}")

    def _print(self, text: str, *, before: str = "", **style: Any) -> None:
        """Print a line in a style, with control characters escaped."""
        click.echo(before + click.style(one_line(text), **style), color=self._color)


def _row(belief: Event, truths: dict[str, Any]) -> tuple[tuple[str, str, str], bool]:
    """Return the three cells of a row, and whether belief and truth agree."""
    about, value = belief["about"], belief["value"]
    told = belief["outcome"] if value is None else f"{belief['outcome']}, {value}"
    true = truths.get(about, "nobody looked")
    agrees = belief["outcome"] != "in doubt" and (value is None or value == true)
    return (about, f"{belief['client']}: {told}", f"server: {true}"), agrees

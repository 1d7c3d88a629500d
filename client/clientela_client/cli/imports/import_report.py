"""The result of an import in numbers: each record read is imported, a duplicate, or rejected."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

import click

from clientela_client.cli.command.exits import INVALID
from clientela_client.cli.output.views import Column, Fact, View
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.clock import monotonic

if TYPE_CHECKING:
    from clientela_client.cli.command.command_context import CommandContext
    from clientela_client.cli.output.terminal import ProgressBar


@dataclass(frozen=True)
class ImportReport:
    """The numbers of an import. what: the resource, in the plural; duplicates: records that existed already.

    imported, duplicates and rejected count records; rows_read and rows_rejected count rows of the file;
    rounded: purchases whose amount was rounded, None without `--round`; refunds: those among the imported;
    updated: existing customers that were updated, None without `--update`.
    """

    what: str
    imported: int
    duplicates: int
    rejected: int
    _: KW_ONLY
    rows_read: int
    rows_rejected: int
    customers_created: int
    revision: int
    seconds: float
    rounded: int | None = None
    refunds: int = 0
    updated: int | None = None

    @property
    def read(self) -> int:
        """The number of records in the file: the sum of the outcomes."""
        return self.imported + (self.updated or 0) + self.duplicates + self.rejected

    @property
    def rows_per_second(self) -> int:
        """The rate, in rows per second."""
        return round(self.rows_read / max(self.seconds, 1e-9))

    @property
    def figures(self) -> dict[str, int | float]:
        """The numbers by name; the revision only if it is known."""
        figures: dict[str, int | float] = {
            "imported": self.imported,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "read": self.read,
            "rows_read": self.rows_read,
            "rows_rejected": self.rows_rejected,
            "customers_created": self.customers_created,
            "revision": self.revision,
            "seconds": round(self.seconds, 3),
            "rows_per_second": self.rows_per_second,
        }
        if self.rounded is not None:
            figures["rounded"] = self.rounded
        if self.refunds:
            figures["refunds"] = self.refunds
        if self.updated is not None:
            figures["updated"] = self.updated
        return figures if self.revision else {key: figures[key] for key in figures if key != "revision"}


def _pretty(key: str, figure: float) -> str:
    if key == "revision":
        return str(figure)
    return f"{figure:.1f}" if key == "seconds" else f"{figure:,}"


def _facts(report: ImportReport) -> list[Fact]:
    return [Fact(key, str(figure), _pretty(key, figure)) for key, figure in report.figures.items()]


def _no_name(_import_report: ImportReport) -> str:
    raise click.UsageError("-o name: an import's result has no name")


def _column(key: str) -> Column[ImportReport]:
    return Column(key, lambda report: str(report.figures.get(key, "")))


_FLAT = tuple(
    _column(key)
    for key in ImportReport(
        "", 0, 0, 0, rows_read=0, rows_rejected=0, customers_created=0, revision=1, seconds=0.0
    ).figures
)

REPORT: View[ImportReport] = View(
    singular="import",
    plural="imports",
    table=_FLAT,
    flat=_FLAT,
    facts=_facts,
    name=_no_name,
    fields=lambda report: dict(report.figures),
)


def show_import_report(context: CommandContext, report: ImportReport) -> None:
    """Write the numbers, and exit with 6 if rows were rejected."""
    context.writer.write_one(report, REPORT)
    if not context.writer.for_people:
        context.note(_sentence(report))
    if report.rejected:
        click.get_current_context().exit(INVALID)


def _sentence(report: ImportReport) -> str:
    facts = [f"{pluralized(report.imported, report.what.removesuffix('s'))} imported"]
    if report.refunds:
        facts[0] += f" ({report.refunds:,} of them refunds)"
    if report.what == "purchases":
        facts.append(f"{pluralized(report.customers_created, 'customer')} registered")
    if report.updated is not None:
        facts.append(f"{report.updated:,} changed")
    facts += [f"{report.duplicates:,} there already", f"{report.rejected:,} refused"]
    if report.rounded is not None:
        facts.append(f"{report.rounded:,} rounded")
    speed = f"in {report.seconds:.1f} s, {pluralized(report.rows_per_second, 'row')}/s"
    return f"{', '.join(facts)}; {pluralized(report.rows_read, 'row')} read, {speed}"


class Stopwatch:
    """Measures the time since its creation."""

    def __init__(self) -> None:
        self._began = monotonic()

    @property
    def seconds(self) -> float:
        """The seconds since creation."""
        return monotonic() - self._began


class Progress:
    """Shows on a terminal how many rows the server has acknowledged, and the rate."""

    def __init__(self, context: CommandContext, rows: int, label: str) -> None:
        self._rows = max(rows, 1)
        self._label = label
        self._open = contextlib.ExitStack()
        self._bar: ProgressBar | None = None
        self._shown = context.shows_progress
        self._color = context.options.colors_on(sys.stderr)
        self._reached = 0

    def __enter__(self) -> Progress:
        if self._shown:
            from clientela_client.cli.output.terminal import progress_bar

            self._bar = self._open.enter_context(progress_bar(self._rows, self._label, color=self._color))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def reach(self, rows: int) -> None:
        """Advance to so many rows; never back."""
        self._reached = max(self._reached, rows)
        if self._bar:
            self._bar.reach(self._reached)

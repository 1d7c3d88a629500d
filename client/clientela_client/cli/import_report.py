"""What came of an import: the figures on stdout, the refused rows on stderr and in the `--rejects` file."""

from __future__ import annotations

import contextlib
import csv
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from clientela_client.cli.csv_file import CsvFile, Reject
from clientela_client.cli.exits import INVALID
from clientela_client.cli.harmless import one_line
from clientela_client.cli.views import Column, Fact, View

if TYPE_CHECKING:
    from clientela_client.cli.session import Asking

T = TypeVar("T")

_SHOWN = 20
_STEP = 500


@dataclass(frozen=True)
class Report:
    """The figures of an import. what: of what, in the plural; duplicates: those that were there already."""

    what: str
    imported: int
    duplicates: int
    rejected: int
    customers_created: int
    revision: int
    seconds: float

    @property
    def rows_per_second(self) -> int:
        """How many were dealt with in a second."""
        return round((self.imported + self.duplicates + self.rejected) / max(self.seconds, 1e-9))

    @property
    def figures(self) -> dict[str, int | float]:
        """Return all of them by name; the revision only where it is known."""
        figures: dict[str, int | float] = {
            "imported": self.imported,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "customers_created": self.customers_created,
            "revision": self.revision,
            "seconds": round(self.seconds, 3),
            "rows_per_second": self.rows_per_second,
        }
        return figures if self.revision else {key: figures[key] for key in figures if key != "revision"}


def _pretty(key: str, figure: float) -> str:
    if key == "revision":
        return str(figure)
    return f"{figure:.1f}" if key == "seconds" else f"{figure:,}"


def _facts(report: Report) -> list[Fact]:
    return [Fact(key, str(figure), _pretty(key, figure)) for key, figure in report.figures.items()]


def _no_name(_report: Report) -> str:
    raise click.UsageError("-o name: an import's result has no name")


def _column(key: str) -> Column[Report]:
    return Column(key, lambda report: str(report.figures.get(key, "")))


_FLAT = tuple(_column(key) for key in Report("", 0, 0, 0, 0, 1, 0.0).figures)

REPORT: View[Report] = View(
    singular="import",
    plural="imports",
    table=_FLAT,
    flat=_FLAT,
    facts=_facts,
    name=_no_name,
    fields=lambda report: dict(report.figures),
)


class RejectLog:
    """Lists refused rows: the first on stderr, and all in a CSV file beside their cells, if one is named."""

    def __init__(self, file: CsvFile, path: Path | None, asking: Asking) -> None:
        self.count = 0
        self._asking = asking
        self._open = contextlib.ExitStack()
        self._writer = None
        if path is not None:
            _check_target(file, path)
            target = self._open.enter_context(
                path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            )
            self._writer = csv.writer(target)
            self._writer.writerow((*file.header, "rejected_line", "rejected_column", "rejected_reason"))
        self._width = len(file.header)

    def __enter__(self) -> RejectLog:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, reject: Reject) -> None:
        """List one more."""
        self.count += 1
        if self.count <= _SHOWN:
            column = f", {reject.column}" if reject.column else ""
            click.echo(one_line(f"line {reject.line}{column}: {reject.reason}"), err=True)
        if self._writer:
            cells = [*reject.cells[: self._width], *[""] * (self._width - len(reject.cells))]
            self._writer.writerow((*cells, reject.line, reject.column, reject.reason))

    def finish(self) -> None:
        """Say how many more there are than were shown."""
        if self.count > _SHOWN:
            where = "" if self._writer else "; --rejects FILE lists all"
            click.echo(f"... and {self.count - _SHOWN:,} more rows were refused{where}", err=True)


def _check_target(file: CsvFile, path: Path) -> None:
    if path.exists() and path.samefile(file.path):
        raise click.UsageError(f"--rejects {path} is the file that is imported")


def show_report(asking: Asking, report: Report) -> None:
    """Write the figures, and end the run with 6 if rows were refused."""
    asking.output.one(report, REPORT)
    if not asking.output.for_people:
        asking.note(_sentence(report))
    if report.rejected:
        click.get_current_context().exit(INVALID)


def _sentence(report: Report) -> str:
    registered = f", {report.customers_created:,} customers registered" if report.what == "purchases" else ""
    return (
        f"{report.imported:,} {report.what} imported{registered}, {report.duplicates:,} there already, "
        f"{report.rejected:,} refused, in {report.seconds:.1f} s"
    )


class Stopwatch:
    """Measures from its making."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Return the seconds so far."""
        return time.perf_counter() - self._began


def with_progress(asking: Asking, items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Yield the items, and shows on a terminal how far it is."""
    if not asking.shows_progress:
        yield from items
        return
    from clientela_client.cli.terminal import progress_bar

    with progress_bar(total, label) as bar:
        for number, item in enumerate(items, 1):
            yield item
            if number % _STEP == 0:
                bar.reach(number)
        bar.reach(total)

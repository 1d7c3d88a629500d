"""What came of an import, in figures: what was read is imported, there already or refused; nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import click

from clientela_client.cli.exits import INVALID
from clientela_client.cli.views import Column, Fact, View

if TYPE_CHECKING:
    from clientela_client.cli.session import Asking

T = TypeVar("T")

_STEP = 500


@dataclass(frozen=True)
class Report:
    """The figures of an import. what: of what, in the plural; duplicates: those that were there already.

    imported, duplicates, rejected are of these; rows_read, rows_rejected of the file's rows; rounded: of how
    many the amount was, where that was asked for.
    """

    what: str
    imported: int
    duplicates: int
    rejected: int
    rows_read: int
    rows_rejected: int
    customers_created: int
    revision: int
    seconds: float
    rounded: int | None = None

    @property
    def read(self) -> int:
        """How many the file has: the sum of what became of them."""
        return self.imported + self.duplicates + self.rejected

    @property
    def rows_per_second(self) -> int:
        """How many rows were dealt with in a second."""
        return round(self.rows_read / max(self.seconds, 1e-9))

    @property
    def figures(self) -> dict[str, int | float]:
        """Return all of them by name; the revision only where it is known."""
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


_FLAT = tuple(_column(key) for key in Report("", 0, 0, 0, 0, 0, 0, 1, 0.0).figures)

REPORT: View[Report] = View(
    singular="import",
    plural="imports",
    table=_FLAT,
    flat=_FLAT,
    facts=_facts,
    name=_no_name,
    fields=lambda report: dict(report.figures),
)


def show_report(asking: Asking, report: Report) -> None:
    """Write the figures, and end the run with 6 if rows were refused."""
    asking.output.one(report, REPORT)
    if not asking.output.for_people:
        asking.note(_sentence(report))
    if report.rejected:
        click.get_current_context().exit(INVALID)


def _sentence(report: Report) -> str:
    registered = f", {report.customers_created:,} customers registered" if report.what == "purchases" else ""
    rounded = "" if report.rounded is None else f", {report.rounded:,} rounded"
    return (
        f"{report.imported:,} {report.what} imported{registered}, {report.duplicates:,} there already, "
        f"{report.rejected:,} refused{rounded}; {report.rows_read:,} rows read, in {report.seconds:.1f} s"
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

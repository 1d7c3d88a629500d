"""How cohorts look: of the clients who first bought in a month, how many bought in each month after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from clientela_client.cli.output.grids import Cell, Grid, write_grid
from clientela_client.cli.output.report_writer import Report, ReportWriter
from clientela_client.cli.output.views import Column, View, date, pretty_money
from clientela_client.cli.words.enum_choices import pluralized

if TYPE_CHECKING:
    from clientela_client.messages import Cohort, Date, GetCohortsResponse


@dataclass(frozen=True)
class RetentionCell:
    """One cell: of a month's new clients, those who bought so many months later."""

    month: str
    customer_count: int
    months_later: int
    active_customer_count: int

    @property
    def share(self) -> float:
        """Return how many of all they are, from 0 to 1."""
        return self.active_customer_count / self.customer_count if self.customer_count else 0.0


def month(day: Date) -> str:
    """Return "1997-01"."""
    return date(day)[:7]


def retention_cells(cohort: Cohort) -> list[RetentionCell]:
    """Return the cells of a cohort, from its own month on."""
    return [
        RetentionCell(month(cohort.month), cohort.customer_count, later, count)
        for later, count in enumerate(cohort.active_customer_counts)
    ]


def _no_name(_cell: RetentionCell) -> str:
    raise click.UsageError("-o name: cohorts have no names")


_TABLE: tuple[Column[RetentionCell], ...] = (
    Column("cohort", lambda c: c.month),
    Column("customer_count", lambda c: f"{c.customer_count}"),
    Column("months_later", lambda c: f"{c.months_later}"),
    Column("active_customer_count", lambda c: f"{c.active_customer_count}"),
)
COHORT: View[RetentionCell] = View(
    singular="cell",
    plural="cells",
    table=_TABLE,
    flat=_TABLE,
    facts=lambda _: (),
    name=_no_name,
    fields=lambda cell: dict(vars(cell)),
)


def cohorts_report(response: GetCohortsResponse) -> Report[RetentionCell]:
    """Return the report of an answer."""
    cells = [cell for cohort in response.cohorts for cell in retention_cells(cohort)]
    return Report(response, cells, COHORT, lambda writer: _write(response, writer))


def _write(response: GetCohortsResponse, writer: ReportWriter) -> None:
    writer.text(summary(response))
    if not response.cohorts:
        return
    writer.title("Of the clients won in a month, how many percent bought so many months later")
    write_grid(grid_of(response), writer)


def summary(response: GetCohortsResponse) -> str:
    """Return what there is in all, as a sentence."""
    if not response.customer_count:
        return f"Nobody bought in {response.currency_code} until {date(response.as_of)}."
    how_often = (
        f"{pluralized(response.purchase_count, 'time')} until {date(response.as_of)}, "
        f"for {pretty_money(response.amount)}"
    )
    back = f"{response.repeat_customer_count:,} of them more than once"
    return f"{pluralized(response.customer_count, 'client')} bought {how_often}; {back}."


def grid_of(response: GetCohortsResponse) -> Grid:
    """Return a row for each month with new clients, and a column for each month later."""
    longest = max(len(cohort.active_customer_counts) for cohort in response.cohorts)
    # All bought in their own month: it would outshine the others.
    later = [cell.share for cohort in response.cohorts for cell in retention_cells(cohort)[1:]]
    most = max(later, default=0.0) or 1.0
    rows = [
        (
            month(cohort.month),
            [
                Cell(f"{cohort.customer_count:,}"),
                *(
                    Cell(f"{cell.share * 100:.0f}", cell.share / most if cell.months_later else None)
                    for cell in retention_cells(cohort)
                ),
            ],
        )
        for cohort in response.cohorts
    ]
    return Grid("won in", ["clients", *map(str, range(longest))], rows)

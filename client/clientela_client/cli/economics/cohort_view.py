"""How cohorts look: of the clients who first bought in a month, how many bought in each month after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from clientela_client.cli.output.grids import Cell, Grid, write_grid
from clientela_client.cli.output.report_writer import Report, Screen
from clientela_client.cli.output.views import Column, View, date, pretty_money
from clientela_client.cli.words.enum_choices import counted

if TYPE_CHECKING:
    from clientela_client.messages import Cohort, Date, GetCohortsResponse


@dataclass(frozen=True)
class Returned:
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


def returned(cohort: Cohort) -> list[Returned]:
    """Return the cells of a cohort, from its own month on."""
    return [
        Returned(month(cohort.month), cohort.customer_count, later, count)
        for later, count in enumerate(cohort.active_customer_counts)
    ]


def _no_name(_cell: Returned) -> str:
    raise click.UsageError("-o name: cohorts have no names")


_TABLE: tuple[Column[Returned], ...] = (
    Column("cohort", lambda c: c.month),
    Column("customer_count", lambda c: f"{c.customer_count}"),
    Column("months_later", lambda c: f"{c.months_later}"),
    Column("active_customer_count", lambda c: f"{c.active_customer_count}"),
)
COHORT: View[Returned] = View(
    singular="cell",
    plural="cells",
    table=_TABLE,
    flat=_TABLE,
    facts=lambda _: (),
    name=_no_name,
    fields=lambda cell: dict(vars(cell)),
)


def cohorts_report(answer: GetCohortsResponse) -> Report[Returned]:
    """Return the report of an answer."""
    cells = [cell for cohort in answer.cohorts for cell in returned(cohort)]
    return Report(answer, cells, COHORT, lambda screen: _write(answer, screen))


def _write(answer: GetCohortsResponse, screen: Screen) -> None:
    screen.text(summary(answer))
    if not answer.cohorts:
        return
    screen.title("Of the clients won in a month, how many percent bought so many months later")
    write_grid(grid_of(answer), screen)


def summary(answer: GetCohortsResponse) -> str:
    """Return what there is in all, as a sentence."""
    if not answer.customer_count:
        return f"Nobody bought in {answer.currency_code} until {date(answer.as_of)}."
    how_often = (
        f"{counted(answer.purchase_count, 'time')} until {date(answer.as_of)}, "
        f"for {pretty_money(answer.amount)}"
    )
    back = f"{answer.repeat_customer_count:,} of them more than once"
    return f"{counted(answer.customer_count, 'client')} bought {how_often}; {back}."


def grid_of(answer: GetCohortsResponse) -> Grid:
    """Return a row for each month with new clients, and a column for each month later."""
    longest = max(len(cohort.active_customer_counts) for cohort in answer.cohorts)
    # All bought in their own month: it would outshine the others.
    later = [cell.share for cohort in answer.cohorts for cell in returned(cohort)[1:]]
    most = max(later, default=0.0) or 1.0
    rows = [
        (
            month(cohort.month),
            [
                Cell(f"{cohort.customer_count:,}"),
                *(
                    Cell(f"{cell.share * 100:.0f}", cell.share / most if cell.months_later else None)
                    for cell in returned(cohort)
                ),
            ],
        )
        for cohort in answer.cohorts
    ]
    return Grid("won in", ["clients", *map(str, range(longest))], rows)

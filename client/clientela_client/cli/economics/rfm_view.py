"""How RFM looks: the grid of recency by frequency, and where one score ends and the next begins."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from clientela_client.cli.output.grids import Cell, Grid, write_grid
from clientela_client.cli.output.report_writer import Report, ReportWriter
from clientela_client.cli.output.views import Column, View, date, message_fields, money, word
from clientela_client.cli.words.enum_choices import pluralized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clientela_client.messages import GetRfmResponse, RfmCell

SCORES = (5, 4, 3, 2, 1)


def _no_name(_cell: RfmCell) -> str:
    raise click.UsageError("-o name: scores have no names")


_TABLE: tuple[Column[RfmCell], ...] = (
    Column("recency", lambda c: f"{c.recency}"),
    Column("frequency", lambda c: f"{c.frequency}"),
    Column("monetary", lambda c: f"{c.monetary}"),
    Column("customer_count", lambda c: f"{c.customer_count}"),
    Column("amount", lambda c: money(c.amount), is_number=True),
    Column("currency", lambda c: c.amount.currency_code),
)
RFM: View[RfmCell] = View(
    singular="cell",
    plural="cells",
    table=_TABLE,
    flat=_TABLE,
    facts=lambda _: (),
    name=_no_name,
    fields=message_fields,
)


def rfm_report(response: GetRfmResponse) -> Report[RfmCell]:
    """Return the report of an answer."""
    return Report(response, list(response.cells), RFM, lambda writer: _write(response, writer))


def _write(response: GetRfmResponse, writer: ReportWriter) -> None:
    scoring = word(response, "scoring") or "quintile"
    writer.text(
        f"{pluralized(response.customer_count, 'client')} who bought in {response.currency_code} "
        f"until {date(response.as_of)}, "
        f"scored by {scoring}: 5 is best"
    )
    if not response.cells:
        return
    writer.title("How many clients, by how recently and how often they bought")
    write_grid(grid_of(response), writer)
    if response.HasField("cutpoints"):
        writer.title("What a score means")
        writer.table(limits(response), _LIMITS)


def counts_of(response: GetRfmResponse) -> Counter[tuple[int, int]]:
    """Count clients by recency and frequency, whatever they spent."""
    counts: Counter[tuple[int, int]] = Counter()
    for cell in response.cells:
        counts[cell.recency, cell.frequency] += cell.customer_count
    return counts


def grid_of(response: GetRfmResponse) -> Grid:
    """Return recency downwards, best on top, and frequency from left to right, best at the right."""
    counts = counts_of(response)
    most = max(counts.values(), default=1)
    frequencies = SCORES[::-1]
    rows = [
        (
            f"recency {recency}",
            [Cell(f"{counts[recency, each]:,}", counts[recency, each] / most) for each in frequencies],
        )
        for recency in SCORES
    ]
    short = [f"f {each}" for each in frequencies]
    return Grid("", [f"freq. {each}" for each in frequencies], rows, short)


Limit = tuple[int, str, str, str]
_LIMITS: tuple[Column[Limit], ...] = (
    Column("SCORE", lambda limit: f"{limit[0]}"),
    Column("LAST BOUGHT, DAYS AGO", lambda limit: limit[1], align_right=True),
    Column("PURCHASES", lambda limit: limit[2], align_right=True),
    Column("BROUGHT", lambda limit: limit[3], align_right=True),
)


def limits(response: GetRfmResponse) -> list[Limit]:
    """Return for each score between which values it is given, the best first."""
    cut = response.cutpoints
    recency = [f"{each:,g}" for each in cut.recency_days]
    frequency = [f"{each:,g}" for each in cut.frequencies]
    amounts = [_amount(each.value) for each in cut.amounts]
    return [
        (score, _between(recency, 5 - score), _between(frequency, score - 1), _between(amounts, score - 1))
        for score in SCORES
    ]


def _between(cuts: Sequence[str], place: int) -> str:
    """Return "to 30", "over 30, to 60", "over 400" for one of the five parts; "nobody" where it is empty."""
    if 0 < place < len(cuts) and cuts[place - 1] == cuts[place]:
        return "nobody"
    low = f"over {cuts[place - 1]}" if place else ""
    high = f"to {cuts[place]}" if place < len(cuts) else ""
    return ", ".join(filter(None, (low, high)))


def _amount(value: str) -> str:
    return f"{float(value):,.2f}"

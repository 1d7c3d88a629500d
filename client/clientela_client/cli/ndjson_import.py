"""Imports customers and purchases from NDJSON: a line is a Customer or a Purchase as `-o ndjson` writes it.

What only the server sets is left out of what is sent: totals, times of recording, etags, revisions. But a
customer with a delete_time is deleted once it is registered, and a purchase keeps its name, which says whose
it is. A refund and an erased customer are refused: neither can be made again as it was.
Read next: ndjson_file.py, customer_import.py, purchase_import.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clientela_client.cli.customer_import import Registering, batches
from clientela_client.cli.import_report import Report, Stopwatch, show_report, with_progress
from clientela_client.cli.ndjson_file import Line, LineProblem, NdjsonFile, NotTaken, Refusals, message_of
from clientela_client.cli.purchase_import import STREAM_TIMEOUT_S
from clientela_client.cli.rounding import round_purchase
from clientela_client.cli.row_ids import RowIds
from clientela_client.cli.session import Asking
from clientela_client.messages import Customer, ImportItem, Purchase

if TYPE_CHECKING:
    from clientela_client.messages import ImportPurchasesResponse

# A purchase of NDJSON has a name, and so the request id that it has in a CSV file.
_IDS = RowIds((), 0, "")
_OF_SERVER = ("refunded_amount", "recorded_by", "create_time", "revision")
_CUSTOMER_OF_SERVER = ("uid", "totals", "create_time", "update_time", "etag")


def run_customers(asking: Asking, path: Path, mapping: Sequence[str], rejects: Path | None) -> None:
    """Register the customers of the file, and show what came of it."""
    file = _opened(asking, path, mapping)
    stopwatch = Stopwatch()
    with Refusals(file, rejects) as log:
        registering = Registering(asking.client, file.digest, NotTaken, log.add)
        source = with_progress(asking, _customers(file), max(file.line_count, 1), "Importing")
        for batch in batches(source):
            registering.take(batch)
        log.finish()
    counts = registering.created, registering.there_already, log.count
    show_report(asking, _report("customers", *counts, registering.created, 0, stopwatch.seconds))


def run_purchases(
    asking: Asking,
    path: Path,
    mapping: Sequence[str],
    *,
    create_missing: bool,
    rejects: Path | None,
    rounds: bool,
) -> None:
    """Record the purchases of the file, and show what came of it."""
    file = _opened(asking, path, mapping)
    stopwatch = Stopwatch()
    with Refusals(file, rejects) as log:
        items = _Items(file, rounds)
        sent = (item for _, item in items if isinstance(item, ImportItem))
        answer = asking.client.purchases.import_(
            with_progress(asking, sent, max(file.line_count, 1), "Importing"),
            create_missing_customers=create_missing,
            timeout_s=asking.options.timeout or STREAM_TIMEOUT_S,
        )
        _list_refused(items, answer, log)
    counts = answer.imported_count, answer.duplicate_count, log.count
    created, revision = answer.created_customer_count, answer.revision
    rounded = items.rounded if rounds else None
    show_report(asking, _report("purchases", *counts, created, revision, stopwatch.seconds, rounded))


def _opened(asking: Asking, path: Path, mapping: Sequence[str]) -> NdjsonFile:
    if mapping:
        raise click.UsageError("--map is for the columns of a CSV file: NDJSON has fields")
    asking.options.same_again = True
    return NdjsonFile.open(path)


def _report(
    what: str,
    imported: int,
    duplicates: int,
    rejected: int,
    created: int,
    revision: int,
    seconds: float,
    rounded: int | None = None,
) -> Report:
    return Report(
        what=what,
        imported=imported,
        duplicates=duplicates,
        rejected=rejected,
        rows_read=imported + duplicates + rejected,
        rows_rejected=rejected,
        customers_created=created,
        revision=revision,
        seconds=seconds,
        rounded=rounded,
    )


def _customers(file: NdjsonFile) -> Iterator[tuple[Line, Customer | NotTaken]]:
    for line in file.lines():
        try:
            yield line, _customer(line)
        except LineProblem as problem:
            yield line, NotTaken(line, problem.field, str(problem))


def _customer(line: Line) -> Customer:
    customer = message_of(line, Customer)
    if not customer.name:
        raise LineProblem("name", "there is no name, customers/ID")
    if customer.HasField("erase_time"):
        raise LineProblem("erase_time", "an erased customer is not imported: nothing tells who it was")
    for field in _CUSTOMER_OF_SERVER:
        customer.ClearField(field)  # type: ignore[arg-type]
    return customer


class _Items:
    """A file read as purchases, as often as it is iterated. rounded: how many were, as far as it was read."""

    def __init__(self, file: NdjsonFile, rounds: bool) -> None:
        self._file = file
        self._rounds = rounds
        self.rounded = 0

    def __iter__(self) -> Iterator[tuple[Line, ImportItem | NotTaken]]:
        self.rounded = 0
        for line in self._file.lines():
            try:
                purchase = _purchase(line)
                if self._rounds:
                    self.rounded += round_purchase(purchase)
                yield line, _item(purchase)
            except LineProblem as problem:
                yield line, NotTaken(line, problem.field, str(problem))


def _purchase(line: Line) -> Purchase:
    purchase = message_of(line, Purchase)
    if not purchase.name:
        raise LineProblem("name", "there is no name, customers/ID/purchases/ID")
    if purchase.refund_of:
        raise LineProblem("refund_of", "a refund is not imported: use `clientela purchases refund`")
    for field in _OF_SERVER:
        purchase.ClearField(field)  # type: ignore[arg-type]
    return purchase


def _item(purchase: Purchase) -> ImportItem:
    customer = purchase.name.rpartition("/purchases/")[0]
    item = ImportItem(purchase=purchase, customer=customer)
    item.request_id = _IDS.of_purchase(item)
    return item


def _list_refused(items: _Items, answer: ImportPurchasesResponse, log: Refusals) -> None:
    """List in the file's order what was refused here, and what the server refused by its place."""
    refused = {item.index: item.status for item in answer.rejected}
    place = 0
    for line, item in items:
        if isinstance(item, NotTaken):
            log.add(item)
            continue
        if status := refused.get(place):
            log.add(NotTaken(line, status.field.removeprefix("purchase."), status.message))
        place += 1
    log.finish()

"""Imports customers and purchases from NDJSON: each line is a Customer or a Purchase, as of `-o ndjson`.

Output-only fields are not sent: totals, times of recording, etags, revisions. But a customer with a
delete_time is deleted after it was registered, and a purchase keeps its name, which has the customer. Refunds
are recorded after all purchases, as of today. An erased customer is refused.
Read next: ndjson_file.py, customer_import.py, purchase_import.py, purchase_returns.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clientela_client.bulk import answered_of
from clientela_client.cli.command.command_context import CommandContext
from clientela_client.cli.imports.customer_changes import CustomerUpdates
from clientela_client.cli.imports.customer_import import batches
from clientela_client.cli.imports.customer_registration import CustomerRegistration
from clientela_client.cli.imports.files.ndjson_file import (
    LineProblem,
    LineReject,
    LineRejectLog,
    NdjsonFile,
    NdjsonLine,
    message_of,
)
from clientela_client.cli.imports.files.row_ids import RowIds
from clientela_client.cli.imports.import_report import ImportReport, Progress, Stopwatch, show_import_report
from clientela_client.cli.imports.purchase_import import STREAM_TIMEOUT_S
from clientela_client.cli.imports.purchase_returns import NotARefund, Return, ReturnImporter, refunded_name
from clientela_client.cli.imports.rounding import round_purchase
from clientela_client.cli.words.customer_fields import FIELDS
from clientela_client.messages import Customer, ImportItem, Purchase

if TYPE_CHECKING:
    from clientela_client.messages import ImportPurchasesResponse

# A purchase of NDJSON has a name, and so the request id that it has in a CSV file.
_IDS = RowIds((), 0, "")
_OF_SERVER = ("refunded_amount", "recorded_by", "create_time", "revision")
_CUSTOMER_OF_SERVER = ("uid", "totals", "create_time", "update_time", "etag")


def run_customers(context: CommandContext, path: Path, rejects: Path | None, *, updates: bool) -> None:
    """Import the customers of the file and print the report."""
    file = _opened(context, path)
    stopwatch = Stopwatch()
    with LineRejectLog(file, rejects) as log, Progress(context, file.line_count, "Importing") as progress:
        changes = CustomerUpdates(FIELDS | {"addresses": "addresses"}) if updates else None
        registration = CustomerRegistration(
            context.client, file.digest, LineReject, log.add, changes, timeout_s=context.options.timeout
        )
        for batch in batches(_customers(file)):
            registration.take(batch)
            progress.reach(registration.processed + log.count)
        log.finish()
    counts = registration.created, registration.unchanged, log.count
    report = _import_report(
        "customers", *counts, created=registration.created, revision=0, seconds=stopwatch.seconds
    )
    show_import_report(context, replace(report, updated=registration.updated if updates else None))


def run_purchases(
    context: CommandContext,
    path: Path,
    *,
    create_missing: bool,
    rejects: Path | None,
    rounds: bool,
) -> None:
    """Import the purchases of the file and print the report."""
    file = _opened(context, path)
    stopwatch = Stopwatch()
    with LineRejectLog(file, rejects) as log, Progress(context, file.line_count, "Importing") as progress:
        items, returns = _Items(file, rounds), ReturnImporter(context.client)
        answer = context.client.purchases.import_(
            (item for _, item in items if isinstance(item, ImportItem)),
            create_missing_customers=create_missing,
            on_progress=lambda answer: progress.reach(answered_of(answer)),
            timeout_s=context.options.timeout or STREAM_TIMEOUT_S,
        )
        _settle(items, answer, log, returns)
    counts = (
        answer.imported_count + returns.imported,
        answer.duplicate_count + returns.duplicates,
        log.count,
    )
    created, revision = answer.created_customer_count, answer.revision
    report = _import_report(
        "purchases", *counts, created=created, revision=revision, seconds=stopwatch.seconds
    )
    show_import_report(
        context, replace(report, rounded=items.rounded if rounds else None, refunds=returns.imported)
    )


def _opened(context: CommandContext, path: Path) -> NdjsonFile:
    context.options.rerun_is_safe = True
    return NdjsonFile.open(path)


def _import_report(
    what: str,
    imported: int,
    duplicates: int,
    rejected: int,
    *,
    created: int,
    revision: int,
    seconds: float,
) -> ImportReport:
    return ImportReport(
        what=what,
        imported=imported,
        duplicates=duplicates,
        rejected=rejected,
        rows_read=imported + duplicates + rejected,
        rows_rejected=rejected,
        customers_created=created,
        revision=revision,
        seconds=seconds,
    )


def _customers(file: NdjsonFile) -> Iterator[tuple[NdjsonLine, Customer | LineReject]]:
    for line in file.lines():
        try:
            yield line, _customer(line)
        except LineProblem as problem:
            yield line, LineReject(line, problem.field, str(problem))


def _customer(line: NdjsonLine) -> Customer:
    customer = message_of(line, Customer)
    if not customer.name:
        raise LineProblem("name", "there is no name, customers/ID")
    if customer.HasField("erase_time"):
        raise LineProblem("erase_time", "an erased customer is not imported: nothing tells who it was")
    for field in _CUSTOMER_OF_SERVER:
        customer.ClearField(field)  # type: ignore[arg-type]
    return customer


class _Items:
    """A file's purchases, re-iterable. rounded: the number of rounded ones in the latest iteration."""

    def __init__(self, file: NdjsonFile, rounds: bool) -> None:
        self._file = file
        self._rounds = rounds
        self.rounded = 0

    def __iter__(self) -> Iterator[tuple[NdjsonLine, ImportItem | Return | LineReject]]:
        self.rounded = 0
        for line in self._file.lines():
            try:
                purchase = _purchase(line)
                if self._rounds:
                    self.rounded += round_purchase(purchase)
                item = _item(purchase)
                yield line, Return(item) if purchase.refund_of else item
            except LineProblem as problem:
                yield line, LineReject(line, problem.field, str(problem))


def _purchase(line: NdjsonLine) -> Purchase:
    purchase = message_of(line, Purchase)
    if not purchase.name:
        raise LineProblem("name", "there is no name, customers/ID/purchases/ID")
    if purchase.refund_of:
        try:
            refunded_name(_buyer(purchase), purchase.refund_of)
        except NotARefund as problem:
            raise LineProblem("refund_of", str(problem)) from None
    for field in _OF_SERVER:
        purchase.ClearField(field)  # type: ignore[arg-type]
    return purchase


def _buyer(purchase: Purchase) -> str:
    return purchase.name.rpartition("/purchases/")[0]


def _item(purchase: Purchase) -> ImportItem:
    item = ImportItem(purchase=purchase, customer=_buyer(purchase))
    item.request_id = _IDS.of_purchase(item)
    return item


def _settle(
    items: _Items, answer: ImportPurchasesResponse, log: LineRejectLog, returns: ReturnImporter
) -> None:
    """Record refunds, and log in file order what this program or the server refused."""
    refused = {item.index: item.status for item in answer.rejected}
    place = 0
    for line, item in items:
        if isinstance(item, LineReject):
            log.add(item)
        elif isinstance(item, Return):
            if fact := returns.take(item):
                log.add(LineReject(line, fact.field, fact.message))
        else:
            if status := refused.get(place):
                log.add(LineReject(line, status.field.removeprefix("purchase."), status.message))
            place += 1
    log.finish()

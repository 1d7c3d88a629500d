"""Imports purchases from CSV: one pass for the digest, one that streams, one more if rows were refused.

Memory does not grow with the file: rows become items as the stream takes them, and what was refused is
found again in the file rather than kept.
Read next: purchase_rows.py, import_report.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from clientela_client.cli.csv_file import CsvFile, Reject
from clientela_client.cli.import_report import RejectLog, Report, Stopwatch, show_report, with_progress
from clientela_client.cli.purchase_columns import Terms
from clientela_client.cli.purchase_rows import PurchaseRows
from clientela_client.cli.session import Asking

if TYPE_CHECKING:
    from clientela_client.messages import ImportItem, ImportPurchasesResponse, ItemStatus


# Of each stream of some thousand rows, not of the whole file.
_STREAM_TIMEOUT_S = 120.0


def run_import(
    asking: Asking, path: Path, terms: Terms, *, create_missing: bool, rejects: Path | None
) -> None:
    """Import the file, and shows what came of it."""
    asking.options.same_again = True
    file = CsvFile.open(path)
    rows = PurchaseRows(file, terms)
    client = asking.client
    stopwatch = Stopwatch()
    with RejectLog(file, rejects, asking) as log:
        stream = _Stream(rows)
        total = max(file.line_count - 1, 1)
        answer = client.purchases.import_(
            with_progress(asking, stream.items(), total, "Importing"),
            create_missing_customers=create_missing,
            timeout_s=asking.options.timeout or _STREAM_TIMEOUT_S,
        )
        if stream.refused_here or answer.rejected:
            _list_rejects(rows, answer, log)
    show_report(asking, _report(answer, log.count, stopwatch.seconds))


class _Stream:
    """The items of a file that can be sent; those that can't are counted."""

    def __init__(self, rows: PurchaseRows) -> None:
        self._rows = rows
        self.refused_here = 0

    def items(self) -> Iterator[ImportItem]:
        for _, item in self._rows:
            if isinstance(item, Reject):
                self.refused_here += 1
            else:
                yield item


def _list_rejects(rows: PurchaseRows, answer: ImportPurchasesResponse, log: RejectLog) -> None:
    """List in file order what was refused here, and what the server refused by its place in the stream."""
    refused = {item.index: item.status for item in answer.rejected}
    place = 0
    for row, item in rows:
        if isinstance(item, Reject):
            log.add(item)
            continue
        if place in refused:
            status = refused[place]
            log.add(rows.reject(row, _column(status), status.message or status.reason))
        place += 1
    log.finish()


# The server names fields of the message; these are called otherwise in a file.
_COLUMNS = {
    "customer": "customer_id",
    "name": "purchase_id",
    "purchase_time": "date",
    "currency_code": "currency",
}
# Refusals that name no field, as they are about the ledger's state.
_COLUMNS_BY_REASON = {
    "CUSTOMER_NOT_FOUND": "customer_id",
    "CUSTOMER_DELETED": "customer_id",
    "CUSTOMER_ERASED": "customer_id",
    "PURCHASE_EXISTS": "purchase_id",
}


def _column(status: ItemStatus) -> str:
    """Return our column for the field that the server names: purchase.amount.currency_code is "currency"."""
    if not status.field:
        return _COLUMNS_BY_REASON.get(status.reason, "")
    path = status.field.removeprefix("purchase.").partition("[")[0]
    last = status.field.rpartition(".")[2]
    return _COLUMNS.get(last) or _COLUMNS.get(path.split(".")[0]) or (path if path != "lines" else last)


def _report(answer: ImportPurchasesResponse, rejected: int, seconds: float) -> Report:
    return Report(
        what="purchases",
        imported=answer.imported_count,
        duplicates=answer.duplicate_count,
        rejected=rejected,
        customers_created=answer.created_customer_count,
        revision=answer.revision,
        seconds=seconds,
    )

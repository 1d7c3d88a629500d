"""Imports purchases from CSV: one pass for the digest, one that streams, one more if rows were refused.

Memory does not grow with the file, but by 12 to 24 bytes a row to know equal rows (row_ids.py): rows become
items as the stream takes them, and what was refused is found again in the file rather than kept.
Read next: purchase_rows.py, import_report.py, reject_log.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from clientela_client.cli.csv_file import CsvFile, Reject, Row
from clientela_client.cli.earlier_imports import find_scheme
from clientela_client.cli.import_report import Report, Stopwatch, show_report, with_progress
from clientela_client.cli.purchase_columns import Terms
from clientela_client.cli.purchase_rows import PurchaseRows
from clientela_client.cli.reject_log import RejectLog
from clientela_client.cli.session import Asking

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.messages import ImportItem, ImportPurchasesResponse, ItemStatus

# Of each stream of some thousand rows, not of the whole file.
STREAM_TIMEOUT_S = 120.0
_NOT_SENT = "not sent: too many rows before it were refused"


def run_import(
    asking: Asking, path: Path, terms: Terms, *, create_missing: bool, rejects: Path | None
) -> None:
    """Import the file, and shows what came of it."""
    asking.options.same_again = True
    file = CsvFile.open(path, raw=asking.options.raw)
    rows = PurchaseRows(file, terms)
    client = asking.client
    stopwatch = Stopwatch()
    with RejectLog(file, rejects) as log:
        if not terms.batch:
            find_scheme(client, rows)
        stream = _Stream(rows)
        items = with_progress(asking, stream.items(), max(file.line_count - 1, 1), "Importing")
        timeout_s = asking.options.timeout or STREAM_TIMEOUT_S
        answer, stopped = _send(client, items, create_missing, timeout_s)
        if stream.refused_here or answer.rejected or stopped:
            stream.rows_read = _list_rejects(rows, answer, log)
    rounded = rows.rounded if terms.rounds else None
    show_report(asking, _report(answer, stream.rows_read, log, stopwatch.seconds, rounded))


def _send(
    client: Client, items: Iterator[ImportItem], create_missing: bool, timeout_s: float
) -> tuple[ImportPurchasesResponse, bool]:
    """Send the items; return what became of those that were answered, and whether the rest was not sent."""
    from clientela_client import Refused

    answers: list[ImportPurchasesResponse] = []
    try:
        answer = client.purchases.import_(
            items, create_missing_customers=create_missing, on_progress=answers.append, timeout_s=timeout_s
        )
    except Refused as refused:
        if refused.reason != "IMPORT_TOO_MANY_REJECTED" or not answers:
            raise
        return answers[-1], True
    return answer, False


class _Stream:
    """What a file has, counted as it is taken."""

    def __init__(self, rows: PurchaseRows) -> None:
        self._rows = rows
        self.sent = 0
        self.refused_here = 0
        self.rows_read = 0

    def parcels(self) -> Iterator[tuple[list[Row], ImportItem | Reject]]:
        """Yield all purchases."""
        for rows, item in self._rows:
            if isinstance(item, Reject):
                self.refused_here += 1
                self.rows_read += sum(row.rows for row in rows)
            else:
                self.sent += 1
                self.rows_read += len(rows)
            yield rows, item

    def items(self) -> Iterator[ImportItem]:
        """Yield those that can be sent."""
        for _, item in self.parcels():
            if not isinstance(item, Reject):
                yield item


def _list_rejects(rows: PurchaseRows, answer: ImportPurchasesResponse, log: RejectLog) -> int:
    """List in file order what was refused here, and what the server refused by its place in the stream.

    Return how many rows the file has.
    """
    refused = {item.index: item.status for item in answer.rejected}
    answered = answer.imported_count + answer.duplicate_count + len(refused)
    stream = _Stream(rows)
    for of_item, item in stream.parcels():
        if isinstance(item, Reject):
            log.add(item)
        elif stream.sent > answered:
            log.add(rows.reject(of_item, "", _NOT_SENT))
        elif status := refused.get(stream.sent - 1):
            log.add(rows.reject(of_item, _column(status), _reason(status), _row(status, of_item, item)))
    log.finish()
    return stream.rows_read


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


# Refusals whose sentence speaks of calls, and what they mean for a file.
_REASONS = {
    "PURCHASE_EXISTS": "{name} is in the ledger already, with another {differs}",
    "REQUEST_ID_REUSED": "the row is in the ledger already, and was read as another purchase then "
    "(by other columns, --currency or --source)",
}


def _reason(status: ItemStatus) -> str:
    try:
        return _REASONS[status.reason].format_map(status.metadata)
    except KeyError:
        return status.message or status.reason


def _row(status: ItemStatus, rows: list[Row], item: ImportItem) -> Row | None:
    """Return the row that gave the line which the server names, where each row gave one."""
    number = status.field.partition("lines[")[2].partition("]")[0]
    whole = len(rows) == len(item.purchase.lines) and number.isdecimal()
    return rows[int(number)] if whole and int(number) < len(rows) else None


def _column(status: ItemStatus) -> str:
    """Return our column for the field that the server names: purchase.amount.currency_code is "currency"."""
    if not status.field:
        return _COLUMNS_BY_REASON.get(status.reason, "")
    path = status.field.removeprefix("purchase.").partition("[")[0]
    last = status.field.rpartition(".")[2]
    return _COLUMNS.get(last) or _COLUMNS.get(path.split(".")[0]) or (path if path != "lines" else last)


def _report(
    answer: ImportPurchasesResponse, rows_read: int, log: RejectLog, seconds: float, rounded: int | None
) -> Report:
    return Report(
        what="purchases",
        imported=answer.imported_count,
        duplicates=answer.duplicate_count,
        rejected=log.count,
        rows_read=rows_read,
        rows_rejected=log.rows,
        customers_created=answer.created_customer_count,
        revision=answer.revision,
        seconds=seconds,
        rounded=rounded,
    )

"""Imports purchases from CSV: a pass for the digest, one that streams, one more if rows were rejected.

Memory grows by 12 to 24 bytes a row only, to recognise equal rows (row_ids.py): rows are converted as the
stream consumes them, and rejects are found again in the file rather than kept. So are returns, which are
refunded after all purchases are recorded.
Read next: purchase_rows.py, purchase_returns.py, import_report.py, reject_log.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from clientela_client.bulk import answered_of
from clientela_client.cli.command.command_context import CommandContext
from clientela_client.cli.imports.earlier_imports import detect_id_scheme
from clientela_client.cli.imports.files.csv_file import CsvFile, Reject, Row
from clientela_client.cli.imports.files.reject_log import RejectLog
from clientela_client.cli.imports.import_report import ImportReport, Progress, Stopwatch, show_import_report
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_returns import Return, ReturnImporter
from clientela_client.cli.imports.purchase_rows import PurchaseRows

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.messages import ImportItem, ImportPurchasesResponse, ItemStatus

# For each stream of some thousand rows, not for the whole file.
STREAM_TIMEOUT_S = 120.0
_STEP = 500
_NOT_SENT = "not sent: too many rows before it were refused"


def run_import(
    context: CommandContext,
    path: Path,
    options: PurchaseImportOptions,
    *,
    create_missing: bool,
    rejects: Path | None,
    encoding: str | None = None,
) -> None:
    """Import the file and print the report."""
    context.options.rerun_is_safe = True
    raw = context.options.raw
    file = CsvFile.open(path, raw=raw, encoding=encoding, ignores_nameless=options.ignores_others)
    rows = PurchaseRows(file, options)
    client = context.client
    stopwatch = Stopwatch()
    returns = ReturnImporter(client)
    with RejectLog(file, rejects) as log, Progress(context, file.line_count - 1, "Importing") as progress:
        if not options.batch:
            detect_id_scheme(client, rows)
        stream = _Stream(rows, progress)
        timeout_s = context.options.timeout or STREAM_TIMEOUT_S
        answer, stopped = _send(client, stream, create_missing, timeout_s)
        if stream.refused_here or stream.returned or answer.rejected or stopped:
            stream.rows_read = _settle(rows, answer, log, returns, progress)
    rounded = rows.rounded if options.rounds else None
    show_import_report(
        context,
        _import_report(
            answer, returns, rows_read=stream.rows_read, log=log, seconds=stopwatch.seconds, rounded=rounded
        ),
    )


def _send(
    client: Client, stream: _Stream, create_missing: bool, timeout_s: float
) -> tuple[ImportPurchasesResponse, bool]:
    """Send the items; return the outcome of the acknowledged ones, and whether the rest was not sent."""
    from clientela_client import Refused

    try:
        answer = client.purchases.import_(
            stream.items(),
            create_missing_customers=create_missing,
            on_progress=stream.answered,
            timeout_s=timeout_s,
        )
    except Refused as refused:
        if refused.reason != "IMPORT_TOO_MANY_REJECTED" or stream.answer is None:
            raise
        return stream.answer, True
    return answer, False


class _Stream:
    """A file's purchases, counted as the stream consumes them; progress follows the acknowledgements."""

    def __init__(self, rows: PurchaseRows, progress: Progress) -> None:
        self._rows = rows
        self._progress = progress
        self._steps = deque[tuple[int, int]]()
        self.answer: ImportPurchasesResponse | None = None
        self.sent = 0
        self.refused_here = 0
        self.returned = 0
        self.rows_read = 0

    def parcels(self) -> Iterator[tuple[list[Row], ImportItem | Return | Reject]]:
        """Yield all purchases."""
        for rows, item in self._rows:
            if isinstance(item, Reject):
                self.refused_here += 1
                self.rows_read += sum(row.rows for row in rows)
            else:
                self.returned += isinstance(item, Return)
                self.rows_read += len(rows)
            yield rows, item

    def items(self) -> Iterator[ImportItem]:
        """Yield the items of the stream."""
        for _, item in self.parcels():
            if not isinstance(item, Reject | Return):
                self.sent += 1
                if self.sent % _STEP == 0:
                    self._steps.append((self.sent, self.rows_read))
                yield item

    def answered(self, answer: ImportPurchasesResponse) -> None:
        """Record the outcome of the items sent so far."""
        self.answer = answer
        count, rows = answered_of(answer), 0
        while self._steps and self._steps[0][0] <= count:
            _, rows = self._steps.popleft()
        self._progress.reach(rows)


def _settle(
    rows: PurchaseRows,
    answer: ImportPurchasesResponse,
    log: RejectLog,
    returns: ReturnImporter,
    progress: Progress,
) -> int:
    """Read the file again: record refunds, and log rejects in file order.

    Items are matched by their index in the stream. Return the number of rows in the file.
    """
    refused = {item.index: item.status for item in answer.rejected}
    answered, place, rows_read = answered_of(answer), -1, 0
    for of_item, item in rows:
        rows_read += sum(row.rows for row in of_item)
        if isinstance(item, Reject):
            log.add(item)
        elif isinstance(item, Return):
            if fact := returns.take(item):
                log.add(rows.reject(of_item, _column(fact.field, fact.reason), fact.message))
            progress.reach(rows_read)
        else:
            place += 1
            if place >= answered:
                log.add(rows.reject(of_item, "", _NOT_SENT))
            elif status := refused.get(place):
                log.add(
                    rows.reject(
                        of_item,
                        _column(status.field, status.reason),
                        _reason(status),
                        _row(status, of_item, item),
                    )
                )
    log.finish()
    return rows_read


# Columns whose name differs from the message's field.
_COLUMNS = {
    "customer": "customer_id",
    "name": "purchase_id",
    "purchase_time": "date",
    "currency_code": "currency",
}
# Errors without a field, as they concern the ledger's state.
_COLUMNS_BY_REASON = {
    "CUSTOMER_NOT_FOUND": "customer_id",
    "CUSTOMER_DELETED": "customer_id",
    "CUSTOMER_ERASED": "customer_id",
    "PURCHASE_EXISTS": "purchase_id",
    "PURCHASE_NOT_FOUND": "refund_of",
    "REFUND_EXCEEDS_PURCHASE": "amount",
    "REFUND_OF_REFUND": "refund_of",
    "REFUNDED_WHOLLY": "refund_of",
}


# Errors whose message speaks of calls, worded for a file.
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
    """Return the row of the line that the server names, if each row made one line."""
    number = status.field.partition("lines[")[2].partition("]")[0]
    whole = len(rows) == len(item.purchase.lines) and number.isdecimal()
    return rows[int(number)] if whole and int(number) < len(rows) else None


def _column(field: str, reason: str) -> str:
    """Return our column for a field path of the server: purchase.amount.currency_code is "currency"."""
    if not field:
        return _COLUMNS_BY_REASON.get(reason, "")
    path = field.removeprefix("purchase.").partition("[")[0]
    last = field.rpartition(".")[2]
    return _COLUMNS.get(last) or _COLUMNS.get(path.split(".")[0]) or (path if path != "lines" else last)


def _import_report(
    answer: ImportPurchasesResponse,
    returns: ReturnImporter,
    *,
    rows_read: int,
    log: RejectLog,
    seconds: float,
    rounded: int | None,
) -> ImportReport:
    return ImportReport(
        what="purchases",
        imported=answer.imported_count + returns.imported,
        duplicates=answer.duplicate_count + returns.duplicates,
        rejected=log.count,
        rows_read=rows_read,
        rows_rejected=log.rows,
        customers_created=answer.created_customer_count,
        revision=answer.revision,
        seconds=seconds,
        rounded=rounded,
        refunds=returns.imported,
    )

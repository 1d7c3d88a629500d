"""Imports the customers of a CSV file: existing ones are skipped, or updated with `--update`.

Read next: customer_rows.py, customer_registration.py, import_report.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from clientela_client.cli.command.command_context import CommandContext
from clientela_client.cli.imports.customer_changes import CustomerUpdates
from clientela_client.cli.imports.customer_registration import CustomerRegistration
from clientela_client.cli.imports.customer_rows import CustomerRows
from clientela_client.cli.imports.files.csv_columns import parse_mapping
from clientela_client.cli.imports.files.csv_file import CsvFile, Reject, Row
from clientela_client.cli.imports.files.reject_log import RejectLog
from clientela_client.cli.imports.import_report import ImportReport, Progress, Stopwatch, show_import_report

T = TypeVar("T")
_BATCH = 1000


@dataclass(frozen=True)
class CustomerImportOptions:
    """The options of an import of customers. updates: whether existing customers are updated."""

    mapping: Sequence[str] = ()
    encoding: str | None = None
    ignores_others: bool = False
    updates: bool = False


def run_import(
    context: CommandContext, path: Path, options: CustomerImportOptions, rejects: Path | None
) -> None:
    """Import the file and print the report."""
    context.options.rerun_is_safe = True
    file = CsvFile.open(
        path, raw=context.options.raw, encoding=options.encoding, ignores_nameless=options.ignores_others
    )
    rows = CustomerRows(file, parse_mapping(options.mapping), ignores_others=options.ignores_others)
    client = context.client
    stopwatch = Stopwatch()
    with RejectLog(file, rejects) as log, Progress(context, file.line_count - 1, "Importing") as progress:
        registration: CustomerRegistration[Row, Reject] = CustomerRegistration(
            client,
            file.digest,
            lambda row, field, reason: rows.reject(row, _column(field), reason),
            log.add,
            CustomerUpdates(rows.columns) if options.updates else None,
            timeout_s=context.options.timeout,
        )
        for batch in batches(rows):
            registration.take(batch)
            progress.reach(registration.processed + log.rows)
        log.finish()
    show_import_report(
        context,
        ImportReport(
            what="customers",
            imported=registration.created,
            duplicates=registration.unchanged,
            rejected=log.count,
            rows_read=registration.processed + log.rows,
            rows_rejected=log.rows,
            customers_created=registration.created,
            revision=0,
            seconds=stopwatch.seconds,
            updated=registration.updated if options.updates else None,
        ),
    )


def batches(source: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in lists of a thousand; the next one is read while the one before is worked on."""
    items = iter(source)
    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(_next_batch, items)
        while batch := reading.result():
            reading = reader.submit(_next_batch, items)
            yield batch


def _next_batch(items: Iterator[T]) -> list[T]:
    return list(islice(items, _BATCH))


def _column(field: str) -> str:
    """Return our column for a field path of the server: customer.emails[0] is "emails".

    customer.labels["tier"] is "label.tier".
    """
    path, bracket, key = field.partition("[")
    last = path.rpartition(".")[2]
    if last == "labels" and bracket:
        return f"label.{key[1:-2]}"
    return "customer_id" if last in ("customer_id", "name") else last

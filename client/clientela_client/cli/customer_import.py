"""Registers the customers of a CSV file: those that are there already are left alone.

Each batch is first looked for by one BatchGetCustomers, then the missing ones are created one by one, each
under a request id derived from the file, so that an import that was cut can be started again.
Read next: customer_rows.py, import_report.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from clientela_client.cli.csv_columns import parse_mapping
from clientela_client.cli.csv_file import CsvFile, Reject, Row
from clientela_client.cli.customer_rows import CustomerRows
from clientela_client.cli.import_report import Report, Stopwatch, show_report, with_progress
from clientela_client.cli.names import last_part
from clientela_client.cli.reject_log import RejectLog
from clientela_client.cli.row_ids import derived_request_id
from clientela_client.cli.session import Asking

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.messages import Customer

_BATCH = 500
# One file may hold customers and purchases: its rows' ids must differ between the two.
_SALT = b"customers"


def run_import(asking: Asking, path: Path, mapping: Sequence[str], rejects: Path | None) -> None:
    """Import the file, and shows what came of it."""
    asking.options.same_again = True
    file = CsvFile.open(path)
    rows = CustomerRows(file, parse_mapping(mapping))
    client = asking.client
    stopwatch = Stopwatch()
    with RejectLog(file, rejects) as log:
        registering = _Registering(client, file, rows, log)
        source = with_progress(asking, rows, max(file.line_count - 1, 1), "Importing")
        for batch in _batches(source):
            registering.take(batch)
        log.finish()
    show_report(
        asking,
        Report(
            what="customers",
            imported=registering.created,
            duplicates=registering.there_already,
            rejected=log.count,
            rows_read=registering.created + registering.there_already + log.rows,
            rows_rejected=log.rows,
            customers_created=registering.created,
            revision=0,
            seconds=stopwatch.seconds,
        ),
    )


def _batches(
    source: Iterator[tuple[Row, Customer | Reject]],
) -> Iterator[list[tuple[Row, Customer | Reject]]]:
    while batch := list(islice(source, _BATCH)):
        yield batch


class _Registering:
    """Registers batches and counts what came of them."""

    def __init__(self, client: Client, file: CsvFile, rows: CustomerRows, log: RejectLog) -> None:
        self._client = client
        self._file = file
        self._rows = rows
        self._log = log
        self.created = 0
        self.there_already = 0

    def take(self, batch: list[tuple[Row, Customer | Reject]]) -> None:
        """Register who is missing of a batch, in file order."""
        known = self._known([customer.name for _, customer in batch if not isinstance(customer, Reject)])
        for row, customer in batch:
            if isinstance(customer, Reject):
                self._log.add(customer)
            elif customer.name in known:
                self.there_already += 1
            else:
                self._create(row, customer)
                known.add(customer.name)

    def _known(self, names: list[str]) -> set[str]:
        """Return which of the names are registered."""
        from clientela_client import Refused

        if not names:
            return set()
        try:
            self._client.customers.batch_get(names)
        except Refused as refused:
            named = {name for violation in refused.violations if (name := _named(violation.path, names))}
            if not named or refused.code not in ("NOT_FOUND", "INVALID_ARGUMENT"):
                raise
            # Of many that are missing or malformed a refusal names the first only: what is left is asked
            # for again. What is wrong with the malformed is said when creating.
            return self._known([name for name in names if name not in named])
        return set(names)

    def _create(self, row: Row, customer: Customer) -> None:
        from clientela_client import Refused

        try:
            self._client.customers.create(
                customer,
                customer_id=last_part(customer.name),
                request_id=derived_request_id(self._file.digest, row.index, _SALT),
            )
            self.created += 1
        except Refused as refused:
            if refused.code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
                raise
            if refused.reason == "CUSTOMER_EXISTS":
                self.there_already += 1
                return
            field = refused.violations[0].path if refused.violations else refused.metadata.get("field", "")
            self._log.add(self._rows.reject(row, _column(field), refused.message))


def _named(path: str, names: list[str]) -> str:
    """Return the name that a violation's path, "names[3]", is about."""
    place = path.partition("[")[2].rstrip("]")
    return names[int(place)] if place.isdecimal() and int(place) < len(names) else ""


def _column(field: str) -> str:
    """Return our column for a field that the server names: customer.emails[0] is "emails"."""
    last = field.rpartition(".")[2].partition("[")[0]
    return "customer_id" if last in ("customer_id", "name") else last

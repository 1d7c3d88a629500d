"""Registers the customers of a CSV file: those that are there already are left alone.

Each batch is first looked for by one BatchGetCustomers, then the missing ones are created one by one, each
under a request id derived from the file, so that an import that was cut can be started again.
Read next: customer_rows.py, import_report.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

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

T = TypeVar("T")
_BATCH = 500
# One file may hold customers and purchases: its rows' ids must differ between the two.
_SALT, _DELETION_SALT = b"customers", b"deletion"


def run_import(asking: Asking, path: Path, mapping: Sequence[str], rejects: Path | None) -> None:
    """Import the file, and shows what came of it."""
    asking.options.same_again = True
    file = CsvFile.open(path, raw=asking.options.raw)
    rows = CustomerRows(file, parse_mapping(mapping))
    client = asking.client
    stopwatch = Stopwatch()
    with RejectLog(file, rejects) as log:
        registering: Registering[Row, Reject] = Registering(
            client,
            file.digest,
            lambda row, field, reason: rows.reject(row, _column(field), reason),
            log.add,
        )
        source = with_progress(asking, rows, max(file.line_count - 1, 1), "Importing")
        for batch in batches(source):
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


def batches(source: Iterator[T]) -> Iterator[list[T]]:
    """Yield what comes, a few hundred at a time."""
    while batch := list(islice(source, _BATCH)):
        yield batch


class Placed(Protocol):
    """A row or a line: index is its place in the file."""

    @property
    def index(self) -> int:
        """Its place, from 0."""
        ...


P = TypeVar("P", bound=Placed)
R = TypeVar("R")


class Registering(Generic[P, R]):
    """Registers batches and counts what came of them.

    digest: the file's, of which request ids are made; refused: makes a refusal of a row, a field and a
    reason; log: takes those.
    """

    def __init__(
        self, client: Client, digest: bytes, refused: Callable[[P, str, str], R], log: Callable[[R], None]
    ) -> None:
        self._client = client
        self._digest = digest
        self._refused = refused
        self._log = log
        self.created = 0
        self.there_already = 0

    def take(self, batch: list[tuple[P, Customer | R]]) -> None:
        """Register who is missing of a batch, in file order."""
        from clientela_client.messages import Customer

        known = self._known([each.name for _, each in batch if isinstance(each, Customer)])
        for row, customer in batch:
            if not isinstance(customer, Customer):
                self._log(customer)
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

    def _create(self, row: P, customer: Customer) -> None:
        from clientela_client import Refused

        try:
            self._client.customers.create(
                customer,
                customer_id=last_part(customer.name),
                request_id=derived_request_id(self._digest, row.index, _SALT),
            )
            self.created += 1
            if customer.HasField("delete_time"):
                self._client.customers.delete(
                    customer.name,
                    request_id=derived_request_id(self._digest, row.index, _DELETION_SALT),
                )
        except Refused as refused:
            if refused.code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
                raise
            if refused.reason == "CUSTOMER_EXISTS":
                self.there_already += 1
                return
            field = refused.violations[0].path if refused.violations else refused.metadata.get("field", "")
            self._log(self._refused(row, field, refused.message))


def _named(path: str, names: list[str]) -> str:
    """Return the name that a violation's path, "names[3]", is about."""
    place = path.partition("[")[2].rstrip("]")
    return names[int(place)] if place.isdecimal() and int(place) < len(names) else ""


def _column(field: str) -> str:
    """Return our column for a field that the server names: customer.emails[0] is "emails".

    customer.labels["tier"] is "label.tier".
    """
    path, bracket, key = field.partition("[")
    last = path.rpartition(".")[2]
    if last == "labels" and bracket:
        return f"label.{key[1:-2]}"
    return "customer_id" if last in ("customer_id", "name") else last

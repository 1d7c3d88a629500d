"""Imports the customers of a CSV file: existing ones are skipped, or updated with `--update`.

Each batch is looked up by one BatchGetCustomers; then the missing ones are created concurrently, each with a
request id derived from the file, so that an interrupted import can be rerun.
Read next: customer_rows.py, customer_changes.py, import_report.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from clientela_client.cli.command.command_context import CommandContext
from clientela_client.cli.imports.customer_changes import CustomerUpdates
from clientela_client.cli.imports.customer_rows import CustomerRows
from clientela_client.cli.imports.files.csv_columns import parse_mapping
from clientela_client.cli.imports.files.csv_file import CsvFile, Reject, Row
from clientela_client.cli.imports.files.reject_log import RejectLog
from clientela_client.cli.imports.files.row_ids import derived_request_id
from clientela_client.cli.imports.import_report import ImportReport, Progress, Stopwatch, show_import_report
from clientela_client.cli.words.names import last_part

if TYPE_CHECKING:
    from clientela_client import Client, Refused
    from clientela_client.messages import Customer

T = TypeVar("T")
_BATCH = 500
# Concurrent writes share one group commit; a server admits 250 concurrent calls of one caller.
_CONCURRENT_WRITES = 32
# One file may hold customers and purchases: its rows' ids must differ between the two.
_SALT, _DELETION_SALT, _UPDATE_SALT = b"customers", b"deletion", b"update"


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
    """Yield the items in lists of a few hundred."""
    items = iter(source)
    while batch := list(islice(items, _BATCH)):
        yield batch


class Positioned(Protocol):
    """A row or a line with its index in the file."""

    @property
    def index(self) -> int:
        """The index in the file, from 0."""
        ...


P = TypeVar("P", bound=Positioned)
R = TypeVar("R")


class _Outcome(Enum):
    """The outcome for a customer."""

    CREATED = auto()
    UPDATED = auto()
    UNCHANGED = auto()


class CustomerRegistration(Generic[P, R]):
    """Registers batches of customers and counts the outcomes.

    digest: of the file, from which request ids are derived; refused: makes a reject from a row, a field and a
    reason; log: receives rejects, in file order; changes: updates of existing customers, or None.
    """

    def __init__(
        self,
        client: Client,
        digest: bytes,
        refused: Callable[[P, str, str], R],
        log: Callable[[R], None],
        changes: CustomerUpdates | None = None,
    ) -> None:
        self._client = client
        self._digest = digest
        self._refused = refused
        self._log = log
        self._changes = changes
        self._counts = Counter[_Outcome]()

    @property
    def created(self) -> int:
        """The number of customers that this import created."""
        return self._counts[_Outcome.CREATED]

    @property
    def updated(self) -> int:
        """The number of customers that were updated."""
        return self._counts[_Outcome.UPDATED]

    @property
    def unchanged(self) -> int:
        """The number of existing customers that were not changed."""
        return self._counts[_Outcome.UNCHANGED]

    @property
    def processed(self) -> int:
        """The number of customers that exist by now, by this import or before."""
        return self.created + self.updated + self.unchanged

    def take(self, batch: list[tuple[P, Customer | R]]) -> None:
        """Register the missing customers of a batch, and log rejects in file order."""
        from clientela_client.messages import Customer

        refusals: dict[int, R] = {}
        waiting: list[tuple[int, P, Customer]] = []
        for place, (row, each) in enumerate(batch):
            if isinstance(each, Customer):
                waiting.append((place, row, each))
            else:
                refusals[place] = each
        known = self._known([each.name for _, _, each in waiting])
        with ThreadPoolExecutor(_CONCURRENT_WRITES) as pool:
            while waiting := self._to_write(waiting, known):
                now, waiting = _independent(waiting)
                written = pool.map(lambda each: self._write(each[1], each[2], known.get(each[2].name)), now)
                for (place, _, customer), (how, made) in zip(now, written, strict=True):
                    if isinstance(how, _Outcome):
                        self._counts[how] += 1
                        known[customer.name] = made
                    else:
                        refusals[place] = how
        for _, refusal in sorted(refusals.items()):
            self._log(refusal)

    def _to_write(
        self, waiting: list[tuple[int, P, Customer]], known: Mapping[str, Customer]
    ) -> list[tuple[int, P, Customer]]:
        """Return the customers to create or update; count the others as unchanged."""
        if self._changes:
            return waiting
        missing = [each for each in waiting if each[2].name not in known]
        self._counts[_Outcome.UNCHANGED] += len(waiting) - len(missing)
        return missing

    def _known(self, names: list[str]) -> dict[str, Customer]:
        """Return the registered customers by name."""
        from clientela_client import Refused

        if not names:
            return {}
        try:
            found = self._client.customers.batch_get(names).customers
        except Refused as refused:
            named = {name for violation in refused.violations if (name := _named(violation.path, names))}
            if not named or refused.code not in ("NOT_FOUND", "INVALID_ARGUMENT"):
                raise
            # The error names only the first missing or malformed ones: retry with the rest. A malformed
            # name is reported when the customer is created.
            return self._known([name for name in names if name not in named])
        return {each.name: each for each in found}

    def _write(self, row: P, customer: Customer, there: Customer | None) -> tuple[_Outcome | R, Customer]:
        """Create or update a customer; return the outcome or the reject, and the resulting customer."""
        from clientela_client import Refused

        try:
            return self._create(row, customer) if there is None else self._change(row, customer, there)
        except Refused as refused:
            if refused.code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
                raise
            if refused.reason == "CUSTOMER_EXISTS":
                return self._write(row, customer, self._client.customers.get(customer.name))
            return self._refused(row, _field(refused), refused.message), customer

    def _create(self, row: P, customer: Customer) -> tuple[_Outcome, Customer]:
        customer.display_name = customer.display_name or _own_name(customer)
        made = self._client.customers.create(
            customer, customer_id=last_part(customer.name), request_id=self._request_id(row, _SALT)
        )
        if customer.HasField("delete_time"):
            request_id = self._request_id(row, _DELETION_SALT)
            made = self._client.customers.delete(customer.name, request_id=request_id)
        return _Outcome.CREATED, made

    def _change(self, row: P, customer: Customer, there: Customer) -> tuple[_Outcome, Customer]:
        changed = self._changes.of(customer, there) if self._changes else None
        if changed is None:
            return _Outcome.UNCHANGED, there
        # The request id includes the etag: a customer changed since is updated again, not answered as before.
        request_id = self._request_id(row, _UPDATE_SALT + there.etag.encode())
        made = self._client.customers.update(
            changed.customer, update_mask=changed.mask, request_id=request_id
        )
        return _Outcome.UPDATED, made

    def _request_id(self, row: P, salt: bytes) -> str:
        return derived_request_id(self._digest, row.index, salt)


def _independent(
    waiting: list[tuple[int, P, Customer]],
) -> tuple[list[tuple[int, P, Customer]], list[tuple[int, P, Customer]]]:
    """Split customers into those that can be written concurrently and those that depend on an earlier one.

    The result equals that of sequential import: a referrer keeps its order relative to the referred, and of
    two customers with one e-mail address the first has it.
    """
    now: list[tuple[int, P, Customer]] = []
    later: list[tuple[int, P, Customer]] = []
    names, referrers, emails = set[str](), set[str](), set[str]()
    for each in waiting:
        customer = each[2]
        own = {email.casefold() for email in customer.emails}
        referrer = customer.acquisition.referrer
        depends = customer.name in names or customer.name in referrers or referrer in names or own & emails
        (later if depends else now).append(each)
        names.add(customer.name)
        emails |= own
        if referrer:
            referrers.add(referrer)
    return now, later


def _own_name(customer: Customer) -> str:
    """Return the default display name: that of the person or of the organization."""
    person = customer.person
    return " ".join(filter(None, (person.given_name, person.family_name))) or customer.organization.legal_name


def _field(refused: Refused) -> str:
    return refused.violations[0].path if refused.violations else refused.metadata.get("field", "")


def _named(path: str, names: list[str]) -> str:
    """Return the name at a violation's path, "names[3]"."""
    place = path.partition("[")[2].rstrip("]")
    return names[int(place)] if place.isdecimal() and int(place) < len(names) else ""


def _column(field: str) -> str:
    """Return our column for a field path of the server: customer.emails[0] is "emails".

    customer.labels["tier"] is "label.tier".
    """
    path, bracket, key = field.partition("[")
    last = path.rpartition(".")[2]
    if last == "labels" and bracket:
        return f"label.{key[1:-2]}"
    return "customer_id" if last in ("customer_id", "name") else last

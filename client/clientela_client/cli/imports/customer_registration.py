"""Registers customers batch by batch: by streams of ImportCustomers, in the order of the file.

Rules
1. Each customer has a request id derived from the file, so that an interrupted import can be rerun.
2. What comes of a batch is what comes of its customers one after the other. The server takes those of a
   stream in order; those that are deleted or updated are written by calls of their own (customer_runs.py).
3. A customer that is registered is left alone, or with `changes` updated, whatever is wrong with its row.

Read next: customer_runs.py, customer_changes.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from clientela_client.cli.imports.customer_changes import CustomerUpdates
from clientela_client.cli.imports.customer_runs import Told, split_runs
from clientela_client.cli.imports.files.row_ids import derived_request_id
from clientela_client.cli.words.names import last_part

if TYPE_CHECKING:
    from clientela_client import Client
    from clientela_client.messages import Customer, CustomerItem, CustomerItemStatus

# For each stream of some thousand rows, not for the whole file.
_STREAM_TIMEOUT_S = 120.0
# How many names a BatchGetCustomers takes.
_NAMES_MAX = 1000
# Concurrent writes share one group commit; a server admits 250 concurrent calls of one caller.
_CONCURRENT_WRITES = 32
# One file may hold customers and purchases: its rows' ids must differ between the two.
_SALT, _DELETION_SALT, _UPDATE_SALT = b"customers", b"deletion", b"update"


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
    reason; log: receives rejects, in file order; changes: updates of existing customers, or None; timeout_s:
    the deadline of a stream.
    """

    def __init__(
        self,
        client: Client,
        digest: bytes,
        refused: Callable[[P, str, str], R],
        log: Callable[[R], None],
        changes: CustomerUpdates | None = None,
        *,
        timeout_s: float | None = None,
    ) -> None:
        self._client = client
        self._digest = digest
        self._refused = refused
        self._log = log
        self._changes = changes
        self._timeout_s = timeout_s or _STREAM_TIMEOUT_S
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
        told: list[Told[P]] = []
        for place, (row, each) in enumerate(batch):
            if isinstance(each, Customer):
                told.append(Told(place, row, each))
            else:
                refusals[place] = each
        known = self._known([each.name for each in told if self._changes or not each.is_streamed])
        for run in split_runs(told, known):
            streamed = [each for each in run if each.is_streamed and each.name not in known]
            others = [each for each in run if not each.is_streamed or each.name in known]
            refusals |= self._import(streamed) | self._write_each(others, known)
        for _, refusal in sorted(refusals.items()):
            self._log(refusal)

    def _known(self, names: list[str]) -> dict[str, Customer]:
        """Return the registered customers by name."""
        from clientela_client import Refused

        if not names:
            return {}
        if len(names) > _NAMES_MAX:
            return self._known(names[:_NAMES_MAX]) | self._known(names[_NAMES_MAX:])
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

    def _import(self, told: list[Told[P]]) -> dict[int, R]:
        """Create customers by a stream; return the refusals by place."""
        rejected = self._rejected(told)
        known = self._known([each.name for each, _ in rejected])
        refusals = {
            each.place: self._refused(each.row, _field(status.field, status.metadata), status.message)
            for each, status in rejected
            if each.name not in known
        }
        return refusals | self._write_each([each for each, _ in rejected if each.name in known], known)

    def _rejected(self, told: list[Told[P]]) -> list[tuple[Told[P], CustomerItemStatus]]:
        """Send customers in their order, and count them; return those that were rejected.

        Of many in one stream only the first are rejected with words: the others are sent once more.
        """
        rejected: list[tuple[Told[P], CustomerItemStatus]] = []
        while told:
            answer = self._client.customers.import_(map(self._item, told), timeout_s=self._timeout_s)
            self._counts[_Outcome.CREATED] += answer.imported_count
            self._counts[_Outcome.UNCHANGED] += answer.duplicate_count
            again = []
            for each in answer.rejected:
                if each.status.message:
                    rejected.append((told[each.index], each.status))
                else:
                    again.append(told[each.index])
            told = again
        return rejected

    def _item(self, told: Told[P]) -> CustomerItem:
        from clientela_client.messages import CustomerItem

        customer = told.customer
        customer.display_name = customer.display_name or _own_name(customer)
        return CustomerItem(
            customer=customer,
            customer_id=last_part(customer.name),
            request_id=self._request_id(told.row, _SALT),
        )

    def _write_each(self, told: list[Told[P]], known: dict[str, Customer]) -> dict[int, R]:
        """Create or update customers by calls of their own; return the refusals by place."""
        refusals: dict[int, R] = {}
        with ThreadPoolExecutor(_CONCURRENT_WRITES) as pool:
            written = pool.map(lambda each: self._write(each.row, each.customer, known.get(each.name)), told)
            for each, (how, made) in zip(told, written, strict=True):
                if isinstance(how, _Outcome):
                    self._counts[how] += 1
                    known[each.name] = made
                else:
                    refusals[each.place] = how
        return refusals

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
            path = refused.violations[0].path if refused.violations else ""
            return self._refused(row, _field(path, refused.metadata), refused.message), customer

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


def _own_name(customer: Customer) -> str:
    """Return the default display name: that of the person or of the organization."""
    person = customer.person
    return " ".join(filter(None, (person.given_name, person.family_name))) or customer.organization.legal_name


def _field(path: str, metadata: Mapping[str, str]) -> str:
    return path or metadata.get("field", "")


def _named(path: str, names: list[str]) -> str:
    """Return the name at a violation's path, "names[3]"."""
    place = path.partition("[")[2].rstrip("]")
    return names[int(place)] if place.isdecimal() and int(place) < len(names) else ""

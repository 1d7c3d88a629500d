"""Customers in the tables: how one is read, and what each write does to them.

Reads give what is kept as bytes, with the revision that they show; writes are made here as `Apply`, and run
by the committer. Read next: `customer_lists` for lists, `domain/customers` for the rules.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.domain import customers as rules
from clientela_server.domain.customers import Customer, CustomerState
from clientela_server.domain.errors import AlreadyExists, NotFound
from clientela_server.domain.totals import Totals
from clientela_server.ids import new_resource_id, new_uid
from clientela_server.store.aggregates.customer_aggregates import CustomerAggregatesWriter, load
from clientela_server.store.aggregates.totals import in_order, totals_of_text
from clientela_server.store.database.answer_size import RECORD_OVERHEAD, RECORDS_BYTES, count_fitting
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import customer_emails, customer_terms, customers, facts
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.erasure import erase_history
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.names import customer_not_found, name_of
from clientela_server.store.nouns.customer_rows import row_of, terms_of

NOUN = "customer"

_BY_ID = customers.c.customer_id == sa.bindparam("customer_id")
_LOAD = Statement(sa.select(customers.c.record).where(_BY_ID))
_GET = Statement(
    sa.select(customers.c.record, facts.c.totals)
    .select_from(customers.outerjoin(facts, facts.c.customer_id == customers.c.customer_id))
    .where(_BY_ID)
)
_EXISTS = Statement(sa.select(customers.c.customer_id).where(_BY_ID))
_INSERT = insert(customers)
_REMOVE = Statement(customers.delete().where(_BY_ID))
_EMAIL_HOLDER = Statement(
    sa.select(customer_emails.c.customer_id).where(customer_emails.c.email == sa.bindparam("email"))
)
_ADD_EMAIL = insert(customer_emails)
_DROP_EMAILS = Statement(
    customer_emails.delete().where(customer_emails.c.customer_id == sa.bindparam("customer_id"))
)
_ADD_TERM = insert(customer_terms)
_DROP_TERMS = Statement(
    customer_terms.delete().where(customer_terms.c.customer_id == sa.bindparam("customer_id"))
)

Found = tuple[bytes, list[Totals]]
# So many bytes are the totals of one currency, at most.
_TOTALS_BYTES = 96


def get(connection: Connection, customer_id: str) -> Found:
    """Read one customer with its totals; NotFound if there is none. The connection must be in a snapshot."""
    rows = connection.run(_GET, {"customer_id": customer_id})
    if not rows:
        raise customer_not_found(customer_id)
    record, totals = rows[0]
    return record, in_order(totals_of_text(totals)) if totals else []


def size_of(found: Found) -> int:
    """Return an upper bound of a customer's size in a response, in bytes."""
    record, totals = found
    return len(record) + RECORD_OVERHEAD + _TOTALS_BYTES * len(totals)


@dataclass(frozen=True, slots=True)
class Batch:
    """Several customers: those that fit into one answer, how many of the first do, and who is missing."""

    found: list[Found]
    fit: int
    missing: set[str]


def get_many(connection: Connection, ids: Sequence[str]) -> Batch:
    """Read several customers, and keep as many as an answer holds. The connection must be in a snapshot."""
    known: dict[str, Found] = {}
    sizes: dict[str, int] = {}
    room = RECORDS_BYTES
    for customer_id in dict.fromkeys(ids):
        with suppress(NotFound):
            found = get(connection, customer_id)
            sizes[customer_id] = size_of(found)
            if room >= 0:
                known[customer_id] = found
            room -= sizes[customer_id]
    fit = count_fitting([sizes.get(each, 0) for each in ids])
    return Batch([known[each] for each in ids[:fit] if each in known], fit, set(ids) - sizes.keys())


class CustomerWrites:
    """The writes of the registry, each as an `Apply` for the journal."""

    def __init__(self, nouns: Nouns, facts: CustomerAggregatesWriter) -> None:
        self._nouns = nouns
        self._codec = nouns.codec(CustomerState)
        self._facts = facts

    def create(self, draft: Customer, customer_id: str | None) -> Apply:
        """Return the write that creates a customer; AlreadyExists if the id or an e-mail address is taken."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            return self.register(transaction, context, draft, customer_id or new_resource_id())

        return apply

    def register(
        self, transaction: Transaction, context: WriteContext, draft: Customer, customer_id: str
    ) -> Entry:
        """Create a customer within a larger write."""
        if transaction.run(_EXISTS, {"customer_id": customer_id}):
            name = name_of(customer_id)
            raise AlreadyExists("CUSTOMER_EXISTS", resource=name, name=name)
        made = rules.registered(draft, customer_id, new_uid(), transaction.now_us, transaction.next_revision)
        return self._store(transaction, context, made, before=None)

    def add(self, transaction: Transaction, actor: str, customer_id: str) -> None:
        """Create a customer with only an id, for an import; the caller has checked that it does not exist."""
        draft = Customer(customer_id, display_name=customer_id)
        made = rules.registered(draft, customer_id, new_uid(), transaction.now_us, transaction.next_revision)
        record = self._codec.encode(CustomerState(made))
        transaction.enqueue(_INSERT, row_of(made, record))
        self._facts.update_profile(transaction, made, None)
        transaction.append(WriteContext(actor, "CustomerService.CreateCustomer"), NOUN, made.name, record)

    def update(self, customer_id: str, etag: str | None, change: rules.Change, allow_missing: bool) -> Apply:
        """Return the write that updates a customer, or with `allow_missing` creates it (AIP-134)."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._find(transaction, customer_id)
            if current is None and allow_missing:
                return self.register(transaction, context, change(Customer(customer_id)), customer_id)
            current = current or self._load(transaction, customer_id)
            rules.match_etag(current, etag)
            made = rules.updated(current, change, transaction.now_us, transaction.next_revision)
            return self._store(transaction, context, made, current)

        return apply

    def delete(self, customer_id: str, etag: str | None) -> Apply:
        """Return the write that soft-deletes a customer (AIP-164)."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._load(transaction, customer_id)
            made = rules.deleted(current, transaction.now_us, transaction.next_revision)
            rules.match_etag(current, etag)
            return self._store(transaction, context, made, current)

        return apply

    def undelete(self, customer_id: str) -> Apply:
        """Return the write that undeletes a customer."""
        return self._move(customer_id, rules.undeleted)

    def erase(self, customer_id: str) -> Apply:
        """Return the write that erases a customer's personal data from tables and journal."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._load(transaction, customer_id)
            made = rules.erased(current, transaction.now_us, transaction.next_revision)
            erase_history(transaction, self._nouns, customer_id)
            transaction.truncate_wal = True
            return self._store(transaction, context, made, current)

        return apply

    def _move(self, customer_id: str, rule: Callable[[Customer, int, int], Customer]) -> Apply:
        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._load(transaction, customer_id)
            made = rule(current, transaction.now_us, transaction.next_revision)
            return self._store(transaction, context, made, current)

        return apply

    def _find(self, transaction: Transaction, customer_id: str) -> Customer | None:
        rows = transaction.run(_LOAD, {"customer_id": customer_id})
        return self._codec.decode(rows[0][0]).customer if rows else None

    def _load(self, transaction: Transaction, customer_id: str) -> Customer:
        current = self._find(transaction, customer_id)
        if current is None:
            raise customer_not_found(customer_id)
        return current

    def _store(
        self, transaction: Transaction, context: WriteContext, made: Customer, before: Customer | None
    ) -> Entry:
        """Replace a customer's rows, then append its entry."""
        _check_referrer(transaction, made, before)
        key = {"customer_id": made.id}
        if before is not None:
            for statement in (_REMOVE, _DROP_TERMS, _DROP_EMAILS):
                transaction.run(statement, key)
        transaction.run(_INSERT, row_of(made, self._codec.encode(CustomerState(made))))
        transaction.run_many(
            _ADD_TERM, [{**key, "field": field, "value": value} for field, value in terms_of(made)]
        )
        if made.delete_us is None:
            _claim_emails(transaction, made)
        self._facts.update_profile(transaction, made, before)
        bought = in_order(load(transaction, made.id).totals)
        return transaction.append(context, NOUN, made.name, self._codec.encode(CustomerState(made, bought)))


def _check_referrer(transaction: Transaction, made: Customer, before: Customer | None) -> None:
    referrer = made.acquisition.referrer
    known = before.acquisition.referrer if before else None
    if referrer and referrer != known and not transaction.run(_EXISTS, {"customer_id": referrer}):
        name = name_of(referrer)
        raise NotFound("REFERRER_NOT_FOUND", resource=name, name=name, field="customer.acquisition.referrer")


def _claim_emails(transaction: Transaction, customer: Customer) -> None:
    for email in sorted(customer.email_keys):
        held = transaction.run(_EMAIL_HOLDER, {"email": email})
        if held:
            holder = name_of(held[0][0])
            raise AlreadyExists("EMAIL_TAKEN", resource=holder, name=holder, field="customer.emails")
        transaction.run(_ADD_EMAIL, {"email": email, "customer_id": customer.id})

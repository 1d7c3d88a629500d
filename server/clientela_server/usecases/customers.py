"""The writes of the registry: created, updated, deleted, undeleted, erased.

Read next: `domain/customers` for the rules, `store/nouns/customers` for the rows.
"""

from collections.abc import Callable

from clientela_server.domain import customers as rules
from clientela_server.domain.customers import Customer, CustomerState
from clientela_server.domain.errors import AlreadyExists, NotFound
from clientela_server.ids import new_resource_id, new_uid
from clientela_server.store.aggregates.customer_aggregates import NOTHING_KNOWN, is_registered, load, save
from clientela_server.store.aggregates.totals import in_order
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.erasure import erase_history
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.names import customer_not_found, name_of
from clientela_server.store.nouns import customers as rows
from clientela_server.usecases.customer_aggregates import CustomerAggregatesWriter


class CustomerWrites:
    """The writes of the registry, each as an `Apply` for the journal."""

    def __init__(self, nouns: Nouns, aggregates: CustomerAggregatesWriter) -> None:
        self._nouns = nouns
        self._codec = nouns.codec(CustomerState)
        self._aggregates = aggregates

    def create(self, draft: Customer, customer_id: str | None) -> Apply:
        """Return the write that creates a customer; AlreadyExists if the id or an e-mail address is taken."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            return self.register(transaction, context, draft, customer_id or new_resource_id())

        return apply

    def register(
        self, transaction: Transaction, context: WriteContext, draft: Customer, customer_id: str
    ) -> Entry:
        """Create a customer; what is refused has written nothing."""
        if is_registered(transaction, customer_id):
            name = name_of(customer_id)
            raise AlreadyExists("CUSTOMER_EXISTS", resource=name, name=name)
        made = rules.registered(draft, customer_id, new_uid(), transaction.now_us, transaction.next_revision)
        _check_referrer(transaction, made, None)
        _check_emails(transaction, made)
        record = self._codec.encode(CustomerState(made))
        rows.enqueue_new(transaction, made, record)
        self._aggregates.add_profile(transaction, made)
        return transaction.append(context, rows.NOUN, made.name, record)

    def add(self, transaction: Transaction, actor: str, customer_id: str) -> None:
        """Create a customer with only an id, for an import; the caller has checked that it does not exist."""
        made = rules.registered_by_id(customer_id, new_uid(), transaction.now_us, transaction.next_revision)
        record = self._codec.encode(CustomerState(made))
        rows.enqueue_row(transaction, made, record)
        save(transaction, customer_id, NOTHING_KNOWN)
        context = WriteContext(actor, "CustomerService.CreateCustomer")
        transaction.append(context, rows.NOUN, made.name, record)

    def update(self, customer_id: str, etag: str | None, change: rules.Change, allow_missing: bool) -> Apply:
        """Return the write that updates a customer, or with `allow_missing` creates it (AIP-134)."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._find(transaction, customer_id)
            if current is None and allow_missing:
                return self.register(transaction, context, change(Customer(customer_id)), customer_id)
            if current is None:
                raise customer_not_found(name_of(customer_id))
            rules.match_etag(current, etag)
            made = rules.updated(current, change, transaction.now_us, transaction.next_revision)
            return self._store(transaction, context, made, current)

        return apply

    def delete(self, customer_id: str, etag: str | None) -> Apply:
        """Return the write that soft-deletes a customer (AIP-164)."""

        def rule(current: Customer, now_us: int, revision: int) -> Customer:
            made = rules.deleted(current, now_us, revision)
            rules.match_etag(current, etag)
            return made

        return self._move(customer_id, rule)

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
        record = rows.find(transaction, customer_id)
        return None if record is None else self._codec.decode(record).customer

    def _load(self, transaction: Transaction, customer_id: str) -> Customer:
        current = self._find(transaction, customer_id)
        if current is None:
            raise customer_not_found(name_of(customer_id))
        return current

    def _store(
        self, transaction: Transaction, context: WriteContext, made: Customer, before: Customer
    ) -> Entry:
        """Replace a customer's rows, then append its entry."""
        _check_referrer(transaction, made, before)
        rows.remove(transaction, made.id)
        _check_emails(transaction, made)
        rows.enqueue_new(transaction, made, self._codec.encode(CustomerState(made)))
        # Later writes of the batch read past the buffer whether somebody deleted was erased.
        transaction.flush()
        self._aggregates.update_profile(transaction, made, before)
        state = CustomerState(made, in_order(load(transaction, made.id).totals))
        return transaction.append(context, rows.NOUN, made.name, self._codec.encode(state))


def _check_referrer(transaction: Transaction, made: Customer, before: Customer | None) -> None:
    referrer = made.acquisition.referrer
    known = before.acquisition.referrer if before else None
    if referrer and referrer != known and not is_registered(transaction, referrer):
        name = name_of(referrer)
        raise NotFound("REFERRER_NOT_FOUND", resource=name, name=name, field="customer.acquisition.referrer")


def _check_emails(transaction: Transaction, customer: Customer) -> None:
    for email in sorted(rows.claimed_emails(customer)):
        held_by = rows.find_email_holder(transaction, email)
        if held_by:
            holder = name_of(held_by)
            raise AlreadyExists("EMAIL_TAKEN", resource=holder, name=holder, field="customer.emails")

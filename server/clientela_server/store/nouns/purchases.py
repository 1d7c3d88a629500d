"""Purchases in the tables: how entries of the ledger are found, and what a write adds.

An entry is kept once, in the journal; `purchases` is how it is found, `customer_aggregates` what it adds up
to, and all three change in the same transaction. Read next: `imports` for many at once, `domain/purchases`
for the rules.
"""

from typing import Any

import sqlalchemy as sa

from clientela_server.domain import purchases as rules
from clientela_server.domain.errors import AlreadyExists, FailedPrecondition
from clientela_server.domain.money import NANOS_PER_UNIT, Money
from clientela_server.domain.purchases import Draft, Purchase
from clientela_server.domain.writing import composed
from clientela_server.ids import new_resource_id
from clientela_server.store.aggregates.customer_aggregates import CustomerAggregatesWriter, require_active
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import journal, purchases
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.names import purchase_name, purchase_not_found

NOUN = "purchase"

_BY_NAME = sa.and_(
    purchases.c.customer_id == sa.bindparam("customer_id"),
    purchases.c.purchase_id == sa.bindparam("purchase_id"),
)
RECORD = (journal.c.record, purchases.c.refunded_units, purchases.c.refunded_nanos)
WITH_RECORD = purchases.join(journal, journal.c.revision == purchases.c.revision)
_GET = Statement(sa.select(*RECORD).select_from(WITH_RECORD).where(_BY_NAME))
INSERT = insert(purchases)
_EXISTS = Statement(sa.select(purchases.c.purchase_id).where(_BY_NAME))
_UPDATE_REFUNDED = Statement(
    purchases.update()
    .where(
        purchases.c.customer_id == sa.bindparam("of_customer"),
        purchases.c.purchase_id == sa.bindparam("of_purchase"),
    )
    .values(refunded_units=sa.bindparam("refunded_units"), refunded_nanos=sa.bindparam("refunded_nanos"))
)

Found = tuple[bytes, int]


def found_of_row(row: Row) -> Found:
    """Read a record and what was refunded of it, in nanos."""
    return row[0], row[1] * NANOS_PER_UNIT + row[2]


def get(connection: Connection, customer_id: str, purchase_id: str) -> Found:
    """Read one entry and what was refunded of it; NotFound if there is none."""
    rows = connection.run(_GET, {"customer_id": customer_id, "purchase_id": purchase_id})
    if not rows:
        raise purchase_not_found(customer_id, purchase_id)
    return found_of_row(rows[0])


class PurchaseWrites:
    """The writes of the ledger, each as an `Apply` for the journal."""

    def __init__(self, nouns: Nouns, facts: CustomerAggregatesWriter) -> None:
        self._codec = nouns.codec(Purchase)
        self._facts = facts

    def record(self, customer_id: str, draft: Draft, purchase_id: str | None) -> Apply:
        """Return the write that records a purchase and adds it to the aggregates."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            settled = rules.settle(draft, transaction.now_us)
            rules.require_payable(draft, settled)
            assert settled.amount is not None
            require_active(transaction, customer_id)
            if purchase_id:
                claim(transaction, customer_id, purchase_id)
            purchase = entry_of(settled, customer_id, purchase_id or new_resource_id(), transaction, context)
            self._facts.add_purchase(transaction, purchase)
            return self._append(transaction, context, purchase)

        return apply

    def refund(self, customer_id: str, purchase_id: str, wanted: Money | None, reason: str) -> Apply:
        """Return the write that records a refund and updates the purchase's refunded amount."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            paid, refunded = self._paid(transaction, customer_id, purchase_id)
            back = rules.refundable(paid.amount, refunded, wanted, paid.name)
            rules.require_payable_refund(back, paid.amount, refunded)
            refund = Purchase(
                customer_id,
                new_resource_id(),
                (),
                back,
                transaction.now_us,
                paid.purpose,
                paid.sales_path,
                0,
                composed(reason),
                paid.name,
                context.actor,
                transaction.now_us,
                transaction.next_revision,
            )
            units, nanos = divmod(refunded + back.nanos, NANOS_PER_UNIT)
            transaction.run(
                _UPDATE_REFUNDED,
                {
                    "of_customer": customer_id,
                    "of_purchase": purchase_id,
                    "refunded_units": units,
                    "refunded_nanos": nanos,
                },
            )
            self._facts.add_refund(transaction, paid, back)
            return self._append(transaction, context, refund)

        return apply

    def _paid(self, transaction: Transaction, customer_id: str, purchase_id: str) -> tuple[Purchase, int]:
        rows = transaction.run(_GET, {"customer_id": customer_id, "purchase_id": purchase_id})
        if not rows:
            raise purchase_not_found(customer_id, purchase_id)
        record, refunded = found_of_row(rows[0])
        paid = self._codec.decode(record)
        if paid.refund_of:
            raise FailedPrecondition(
                "REFUND_OF_REFUND", resource=paid.name, name=paid.name, refund_of=paid.refund_of
            )
        return paid, refunded

    def _append(self, transaction: Transaction, context: WriteContext, purchase: Purchase) -> Entry:
        transaction.enqueue(INSERT, row_of(purchase))
        return transaction.append(context, NOUN, purchase.name, self._codec.encode(purchase))


def claim(transaction: Transaction, customer_id: str, purchase_id: str) -> None:
    """Reserve a purchase's name; AlreadyExists if it is taken."""
    key = ("purchase", customer_id, purchase_id)
    taken = transaction.cached(key)
    if taken is None:
        taken = transaction.read_committed(_EXISTS, {"customer_id": customer_id, "purchase_id": purchase_id})
    if taken:
        name = purchase_name(customer_id, purchase_id)
        raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name)
    transaction.cache(key, True)


def entry_of(
    settled: Draft, customer_id: str, purchase_id: str, transaction: Transaction, context: WriteContext
) -> Purchase:
    """Make the entry of a settled draft, with the revision it will have."""
    assert settled.amount is not None and settled.purchase_us is not None
    return Purchase(
        customer_id,
        purchase_id,
        settled.lines,
        settled.amount,
        settled.purchase_us,
        settled.purpose,
        settled.sales_path,
        settled.source,
        settled.note,
        None,
        context.actor,
        transaction.now_us,
        transaction.next_revision,
    )


def row_of(purchase: Purchase) -> dict[str, Any]:
    """Make the row by which an entry is found."""
    return {
        "customer_id": purchase.customer_id,
        "purchase_id": purchase.purchase_id,
        "revision": purchase.revision,
        "purchase_us": purchase.purchase_us,
        "create_us": purchase.create_us,
        "currency": purchase.amount.currency,
        "units": purchase.amount.units,
        "nanos": purchase.amount.rest,
        "refunded_units": 0,
        "refunded_nanos": 0,
        "purpose": purchase.purpose,
        "sales_path": purchase.sales_path,
        "source": purchase.source,
        "refund_of": purchase.refund_of,
        "recorded_by": purchase.recorded_by,
    }

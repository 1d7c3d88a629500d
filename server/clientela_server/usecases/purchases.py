"""The writes of the ledger: a purchase is recorded, or a part of one is given back.

Read next: `imports` for many at once, `domain/purchases` for the rules, `store/nouns/purchases` for the rows.
"""

from collections.abc import Sequence

from clientela_server.domain import purchases as rules
from clientela_server.domain.errors import AlreadyExists, FailedPrecondition
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft, Purchase, SettledPurchase
from clientela_server.domain.writing import composed
from clientela_server.ids import new_resource_id
from clientela_server.store.aggregates.customer_aggregates import prefetch, require_active
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.jobs import Read
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.names import purchase_name
from clientela_server.store.nouns import purchases as rows
from clientela_server.usecases.customer_aggregates import CustomerAggregatesWriter


class PurchaseWrites:
    """The writes of the ledger, each as an `Apply` for the journal."""

    def __init__(self, nouns: Nouns, aggregates: CustomerAggregatesWriter) -> None:
        self._codec = nouns.codec(Purchase)
        self._aggregates = aggregates

    def record(self, customer_id: str, draft: Draft, purchase_id: str | None) -> Apply:
        """Return the write that records a purchase and adds it to the aggregates."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            settled = rules.settle(draft, transaction.now_us)
            rules.require_payable(settled)
            require_active(transaction, customer_id)
            if purchase_id:
                _claim(transaction, customer_id, purchase_id)
            purchase = entry_of(settled, customer_id, purchase_id or new_resource_id(), transaction, context)
            self._aggregates.add_purchase(transaction, purchase)
            return self._append(transaction, context, purchase)

        return apply

    def reads(self, customer_id: str) -> Sequence[Read]:
        """Return what a recorded purchase will ask for."""
        return ((prefetch, customer_id),)

    def refund(self, customer_id: str, purchase_id: str, wanted: Money | None, reason: str) -> Apply:
        """Return the write that records a refund and updates the purchase's refunded amount."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            record, refunded = rows.get(transaction, customer_id, purchase_id)
            paid = self._codec.decode(record)
            _require_purchase(paid)
            back = rules.refundable(paid.amount, refunded, wanted, paid.name)
            rules.require_payable_refund(back, paid.amount, refunded)
            rows.put_refunded(transaction, customer_id, purchase_id, refunded + back.nanos)
            self._aggregates.add_refund(transaction, paid, back)
            return self._append(transaction, context, _refund_of(paid, back, reason, transaction, context))

        return apply

    def _append(self, transaction: Transaction, context: WriteContext, purchase: Purchase) -> Entry:
        rows.enqueue_new(transaction, purchase)
        return transaction.append(context, rows.NOUN, purchase.name, self._codec.encode(purchase))


def _claim(transaction: Transaction, customer_id: str, purchase_id: str) -> None:
    """Reserve a purchase's name; AlreadyExists if it is taken."""
    if rows.is_taken(transaction, customer_id, purchase_id):
        name = purchase_name(customer_id, purchase_id)
        raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name)
    rows.note_made(transaction, customer_id, purchase_id, True)


def _require_purchase(paid: Purchase) -> None:
    if paid.refund_of:
        raise FailedPrecondition(
            "REFUND_OF_REFUND", resource=paid.name, name=paid.name, refund_of=paid.refund_of
        )


def entry_of(
    settled: SettledPurchase,
    customer_id: str,
    purchase_id: str,
    transaction: Transaction,
    context: WriteContext,
) -> Purchase:
    """Make the entry of a settled purchase, with the revision it will have."""
    draft = settled.draft
    # By place: each purchase makes one, and by name it takes twice as long.
    return Purchase(
        customer_id,
        purchase_id,
        draft.lines,
        settled.amount,
        settled.purchase_us,
        draft.purpose,
        draft.sales_path,
        draft.source,
        draft.note,
        None,
        context.actor,
        transaction.now_us,
        transaction.next_revision,
    )


def _refund_of(
    paid: Purchase, back: Money, reason: str, transaction: Transaction, context: WriteContext
) -> Purchase:
    return Purchase(
        customer_id=paid.customer_id,
        purchase_id=new_resource_id(),
        lines=(),
        amount=back,
        purchase_us=transaction.now_us,
        purpose=paid.purpose,
        sales_path=paid.sales_path,
        source=0,
        note=composed(reason),
        refund_of=paid.name,
        recorded_by=context.actor,
        create_us=transaction.now_us,
        revision=transaction.next_revision,
    )

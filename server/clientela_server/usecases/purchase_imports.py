"""Purchases to import, many in one transaction.

Rules
1. A duplicate is known by its request id, and by the purchase that it made, also if somebody else sent it:
   the purchase's id is derived from the request id, so the ledger itself remembers, without end. Where the
   item names its purchase, a duplicate is also what says of that purchase what the ledger says.

Read next: `imports` for what holds of all imports, `message_customers`.
"""

from typing import NamedTuple

from clientela_server.domain import purchases as rules
from clientela_server.domain.errors import AlreadyExists
from clientela_server.domain.purchases import Draft, Purchase
from clientela_server.store.aggregates.customer_aggregates import is_registered, prefetch, require_active
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.nouns import Nouns, RecordCodec
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import purchase_name
from clientela_server.store.nouns import purchases as rows
from clientela_server.store.nouns.purchases import Made
from clientela_server.usecases.customers import CustomerWrites
from clientela_server.usecases.imports import MessageWrite, Outcome, Respelled
from clientela_server.usecases.message_customers import MessageCustomers
from clientela_server.usecases.purchases import entry_of


class PurchaseItem(NamedTuple):
    """One purchase to import; see `imports.Item`."""

    place: int
    customer_id: str
    purchase_id: str
    draft: Draft
    request_id: str
    digest: bytes
    sent_as: str


class PurchaseImports:
    """Imports messages of purchases, each within one transaction."""

    def __init__(self, nouns: Nouns, customers: CustomerWrites, policies: PolicyStore) -> None:
        self._nouns = nouns
        self._customers = customers
        self._policies = policies

    def apply(
        self,
        transaction: Transaction,
        context: WriteContext,
        items: list[PurchaseItem],
        respelled: Respelled,
        *,
        create_missing: bool,
    ) -> Outcome:
        """Import one message; each item has its own request id."""
        message = MessageWrite[PurchaseItem](transaction, context, respelled)
        new = message.prefetch(items)
        prefetch(transaction, [item.customer_id for item in new])
        rows.prefetch(transaction, [(item.customer_id, item.purchase_id) for item in new])
        bought = MessageCustomers(transaction, self._nouns, self._policies.in_transaction(transaction))
        registry = self._customers if create_missing else None
        write = _Purchases(message, self._nouns.codec(Purchase), bought, registry)
        outcome = message.take(items, write.take)
        bought.save()
        return outcome


class _Purchases:
    """The purchases of one message; `registry` registers missing customers."""

    def __init__(
        self,
        message: MessageWrite[PurchaseItem],
        codec: RecordCodec[Purchase],
        bought: MessageCustomers,
        registry: CustomerWrites | None,
    ) -> None:
        self._message = message
        self._transaction = message.transaction
        self._codec = codec
        self._bought = bought
        self._registry = registry

    def take(self, item: PurchaseItem) -> bool:
        """Record an item; return False if it is recorded already."""
        if self._is_recorded(item):
            return False
        transaction, customer_id = self._transaction, item.customer_id
        settled = rules.settle(item.draft, transaction.now_us)
        rules.require_payable(settled)
        if self._registry is not None and not is_registered(transaction, customer_id):
            self._registry.add(transaction, self._message.actor, customer_id)
            self._message.outcome.created_customers += 1
        require_active(transaction, customer_id)
        context = self._message.context_of(item)
        self._record(item, context, entry_of(settled, customer_id, item.purchase_id, transaction, context))
        return True

    def _record(self, item: PurchaseItem, context: WriteContext, purchase: Purchase) -> None:
        self._bought.add(purchase)
        record = self._codec.encode(purchase)
        made = (item.request_id, item.digest, record)
        rows.note_made(self._transaction, item.customer_id, item.purchase_id, made)
        rows.enqueue_new(self._transaction, purchase)
        self._transaction.append(context, rows.NOUN, purchase.name, record)

    def _is_recorded(self, item: PurchaseItem) -> bool:
        """Return whether the item is recorded already; AlreadyExists if another request made its purchase."""
        made = rows.made_by(self._transaction, item.customer_id, item.purchase_id)
        if made is None:
            return False
        name = purchase_name(item.customer_id, item.purchase_id)
        if isinstance(made, bool):
            raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name)
        if differs := self._differences(item, made):
            raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name, differs=differs)
        return True

    def _differences(self, item: PurchaseItem, made: Made) -> str:
        request_id, digest, record = made
        same_id = request_id is not None and request_id.lower() == item.request_id
        if same_id and digest == self._message.compared(item).digest_under(request_id):
            return ""
        settled = rules.settle(item.draft, self._transaction.now_us)
        return ", ".join(rules.differences(self._codec.decode(record), item.draft, settled))

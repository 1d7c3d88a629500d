"""Many purchases in one transaction: what an import's message becomes.

Rules
1. Each item is recorded, a duplicate, or rejected; one that is rejected costs the others nothing.
2. A duplicate is known by its request id, and by the purchase that it made, also if somebody else sent it:
   the purchase's id is derived from the request id, so the ledger itself remembers, without end. Where the
   item names its purchase, a duplicate is also what says of that purchase what the ledger says.
3. Check first, write last: what is refused has written nothing.
4. What can be asked about all items is asked once, not for each, and all rows go in together.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from clientela_server.domain import purchases as rules
from clientela_server.domain.errors import AlreadyExists, Refusal
from clientela_server.domain.purchases import Draft, Purchase, SettledPurchase
from clientela_server.store.aggregates.customer_aggregates import is_registered, prefetch, require_active
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.journal import find_request, is_request_cached, prefetch_requests
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import purchase_name
from clientela_server.store.nouns import purchases as rows
from clientela_server.store.nouns.purchases import Made
from clientela_server.usecases.customer_aggregates import CustomerAggregatesWriter
from clientela_server.usecases.customers import CustomerWrites
from clientela_server.usecases.purchases import entry_of


class Item(NamedTuple):
    """One purchase to import, with its place in the stream, and its request id as the caller wrote it."""

    place: int
    customer_id: str
    purchase_id: str
    draft: Draft
    request_id: str
    digest: bytes
    respelled: Callable[[str], bytes]
    sent_as: str


@dataclass(slots=True)
class Outcome:
    """What became of the items of one message; `rejected` is by place in the stream."""

    imported: int = 0
    duplicates: int = 0
    created_customers: int = 0
    rejected: list[tuple[int, str, Refusal]] = field(default_factory=list)
    revision: int = 0


class ImportWrites:
    """Imports messages, each within one transaction."""

    def __init__(self, nouns: Nouns, customers: CustomerWrites, aggregates: CustomerAggregatesWriter) -> None:
        self._codec = nouns.codec(Purchase)
        self._aggregates = aggregates
        self._customers = customers

    def apply(
        self, transaction: Transaction, context: WriteContext, items: list[Item], create_missing: bool
    ) -> Outcome:
        """Import one message; `context` has the caller and the method; each item has its own request id."""
        outcome = Outcome()
        prefetch_requests(transaction, context.actor, [item.request_id for item in items])
        # Of an import that is sent again all is known by now; nothing more is looked up for those items.
        new = [each for each in items if not is_request_cached(transaction, context.actor, each.request_id)]
        prefetch(transaction, [item.customer_id for item in new])
        rows.prefetch(transaction, [(item.customer_id, item.purchase_id) for item in new])
        for item in items:
            self._take(
                transaction,
                WriteContext(context.actor, context.method, item.request_id, item.digest, item.respelled),
                item,
                create_missing,
                outcome,
            )
        outcome.revision = transaction.revision
        return outcome

    def _take(
        self,
        transaction: Transaction,
        context: WriteContext,
        item: Item,
        create_missing: bool,
        outcome: Outcome,
    ) -> None:
        try:
            if self._is_done(transaction, context, item):
                outcome.duplicates += 1
            else:
                settled = rules.settle(item.draft, transaction.now_us)
                rules.require_payable(settled)
                if create_missing and not is_registered(transaction, item.customer_id):
                    self._customers.add(transaction, context.actor, item.customer_id)
                    outcome.created_customers += 1
                self._record(transaction, context, item, settled)
                outcome.imported += 1
        except Refusal as refusal:
            outcome.rejected.append((item.place, item.sent_as, refusal))

    def _record(
        self, transaction: Transaction, context: WriteContext, item: Item, settled: SettledPurchase
    ) -> None:
        require_active(transaction, item.customer_id)
        purchase = entry_of(settled, item.customer_id, item.purchase_id, transaction, context)
        self._aggregates.add_purchase(transaction, purchase)
        record = self._codec.encode(purchase)
        made = (item.request_id, item.digest, record)
        rows.note_made(transaction, item.customer_id, item.purchase_id, made)
        rows.enqueue_new(transaction, purchase)
        transaction.append(context, rows.NOUN, purchase.name, record)

    def _is_done(self, transaction: Transaction, context: WriteContext, item: Item) -> bool:
        """Return whether the item is already recorded; AlreadyExists if another request made its purchase."""
        if find_request(transaction, context) is not None:
            return True
        made = rows.made_by(transaction, item.customer_id, item.purchase_id)
        if made is None or made is False:
            return False
        name = purchase_name(item.customer_id, item.purchase_id)
        if made is True:
            raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name)
        if differs := self._differences(transaction, context, item, made):
            raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name, differs=differs)
        return True

    def _differences(
        self,
        transaction: Transaction,
        context: WriteContext,
        item: Item,
        made: Made,
    ) -> str:
        request_id, digest, record = made
        same_id = request_id is not None and request_id.lower() == item.request_id
        if same_id and digest == context.digest_under(request_id):
            return ""
        settled = rules.settle(item.draft, transaction.now_us)
        return ", ".join(rules.differences(self._codec.decode(record), item.draft, settled))

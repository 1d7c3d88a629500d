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
from functools import partial
from typing import NamedTuple

from clientela_server.domain import purchases as rules
from clientela_server.domain.errors import AlreadyExists, Refusal
from clientela_server.domain.purchases import Draft, Purchase
from clientela_server.store.aggregates.customer_aggregates import is_registered, prefetch, require_active
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.journal import find_request, is_request_cached, prefetch_requests
from clientela_server.store.journal.nouns import Nouns, RecordCodec
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import purchase_name
from clientela_server.store.nouns import purchases as rows
from clientela_server.store.nouns.purchases import Made
from clientela_server.usecases.customers import CustomerWrites
from clientela_server.usecases.message_customers import MessageCustomers
from clientela_server.usecases.purchases import entry_of


class Item(NamedTuple):
    """One purchase to import, with its place in the stream, and its request id as the caller wrote it."""

    place: int
    customer_id: str
    purchase_id: str
    draft: Draft
    request_id: str
    digest: bytes
    sent_as: str


# Returns the digest of the item at a place, with its request id in another spelling.
Respelled = Callable[[int, str], bytes]


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

    def __init__(self, nouns: Nouns, customers: CustomerWrites, policies: PolicyStore) -> None:
        self._nouns = nouns
        self._customers = customers
        self._policies = policies

    def apply(
        self,
        transaction: Transaction,
        context: WriteContext,
        items: list[Item],
        respelled: Respelled,
        *,
        create_missing: bool,
    ) -> Outcome:
        """Import one message; `context` has the caller and the method; each item has its own request id."""
        prefetch_requests(transaction, context.actor, [item.request_id for item in items])
        # Of an import that is sent again all is known by now; nothing more is looked up for those items.
        new = [each for each in items if not is_request_cached(transaction, context.actor, each.request_id)]
        prefetch(transaction, [item.customer_id for item in new])
        rows.prefetch(transaction, [(item.customer_id, item.purchase_id) for item in new])
        bought = MessageCustomers(transaction, self._nouns, self._policies.in_transaction(transaction))
        message = _Message(transaction, context, respelled, self._nouns.codec(Purchase), bought)
        for item in items:
            try:
                message.take(item, self._customers if create_missing else None)
            except Refusal as refusal:
                message.outcome.rejected.append((item.place, item.sent_as, refusal))
        bought.save()
        message.outcome.revision = transaction.revision
        return message.outcome


class _Message:
    """One message of an import: what its items become."""

    def __init__(
        self,
        transaction: Transaction,
        context: WriteContext,
        respelled: Respelled,
        codec: RecordCodec[Purchase],
        bought: MessageCustomers,
    ) -> None:
        self.outcome = Outcome()
        self._transaction = transaction
        self._context = context
        self._respelled = respelled
        self._codec = codec
        self._bought = bought

    def take(self, item: Item, registry: CustomerWrites | None) -> None:
        """Record an item, or count it as a duplicate; `registry` registers a missing customer."""
        if self._is_done(item):
            self.outcome.duplicates += 1
            return
        transaction, customer_id = self._transaction, item.customer_id
        settled = rules.settle(item.draft, transaction.now_us)
        rules.require_payable(settled)
        if registry is not None and not is_registered(transaction, customer_id):
            registry.add(transaction, self._context.actor, customer_id)
            self.outcome.created_customers += 1
        require_active(transaction, customer_id)
        self._record(item, entry_of(settled, customer_id, item.purchase_id, transaction, self._context))
        self.outcome.imported += 1

    def _record(self, item: Item, purchase: Purchase) -> None:
        self._bought.add(purchase)
        record = self._codec.encode(purchase)
        made = (item.request_id, item.digest, record)
        rows.note_made(self._transaction, item.customer_id, item.purchase_id, made)
        rows.enqueue_new(self._transaction, purchase)
        actor, method, *_ = self._context
        context = WriteContext(actor, method, item.request_id, item.digest)
        self._transaction.append(context, rows.NOUN, purchase.name, record)

    def _is_done(self, item: Item) -> bool:
        """Return whether the item is already recorded; AlreadyExists if another request made its purchase."""
        if is_request_cached(self._transaction, self._context.actor, item.request_id):
            return find_request(self._transaction, self._context_of(item)) is not None
        made = rows.made_by(self._transaction, item.customer_id, item.purchase_id)
        if made is None:
            return False
        name = purchase_name(item.customer_id, item.purchase_id)
        if isinstance(made, bool):
            raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name)
        if differs := self._differences(item, made):
            raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name, differs=differs)
        return True

    def _differences(self, item: Item, made: Made) -> str:
        request_id, digest, record = made
        same_id = request_id is not None and request_id.lower() == item.request_id
        if same_id and digest == self._context_of(item).digest_under(request_id):
            return ""
        settled = rules.settle(item.draft, self._transaction.now_us)
        return ", ".join(rules.differences(self._codec.decode(record), item.draft, settled))

    def _context_of(self, item: Item) -> WriteContext:
        """Return the context by which an item is compared with what was written before."""
        actor, method, *_ = self._context
        return WriteContext(actor, method, item.request_id, item.digest, partial(self._respelled, item.place))

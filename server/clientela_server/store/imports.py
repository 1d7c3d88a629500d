"""Many purchases in one transaction: what an import's message becomes.

Rules
1. Each item is recorded, a duplicate, or rejected; one that is rejected costs the others nothing.
2. A duplicate is known by its request id, and beyond its retention by the purchase that it made: the
   purchase's id is derived from the request id, so the ledger itself remembers, without end.
3. Totals are kept per customer in memory while the message is worked on, and written once: a message
   holds many purchases of the same customers.
"""

from dataclasses import dataclass, field

import sqlalchemy as sa

from clientela_server.domain import purchases as rules
from clientela_server.domain.customers import Customer
from clientela_server.domain.errors import AlreadyExists, NotFound, Refusal
from clientela_server.domain.purchases import Draft
from clientela_server.domain.totals import Totals, with_purchase
from clientela_server.store import purchases as ledger
from clientela_server.store.customers import CustomerWrites, name_of
from clientela_server.store.journal import find_request
from clientela_server.store.schema import journal, purchases
from clientela_server.store.statements import Statement
from clientela_server.store.transaction import Codec, Origin, Transaction

_MADE_BY = Statement(
    sa.select(journal.c.request_id, journal.c.digest)
    .select_from(ledger.WITH_RECORD)
    .where(
        purchases.c.customer_id == sa.bindparam("customer_id"),
        purchases.c.purchase_id == sa.bindparam("purchase_id"),
    )
)


@dataclass(frozen=True, slots=True)
class Item:
    """One purchase to import, with its place in the stream."""

    index: int
    customer_id: str
    purchase_id: str
    draft: Draft
    request_id: str
    digest: bytes


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

    def __init__(self, codec: Codec, customers: CustomerWrites) -> None:
        self._codec = codec
        self._customers = customers

    def apply(
        self, transaction: Transaction, origin: Origin, items: list[Item], create_missing: bool
    ) -> Outcome:
        """Import one message; `origin` says who and how, its request id is each item's own."""
        message = _Message(transaction, origin, self._codec, self._customers if create_missing else None)
        for item in items:
            message.take(item)
        message.write_totals()
        message.outcome.revision = transaction.revision
        return message.outcome


class _Message:
    def __init__(
        self, transaction: Transaction, origin: Origin, codec: Codec, customers: CustomerWrites | None
    ) -> None:
        self.outcome = Outcome()
        self._transaction = transaction
        self._origin = origin
        self._codec = codec
        self._customers = customers
        self._stored: dict[tuple[str, str], Totals | None] = {}
        self._current: dict[tuple[str, str], Totals] = {}

    def take(self, item: Item) -> None:
        origin = Origin(self._origin.actor, self._origin.method, item.request_id, item.digest)
        try:
            if self._is_done(item, origin):
                self.outcome.duplicates += 1
            else:
                self._record(item, origin)
                self.outcome.imported += 1
        except Refusal as refusal:
            self.outcome.rejected.append((item.index, item.request_id, refusal))

    def _is_done(self, item: Item, origin: Origin) -> bool:
        if find_request(self._transaction, origin, since_us=0) is not None:
            return True
        made = self._transaction.run(
            _MADE_BY, {"customer_id": item.customer_id, "purchase_id": item.purchase_id}
        )
        if not made:
            return False
        if made[0] == (item.request_id, item.digest):
            return True
        name = f"{name_of(item.customer_id)}/purchases/{item.purchase_id}"
        raise AlreadyExists("PURCHASE_EXISTS", resource=name, name=name)

    def _record(self, item: Item, origin: Origin) -> None:
        """Check first, write last: what is refused has written nothing."""
        settled = rules.settle(item.draft, self._transaction.now_us)
        assert settled.amount is not None and settled.purchase_us is not None
        key = (item.customer_id, settled.amount.currency)
        before = self._totals(key)
        after = with_purchase(before, settled.amount.currency, settled.amount.nanos, settled.purchase_us)
        purchase = ledger.entry_of(settled, item.customer_id, item.purchase_id, self._transaction, origin)
        self._transaction.run(ledger.INSERT, ledger.row_of(purchase))
        self._transaction.append(origin, ledger.NOUN, purchase.name, self._codec.encode_purchase(purchase))
        self._current[key] = after

    def _totals(self, key: tuple[str, str]) -> Totals | None:
        """Give the totals as of now, those before this message read once; register who is missing."""
        if key in self._current:
            return self._current[key]
        if key not in self._stored:
            self._stored[key] = self._buyer(*key)
        return self._stored[key]

    def _buyer(self, customer_id: str, currency: str) -> Totals | None:
        try:
            return ledger.buyer(self._transaction, customer_id, currency)
        except NotFound:
            if self._customers is None:
                raise
        origin = Origin(self._origin.actor, "CustomerService.CreateCustomer")
        self._customers.register(
            self._transaction, origin, Customer(customer_id, display_name=customer_id), customer_id
        )
        self.outcome.created_customers += 1
        return None

    def write_totals(self) -> None:
        for key, after in self._current.items():
            ledger.keep_totals(self._transaction, key[0], self._stored[key], after)

"""Spends: recorded once, never changed, and deleted at most; read to compute with.

Read next: `domain/spends` for the rules, `store/nouns/spends` for the rows.
"""

from dataclasses import replace

from clientela_server.domain.errors import AlreadyExists
from clientela_server.domain.money import Money
from clientela_server.domain.spends import Spend, settled
from clientela_server.ids import new_resource_id
from clientela_server.store.database.connection import Connection
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.names import spend_name, spend_not_found
from clientela_server.store.nouns import spends as rows


class Spends:
    """Reads spends to compute with, and makes their writes, each as an `Apply` for the journal."""

    def __init__(self, nouns: Nouns) -> None:
        self._codec = nouns.codec(Spend)

    def within(self, connection: Connection, currency: str, first: int, last: int) -> list[Spend]:
        """Read all that was spent in a currency on any of the days from one to another."""
        return [self._codec.decode(record) for record in rows.within(connection, currency, first, last)]

    def record(self, draft: Spend, spend_id: str | None) -> Apply:
        """Return the write that records a spend; AlreadyExists if the id is taken."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            spend = replace(
                settled(draft, transaction.now_us, context.actor), id=spend_id or new_resource_id()
            )
            if rows.exists(transaction, spend.id):
                raise AlreadyExists("SPEND_EXISTS", resource=spend.name, name=spend.name)
            record = self._codec.encode(spend)
            rows.add(transaction, spend, record)
            return transaction.append(context, rows.NOUN, spend.name, record)

        return apply

    def delete(self, spend_id: str) -> Apply:
        """Return the write that deletes a spend; the journal keeps it."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            if not rows.exists(transaction, spend_id):
                raise spend_not_found(spend_name(spend_id))
            rows.remove(transaction, spend_id)
            gone = Spend(spend_id, 0, 0, 0, Money("", 0))
            return transaction.append(context, rows.NOUN, gone.name, self._codec.encode(gone))

        return apply

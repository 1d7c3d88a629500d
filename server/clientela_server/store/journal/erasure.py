"""Erasure of what the journal remembers: the one place where an entry is ever rewritten.

Rules
1. After it, no byte of the customer's personal data is in the tables or the journal, and every figure, name,
   time and revision is as it was. Every past state of the customer is stripped, and the notes of the
   customer's purchases and refunds are emptied, for people write into notes what they should not.
2. With a record goes the salt of its seal, so that nobody can try guesses against the seal. The seal itself
   stays, and with it the chain; what is left is bound to the erasure's own entry.
3. Request ids and digests stay: what was asked before is not done again.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b

import sqlalchemy as sa

from clientela_server.domain.customers import without_personal_data
from clientela_server.store.database.schema import journal, purchases
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.codec import Codec
from clientela_server.store.journal.transaction import Transaction

_STATES = Statement(
    sa.select(journal.c.revision, journal.c.record).where(
        journal.c.name == sa.bindparam("of_name"), sa.text("noun = 'customer'")
    )
)
_PURCHASES = Statement(
    sa.select(journal.c.revision, journal.c.record)
    .select_from(purchases.join(journal, journal.c.revision == purchases.c.revision))
    .where(purchases.c.customer_id == sa.bindparam("of_customer"))
)
_REWRITE = Statement(
    journal.update()
    .where(journal.c.revision == sa.bindparam("of_revision"))
    .values(record=sa.bindparam("stripped"), salt=sa.null())
)


class ErasureDigest:
    """What an erasure left of the entries that it rewrote, as one hash."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=32)

    def add(self, revision: int, record: bytes) -> None:
        """Take an entry in, in the order of revisions."""
        self._hash.update(f"{revision} {len(record)}:".encode() + record)

    def digest(self) -> bytes:
        """Give the hash of all that was taken in."""
        return self._hash.digest()


def erase_history(transaction: Transaction, codec: Codec, customer_id: str) -> None:
    """Strip all that the journal holds of a customer, and bind the entry that follows to what is left."""
    left = ErasureDigest()
    for revision, record in sorted(_stripped(transaction, codec, customer_id)):
        transaction.run(_REWRITE, {"of_revision": revision, "stripped": record})
        left.add(revision, record)
    transaction.bind_erasure(left.digest())


def _stripped(transaction: Transaction, codec: Codec, customer_id: str) -> Iterator[tuple[int, bytes]]:
    for revision, record in transaction.run(_STATES, {"of_name": f"customers/{customer_id}"}):
        state, bought = codec.decode_customer(record), codec.decode_totals(record)
        yield revision, codec.encode_customer(without_personal_data(state), bought)
    for revision, record in transaction.run(_PURCHASES, {"of_customer": customer_id}):
        purchase = codec.decode_purchase(record)
        if purchase.note is not None:
            yield revision, codec.encode_purchase(replace(purchase, note=None))

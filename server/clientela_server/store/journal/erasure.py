"""Erasure of a customer's personal data from the journal: the only code that rewrites entries.

Rules
1. Afterwards neither tables nor journal contain the customer's personal data; figures, names, times and
   revisions are unchanged. Every past record of the customer is stripped, and the notes of its purchases
   and refunds are cleared, because notes often contain personal data.
2. The salt of a rewritten record's seal is deleted, so that the seal can't be attacked by guessing. The seal
   stays, so the hash chain still verifies; the remaining bytes are bound to the erasure's own entry.
3. Request ids and digests stay, so that retried requests remain idempotent.
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
    """Hash over the entries that an erasure rewrote."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=32)

    def add(self, revision: int, record: bytes) -> None:
        """Add a rewritten entry; call in the order of revisions."""
        self._hash.update(f"{revision} {len(record)}:".encode() + record)

    def digest(self) -> bytes:
        """Return the hash of all added entries."""
        return self._hash.digest()


def erase_history(transaction: Transaction, codec: Codec, customer_id: str) -> None:
    """Strip a customer's past records, and bind the next appended entry to the result."""
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

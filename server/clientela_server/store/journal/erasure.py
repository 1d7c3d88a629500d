"""Erasure of a customer's personal data from the journal: the only code that rewrites entries.

Rules
1. Afterwards neither tables nor journal contain the customer's personal data; figures, names, times and
   revisions are unchanged. Every past record of the customer is stripped, and so is what each noun registers
   as personal: the notes of purchases and refunds, because notes often contain personal data.
2. The salt of a rewritten record's seal is deleted, so that the seal can't be attacked by guessing. The seal
   stays, so the hash chain still verifies; the remaining bytes are bound to the erasure's own entry.
3. Request ids and digests stay, so that retried requests remain idempotent.
"""

from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from clientela_server.store.database.schema import journal
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.nouns import Noun, Nouns
from clientela_server.store.journal.transaction import Transaction

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


def erase_history(transaction: Transaction, nouns: Nouns, customer_id: str) -> None:
    """Strip a customer's past records, and bind the next appended entry to the result."""
    left = ErasureDigest()
    for revision, record in sorted(_stripped(transaction, nouns, customer_id)):
        transaction.run(_REWRITE, {"of_revision": revision, "stripped": record})
        left.add(revision, record)
    transaction.bind_erasure(left.digest())


def _stripped(transaction: Transaction, nouns: Nouns, customer_id: str) -> Iterator[tuple[int, bytes]]:
    keys = {"of_customer": customer_id, "of_name": f"customers/{customer_id}"}
    for noun in nouns:
        if noun.strip is not None:
            for revision, record in transaction.run(_entries(noun), keys):
                stripped = noun.strip(noun.codec.decode(record))
                if stripped is not None:
                    yield revision, noun.codec.encode(stripped)


@cache
def _entries(noun: Noun[Any]) -> Statement:
    """Return the query of all of a customer's entries of a noun."""
    query = sa.select(journal.c.revision, journal.c.record)
    if noun.rows is None:
        of_noun = sa.text(f"noun = '{noun.name}'")
        return Statement(query.where(journal.c.name == sa.bindparam("of_name"), of_noun))
    table = noun.rows.table
    located = table.join(journal, journal.c.revision == table.c.revision)
    return Statement(query.select_from(located).where(table.c.customer_id == sa.bindparam("of_customer")))

"""Erasure of what the journal remembers: the one place where an entry is ever rewritten.

The rule: after it, no byte of the customer's personal data is in the tables or the journal, and every
figure, name, time and revision is as it was. Every past state of the customer is stripped, and the notes of
the customer's purchases and refunds are emptied, for people write into notes what they should not.
"""

from dataclasses import replace

import sqlalchemy as sa

from clientela_server.domain.customers import without_personal_data
from clientela_server.store.schema import journal, purchases
from clientela_server.store.statements import Statement
from clientela_server.store.transaction import Codec, Transaction

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
    .values(record=sa.bindparam("stripped"))
)


def erase_past(transaction: Transaction, codec: Codec, customer_id: str) -> None:
    """Strip all that the journal holds of a customer."""
    for revision, record in transaction.run(_STATES, {"of_name": f"customers/{customer_id}"}):
        state, bought = codec.decode_customer(record), codec.decode_totals(record)
        _rewrite(transaction, revision, codec.encode_customer(without_personal_data(state), bought))
    for revision, record in transaction.run(_PURCHASES, {"of_customer": customer_id}):
        purchase = codec.decode_purchase(record)
        if purchase.note is not None:
            _rewrite(transaction, revision, codec.encode_purchase(replace(purchase, note=None)))


def _rewrite(transaction: Transaction, revision: int, record: bytes) -> None:
    transaction.run(_REWRITE, {"of_revision": revision, "stripped": record})

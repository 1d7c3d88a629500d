"""The purchases' table: how entries of the ledger are found.

An entry is kept once, in the journal; `purchases` is how it is found, `customer_aggregates` what it adds up
to, and all three change in the same transaction. Read next: `usecases/purchases` for the writes,
`purchase_lists`.
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.purchases import Purchase
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import journal, purchases
from clientela_server.store.database.statements import Statement, insert, text_pairs
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import purchase_name, purchase_not_found

NOUN = "purchase"

_BY_NAME = sa.and_(
    purchases.c.customer_id == sa.bindparam("customer_id"),
    purchases.c.purchase_id == sa.bindparam("purchase_id"),
)
RECORD = (journal.c.record, purchases.c.refunded_units, purchases.c.refunded_nanos)
WITH_RECORD = purchases.join(journal, journal.c.revision == purchases.c.revision)
_GET = Statement(sa.select(*RECORD).select_from(WITH_RECORD).where(_BY_NAME))
_INSERT = insert(purchases)
_EXISTS = Statement(sa.select(purchases.c.purchase_id).where(_BY_NAME))
_UPDATE_REFUNDED = Statement(
    purchases.update()
    .where(
        purchases.c.customer_id == sa.bindparam("of_customer"),
        purchases.c.purchase_id == sa.bindparam("of_purchase"),
    )
    .values(refunded_units=sa.bindparam("refunded_units"), refunded_nanos=sa.bindparam("refunded_nanos"))
)

_MADE_BY = Statement(
    sa.select(
        purchases.c.customer_id,
        purchases.c.purchase_id,
        journal.c.request_id,
        journal.c.digest,
        journal.c.record,
    )
    .select_from(WITH_RECORD)
    .where(sa.tuple_(purchases.c.customer_id, purchases.c.purchase_id).in_(text_pairs("names")))
)

Found = tuple[bytes, int]
# What made a purchase: request id and digest of the request; and the record.
Made = tuple[str | None, bytes | None, bytes]


def found_of_row(row: Row) -> Found:
    """Read a record and what was refunded of it, in nanos."""
    return row[0], row[1] * NANOS_PER_UNIT + row[2]


def get(connection: Connection | Transaction, customer_id: str, purchase_id: str) -> Found:
    """Read one entry and what was refunded of it; NotFound if there is none."""
    rows = connection.run(_GET, {"customer_id": customer_id, "purchase_id": purchase_id})
    if not rows:
        raise purchase_not_found(purchase_name(customer_id, purchase_id))
    return found_of_row(rows[0])


def is_taken(transaction: Transaction, customer_id: str, purchase_id: str) -> bool:
    """Return whether there is a purchase of this name, committed or made earlier in the transaction."""
    key = ("purchase", customer_id, purchase_id)
    taken = transaction.cached(key)
    if taken is None:
        return bool(
            transaction.read_committed(_EXISTS, {"customer_id": customer_id, "purchase_id": purchase_id})
        )
    return bool(taken)


def note_made(transaction: Transaction, customer_id: str, purchase_id: str, made: Made | bool) -> None:
    """Record in the identity map what made a purchase; True: it exists, and what made it is not needed."""
    transaction.cache(("purchase", customer_id, purchase_id), made)


def made_by(transaction: Transaction, customer_id: str, purchase_id: str) -> Made | bool | None:
    """Return what the identity map has of `note_made`; None: of those that were prefetched there is none."""
    made: Made | bool | None = transaction.cached(("purchase", customer_id, purchase_id))
    return made


def prefetch(transaction: Transaction, names: Sequence[tuple[str, str]]) -> None:
    """Load with one query what made purchases, those that there are; names: customers' ids and their own."""
    for customer_id, purchase_id, *made in transaction.read_committed(_MADE_BY, {"names": json.dumps(names)}):
        if made_by(transaction, customer_id, purchase_id) is None:
            note_made(transaction, customer_id, purchase_id, (made[0], made[1], made[2]))


def enqueue_new(transaction: Transaction, purchase: Purchase) -> None:
    """Enqueue the row of a new entry."""
    transaction.enqueue(_INSERT, row_of(purchase))


def put_refunded(transaction: Transaction, customer_id: str, purchase_id: str, nanos: int) -> None:
    """Write how much of a purchase was refunded in all."""
    units, rest = divmod(nanos, NANOS_PER_UNIT)
    transaction.run(
        _UPDATE_REFUNDED,
        {
            "of_customer": customer_id,
            "of_purchase": purchase_id,
            "refunded_units": units,
            "refunded_nanos": rest,
        },
    )


def row_of(purchase: Purchase) -> dict[str, Any]:
    """Make the row by which an entry is found."""
    return {
        "customer_id": purchase.customer_id,
        "purchase_id": purchase.purchase_id,
        "revision": purchase.revision,
        "purchase_us": purchase.purchase_us,
        "create_us": purchase.create_us,
        "currency": purchase.amount.currency,
        "units": purchase.amount.units,
        "nanos": purchase.amount.rest,
        "refunded_units": 0,
        "refunded_nanos": 0,
        "purpose": purchase.purpose,
        "sales_path": purchase.sales_path,
        "source": purchase.source,
        "refund_of": purchase.refund_of,
        "recorded_by": purchase.recorded_by,
    }

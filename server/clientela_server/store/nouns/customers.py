"""The customers' tables: rows, terms and e-mail addresses, read and written.

Records are read as kept. Read next: `customer_lists` for lists, `usecases/customers` for the writes.
"""

import json
from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.domain.customers import Customer
from clientela_server.domain.errors import NotFound
from clientela_server.domain.totals import Totals
from clientela_server.store.aggregates.totals import in_order, totals_of_text
from clientela_server.store.database.answer_size import RECORD_OVERHEAD, RECORDS_BYTES, count_fitting
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import customer_emails, customer_terms, customers, facts
from clientela_server.store.database.statements import Statement, insert, text_list
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import customer_not_found, name_of
from clientela_server.store.nouns.customer_rows import row_of, terms_of

NOUN = "customer"

_BY_ID = customers.c.customer_id == sa.bindparam("customer_id")
_LOAD = Statement(sa.select(customers.c.record).where(_BY_ID))
_GET = Statement(
    sa.select(customers.c.record, facts.c.totals)
    .select_from(customers.outerjoin(facts, facts.c.customer_id == customers.c.customer_id))
    .where(_BY_ID)
)
_INSERT = insert(customers)
_REMOVE = Statement(customers.delete().where(_BY_ID))
_EMAIL_HOLDER = Statement(
    sa.select(customer_emails.c.customer_id).where(customer_emails.c.email == sa.bindparam("email"))
)
_EMAIL_HOLDERS = Statement(
    sa.select(customer_emails.c.email, customer_emails.c.customer_id).where(
        customer_emails.c.email.in_(text_list("emails"))
    )
)
_ADD_EMAIL = insert(customer_emails)
_DROP_EMAILS = Statement(
    customer_emails.delete().where(customer_emails.c.customer_id == sa.bindparam("customer_id"))
)
_ADD_TERM = insert(customer_terms)
_DROP_TERMS = Statement(
    customer_terms.delete().where(customer_terms.c.customer_id == sa.bindparam("customer_id"))
)

Found = tuple[bytes, list[Totals]]
# The most bytes that the totals of one currency take.
_TOTALS_BYTES = 96


def get(connection: Connection, customer_id: str) -> Found:
    """Read one customer with its totals; NotFound if there is none. The connection must be in a snapshot."""
    rows = connection.run(_GET, {"customer_id": customer_id})
    if not rows:
        raise customer_not_found(name_of(customer_id))
    record, totals = rows[0]
    return record, in_order(totals_of_text(totals)) if totals else []


def size_of(found: Found) -> int:
    """Return an upper bound of a customer's size in a response, in bytes."""
    record, totals = found
    return len(record) + RECORD_OVERHEAD + _TOTALS_BYTES * len(totals)


@dataclass(frozen=True, slots=True)
class Batch:
    """Several customers: those that fit into one answer, how many of the first do, and the unknown ids."""

    found: list[Found]
    fit: int
    missing: set[str]


def get_many(connection: Connection, ids: Sequence[str]) -> Batch:
    """Read several customers, and keep as many as an answer holds. The connection must be in a snapshot."""
    known: dict[str, Found] = {}
    sizes: dict[str, int] = {}
    room = RECORDS_BYTES
    for customer_id in dict.fromkeys(ids):
        with suppress(NotFound):
            found = get(connection, customer_id)
            sizes[customer_id] = size_of(found)
            if room >= 0:
                known[customer_id] = found
            room -= sizes[customer_id]
    fit = count_fitting([sizes.get(each, 0) for each in ids])
    return Batch([known[each] for each in ids[:fit] if each in known], fit, set(ids) - sizes.keys())


def find(transaction: Transaction, customer_id: str) -> bytes | None:
    """Read one customer's record, None if there is none."""
    rows = transaction.run(_LOAD, {"customer_id": customer_id})
    return rows[0][0] if rows else None


def claimed_emails(customer: Customer) -> Set[str]:
    """Return the e-mail addresses that nobody else may have, as keys: none of somebody deleted."""
    return customer.email_keys if customer.delete_us is None else frozenset()


def enqueue_row(transaction: Transaction, customer: Customer, record: bytes) -> None:
    """Enqueue the row of a customer that has none, nor terms or e-mail addresses."""
    transaction.enqueue(_INSERT, row_of(customer, record))


def enqueue_new(transaction: Transaction, customer: Customer, record: bytes) -> None:
    """Enqueue the rows of a customer that has none: of itself, its terms and its e-mail addresses."""
    enqueue_row(transaction, customer, record)
    for field, value in terms_of(customer):
        transaction.enqueue(_ADD_TERM, {"customer_id": customer.id, "field": field, "value": value})
    for email in sorted(claimed_emails(customer)):
        transaction.enqueue(_ADD_EMAIL, {"email": email, "customer_id": customer.id})
        transaction.cache(("email", email), customer.id)


def remove(transaction: Transaction, customer_id: str) -> None:
    """Remove the rows of a customer, of its terms and e-mail addresses."""
    for statement in (_REMOVE, _DROP_TERMS, _DROP_EMAILS):
        transaction.run(statement, {"customer_id": customer_id})


def find_email_holder(transaction: Transaction, email: str) -> str:
    """Return the id of the customer that has an e-mail address, as a key; "" if nobody has."""
    key = ("email", email)
    holder: str | None = transaction.cached(key)
    if holder is None:
        rows = transaction.read_committed(_EMAIL_HOLDER, {"email": email})
        holder = rows[0][0] if rows else ""
        transaction.cache(key, holder)
    return holder


def prefetch_email_holders(transaction: Transaction, emails: Sequence[str]) -> None:
    """Load with one query who has e-mail addresses, as keys."""
    unknown = [each for each in dict.fromkeys(emails) if transaction.cached(("email", each)) is None]
    if not unknown:
        return
    found: dict[str, str] = dict(transaction.read_committed(_EMAIL_HOLDERS, {"emails": json.dumps(unknown)}))
    for email in unknown:
        transaction.cache(("email", email), found.get(email, ""))

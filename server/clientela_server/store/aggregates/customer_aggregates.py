"""Customer aggregates (running facts and totals): loaded in a transaction, written once at its flush.

Read next: `usecases/customer_aggregates` for what changes them, `aggregate_rows` for the storage format.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from clientela_server.domain.errors import FailedPrecondition
from clientela_server.domain.purchases import Line
from clientela_server.domain.standing.facts import Facts, Quantities, median_quantity
from clientela_server.store.aggregates.aggregate_rows import (
    COLUMNS,
    CustomerAggregates,
    aggregates_of_row,
    others_of,
    row_of,
)
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import bought_categories, customers, facts
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.database.statements import text_list as each_of
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import customer_not_found, name_of

_OF = facts.c.customer_id == sa.bindparam("customer_id")
_SELECT = Statement(sa.select(*COLUMNS[1:]).where(_OF))
_GET_MANY = Statement(sa.select(*COLUMNS).where(facts.c.customer_id.in_(each_of("customer_ids"))))
# Every customer has a name but an erased one.
_DISPLAY_NAME = Statement(
    sa.select(customers.c.display_name).where(customers.c.customer_id == sa.bindparam("customer_id"))
)
INSERT = insert(facts)
_INDEXED = "due_day"
_OTHERS = [column.name for column in COLUMNS[1:] if column.name != _INDEXED]


def _update(names: Iterable[str]) -> Statement:
    return Statement(
        facts.update()
        .where(facts.c.customer_id == sa.bindparam("of_customer"))
        .values({name: sa.bindparam(name) for name in names})
    )


# Two statements: one that leaves the indexed column alone costs less.
_TOUCH = _update(_OTHERS)
_MOVE = _update([_INDEXED, *_OTHERS])
INSERT_CATEGORY = insert(bought_categories)
_UPDATE_CATEGORY = Statement(
    bought_categories.update()
    .where(
        bought_categories.c.customer_id == sa.bindparam("of_customer"),
        bought_categories.c.category == sa.bindparam("of_category"),
    )
    .values(median_quantity=sa.bindparam("median_quantity"))
)
# Where there is no customer.
ABSENT = CustomerAggregates(Facts(), stored=False)
# Of a new customer of whom only the id is known: by any policy it is POTENTIAL and of no kind.
NOTHING_KNOWN = CustomerAggregates(Facts(), stored=False)


def read_row(connection: Connection, customer_id: str) -> Row:
    """Read a customer's row without its id; NotFound for an unknown customer."""
    rows = connection.run(_SELECT, {"customer_id": customer_id})
    if not rows:
        raise customer_not_found(name_of(customer_id))
    return rows[0]


def load(transaction: Transaction, customer_id: str) -> CustomerAggregates:
    """Return a customer's aggregates from the identity map or the table; ABSENT if it does not exist."""
    key = ("facts", customer_id)
    aggregates: CustomerAggregates | None = transaction.cached(key)
    if aggregates is None:
        rows = transaction.read_committed(_SELECT, {"customer_id": customer_id})
        aggregates = aggregates_of_row(rows[0]) if rows else ABSENT
        transaction.cache(key, aggregates)
    return aggregates


def prefetch(transaction: Transaction, customer_ids: Sequence[str]) -> list[str]:
    """Load many customers' aggregates with one query; return the ids that were newly found."""
    unknown = [each for each in dict.fromkeys(customer_ids) if transaction.cached(("facts", each)) is None]
    rows = transaction.read_committed(_GET_MANY, {"customer_ids": json.dumps(unknown)})
    found = {row[0]: aggregates_of_row(row[1:]) for row in rows}
    for customer_id in unknown:
        transaction.cache(("facts", customer_id), found.get(customer_id, ABSENT))
    return list(found)


def is_registered(transaction: Transaction, customer_id: str) -> bool:
    """Return whether a customer exists, deleted or not."""
    return load(transaction, customer_id) is not ABSENT


def require_active(transaction: Transaction, customer_id: str) -> None:
    """Raise NotFound for an unknown customer, FailedPrecondition for a deleted or an erased one."""
    aggregates = load(transaction, customer_id)
    if aggregates is ABSENT:
        raise customer_not_found(name_of(customer_id))
    if aggregates.delete_us is not None:
        name = name_of(customer_id)
        if transaction.read_committed(_DISPLAY_NAME, {"customer_id": customer_id}) == [("",)]:
            raise FailedPrecondition("CUSTOMER_ERASED", resource=name, name=name)
        raise FailedPrecondition("CUSTOMER_DELETED", resource=name, name=name)


def save(transaction: Transaction, customer_id: str, aggregates: CustomerAggregates) -> None:
    """Save aggregates into the identity map and the write buffer: one row however often they change."""
    key = ("facts", customer_id)
    if not aggregates.stored:
        transaction.enqueue(INSERT, lambda: row_of(customer_id, aggregates), key)
    elif aggregates.moved:
        transaction.enqueue(
            _MOVE, lambda: {**row_of(customer_id, aggregates), "of_customer": customer_id}, key
        )
    else:
        transaction.enqueue(_TOUCH, lambda: {**others_of(aggregates), "of_customer": customer_id}, key)
    transaction.cache(key, aggregates)
    transaction.note(name_of(customer_id))


def save_categories(
    transaction: Transaction,
    customer_id: str,
    lines: Sequence[Line],
    before: Mapping[str, Quantities],
    after: Mapping[str, Quantities],
) -> None:
    """Enqueue the median quantities of the categories of a purchase."""
    for category in sorted({line.category for line in lines if line.category}):
        key = ("category", customer_id, category)
        median = float(median_quantity(after[category]))
        if category not in before or transaction.cached(key):
            row = {"customer_id": customer_id, "category": category, "median_quantity": median}
            transaction.cache(key, True)
            transaction.enqueue(INSERT_CATEGORY, row, key)
        else:
            row = {"of_customer": customer_id, "of_category": category, "median_quantity": median}
            transaction.enqueue(_UPDATE_CATEGORY, row, key)

"""Which customers are due for a review of stage and kinds.

They are found by an index on `due_day`, so an idle ledger costs nothing.
Read next: `usecases/due_stage_job`, which reviews them.
"""

import sqlalchemy as sa

from clientela_server.domain.days import day_of
from clientela_server.store.aggregates.policy import REVIEW_ALL, SELECT_META, put_meta
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import facts
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.journal.transaction import Transaction

_DUE = Statement(
    sa.select(facts.c.customer_id)
    .where(facts.c.due_day <= sa.bindparam("day"))
    .order_by(facts.c.due_day)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_NEXT = Statement(
    sa.select(facts.c.customer_id)
    .where(facts.c.customer_id > sa.bindparam("after"))
    .order_by(facts.c.customer_id)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)


def has_due(connection: Connection, now_us: int) -> bool:
    """Return whether any customer is due for review."""
    if connection.run(_DUE, {"day": day_of(now_us), "limit": 1}):
        return True
    return bool(connection.run(SELECT_META, {"of_key": REVIEW_ALL}))


def read_due(transaction: Transaction, day: int, limit: int) -> list[str]:
    """Return the ids of customers that are due on a day, the longest due first."""
    return [row[0] for row in transaction.run(_DUE, {"day": day, "limit": limit})]


def take_next_of_all(transaction: Transaction, limit: int) -> list[str]:
    """Return the next customers of a review of all, and store the position; none if there is no review."""
    position = transaction.run(SELECT_META, {"of_key": REVIEW_ALL})
    if not position:
        return []
    rows = transaction.run(_NEXT, {"after": bytes(position[0][0]).decode(), "limit": limit})
    put_meta(transaction, REVIEW_ALL, rows[-1][0].encode() if len(rows) == limit else None)
    return [row[0] for row in rows]

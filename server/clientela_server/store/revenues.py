"""What came in from all clients, read a part of them at a time, in the order of their ids.

The database puts a part together, and not Python: a thread that fetches a million rows asks a million times
for the lock that calls need too.
Read next: `domain/revenue` (a record), `reports/clients` (what is made of it).
"""

from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.domain.facts import day_of
from clientela_server.store.connection import Connection
from clientela_server.store.schema import facts, totals
from clientela_server.store.statements import LIMIT, NO_OFFSET, Listed, Packed, Statement, Strung

_LIVES: sa.ColumnElement[str] = sa.literal_column("'0'")
_DELETED: sa.ColumnElement[str] = sa.literal_column("'1'")
_SOME = (
    sa.select(facts.c.customer_id, facts.c.delete_us, facts.c.revenue)
    .where(facts.c.customer_id > sa.bindparam("after"), facts.c.purchases > sa.literal_column("0"))
    .order_by(facts.c.customer_id)
    .limit(LIMIT)
    .offset(NO_OFFSET)
    .subquery()
)
_PART = Statement(
    sa.select(
        sa.func.max(_SOME.c.customer_id),
        Listed(_SOME.c.customer_id),
        Strung(sa.case((_SOME.c.delete_us.is_(None), _LIVES), else_=_DELETED)),
        Listed(sa.func.length(_SOME.c.revenue)),
        Packed(_SOME.c.revenue),
    )
)
_FIRST = Statement(sa.select(sa.func.min(totals.c.first_us)).where(totals.c.currency == sa.bindparam("code")))


@dataclass(frozen=True, slots=True)
class Part:
    """Some clients who bought, one behind the other.

    ids, lengths: with commas between them; lengths are bytes of records. deleted: a digit each, "1" for yes.
    """

    last: str
    ids: str
    deleted: str
    lengths: str
    records: bytes


def read_part(connection: Connection, after: str, limit: int) -> Part | None:
    """Read the clients behind an id; None where there are no more."""
    [row] = connection.run(_PART, {"after": after, "limit": limit})
    last, ids, deleted, lengths, records = row
    return None if last is None else Part(last, ids, deleted, lengths, bytes(records))


def first_purchase_day(connection: Connection, currency: str) -> int | None:
    """Tell on which day the first purchase of all was made in a currency."""
    [(first_us,)] = connection.run(_FIRST, {"code": currency})
    return None if first_us is None else day_of(first_us)

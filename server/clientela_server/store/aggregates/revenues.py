"""Revenue of all clients by currency and day, read in parts in the order of client ids.

The database concatenates the rows of a part: a thread that fetches a million rows acquires the GIL a million
times, which delays calls.
Read next: `domain/revenue` (a record), `reports/clients` (what is made of it).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.domain.days import day_of
from clientela_server.domain.revenue import Revenue
from clientela_server.store.aggregates.totals import first_us_in
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import customers, facts
from clientela_server.store.database.statements import (
    LIMIT,
    NO_OFFSET,
    CommaJoined,
    Concatenated,
    ConcatenatedBytes,
    Statement,
    text_list,
)

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
        CommaJoined(_SOME.c.customer_id),
        Concatenated(sa.case((_SOME.c.delete_us.is_(None), _LIVES), else_=_DELETED)),
        CommaJoined(sa.func.length(_SOME.c.revenue)),
        ConcatenatedBytes(_SOME.c.revenue),
    )
)
_THESE = (
    sa.select(customers.c.channel)
    .where(customers.c.customer_id.in_(text_list("these")))
    .order_by(customers.c.customer_id)
    .subquery()
)
_CHANNELS = Statement(sa.select(CommaJoined(_THESE.c.channel)))
_FIRST = Statement(sa.select(sa.func.min(first_us_in(sa.bindparam("code")))))


@dataclass(frozen=True, slots=True)
class Part:
    """A batch of clients with purchases, columns concatenated.

    ids, lengths: comma-separated; lengths in bytes of `records`. deleted: one digit per client, "1" for yes.
    """

    last: str
    ids: str
    deleted: str
    lengths: str
    records: bytes

    def by_day(self, currency: str) -> Iterator[list[tuple[int, int]]]:
        """Yield each client's (day, nanos) pairs in a currency."""
        at = 0
        for length in map(int, self.lengths.split(",")):
            yield Revenue(self.records[at : at + length]).by_day(currency)
            at += length


def read_part(connection: Connection, after: str, limit: int) -> Part | None:
    """Read the next clients after an id; None at the end."""
    [row] = connection.run(_PART, {"after": after, "limit": limit})
    last, ids, deleted, lengths, records = row
    return None if last is None else Part(last, ids, deleted, lengths, bytes(records))


def channels_of(connection: Connection, ids: Sequence[str]) -> str:
    """Return the acquisition channels of clients, given in id order, as comma-separated numbers."""
    [(channels,)] = connection.run(_CHANNELS, {"these": json.dumps(ids)})
    return channels or ""


def first_purchase_day(connection: Connection, currency: str) -> int | None:
    """Return the day of the earliest purchase in a currency."""
    [(first_us,)] = connection.run(_FIRST, {"code": currency})
    return None if first_us is None else day_of(first_us)

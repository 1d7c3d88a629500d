"""What came in from all clients, read a part of them at a time, in the order of their ids.

The database puts a part together, and not Python: a thread that fetches a million rows asks a million times
for the lock that calls need too.
Read next: `domain/revenue` (a record), `reports/clients` (what is made of it).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.domain.facts import day_of
from clientela_server.domain.revenue import Revenue
from clientela_server.store.connection import Connection
from clientela_server.store.schema import customers, facts, totals
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
# A look-up for each client keeps them in order, which a join need not.
_CHANNEL = (
    sa.select(customers.c.channel).where(customers.c.customer_id == _SOME.c.customer_id).scalar_subquery()
)
_COLUMNS = (
    sa.func.max(_SOME.c.customer_id),
    Listed(_SOME.c.customer_id),
    Strung(sa.case((_SOME.c.delete_us.is_(None), _LIVES), else_=_DELETED)),
    Listed(sa.func.length(_SOME.c.revenue)),
    Packed(_SOME.c.revenue),
)
_PART = Statement(sa.select(*_COLUMNS, sa.literal_column("''")))
_PART_WITH_CHANNELS = Statement(sa.select(*_COLUMNS, Listed(_CHANNEL)))
_FIRST = Statement(sa.select(sa.func.min(totals.c.first_us)).where(totals.c.currency == sa.bindparam("code")))


@dataclass(frozen=True, slots=True)
class Part:
    """Some clients who bought, one behind the other.

    ids, lengths: with commas between them; lengths are bytes of records. deleted: a digit each, "1" for yes.
    channels: by which each came, with commas, where that was asked for.
    """

    last: str
    ids: str
    deleted: str
    lengths: str
    records: bytes
    channels: str

    def by_channel(self, currency: str) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Give each client who bought in a currency: its channel, and its days with what they brought."""
        at = 0
        for channel, length in zip(self.channels.split(","), self.lengths.split(","), strict=True):
            revenue = Revenue(self.records[at : at + int(length)])
            at += int(length)
            if days := revenue.by_day(currency):
                yield int(channel), days


def read_part(connection: Connection, after: str, limit: int, *, channels: bool = False) -> Part | None:
    """Read the clients behind an id; None where there are no more."""
    statement = _PART_WITH_CHANNELS if channels else _PART
    [row] = connection.run(statement, {"after": after, "limit": limit})
    last, ids, deleted, lengths, records, of_channels = row
    return None if last is None else Part(last, ids, deleted, lengths, bytes(records), of_channels)


def first_purchase_day(connection: Connection, currency: str) -> int | None:
    """Tell on which day the first purchase of all was made in a currency."""
    [(first_us,)] = connection.run(_FIRST, {"code": currency})
    return None if first_us is None else day_of(first_us)

"""The spends' table: rows, lists and filters.

One that is deleted leaves the table, and stays in the journal. Read next: `usecases/spends` for the writes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.spends import Spend
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import spends
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.filters.filter_fields import Field, Name, Scalar, Text, enum
from clientela_server.store.filters.filter_sql import filtered
from clientela_server.store.filters.filter_values import read_day, read_time
from clientela_server.store.filters.paging import Orders, Pages
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import spend_name, spend_not_found

NOUN = "spend"
Page = tuple[list[bytes], Sequence[Any] | None]

_BY_ID = spends.c.spend_id == sa.bindparam("of_spend")
_GET = Statement(sa.select(spends.c.record).where(_BY_ID))
_INSERT = insert(spends)
_REMOVE = Statement(spends.delete().where(_BY_ID))
_WITHIN = Statement(
    sa.select(spends.c.record).where(
        spends.c.currency == sa.bindparam("of_currency"),
        spends.c.start_day <= sa.bindparam("last"),
        spends.c.end_day >= sa.bindparam("first"),
    )
)
_ORDERS: Orders = {
    "name": [spends.c.spend_id],
    "start_date": [spends.c.start_day],
    "end_date": [spends.c.end_day],
    "create_time": [spends.c.create_us],
}
_A_DAY = "a day such as 2026-01-31"


def get(connection: Connection, spend_id: str) -> bytes:
    """Read one spend as it is kept; NotFound if there is none."""
    rows = connection.run(_GET, {"of_spend": spend_id})
    if not rows:
        raise spend_not_found(spend_name(spend_id))
    return bytes(rows[0][0])


class SpendLists:
    """Makes and runs the queries of ListSpends; `channels`, `purposes`: the names of the contract's enums."""

    def __init__(self, channels: Mapping[str, int], purposes: Mapping[str, int]) -> None:
        self._fields: dict[str, Field] = {
            "name": Name("spends/", spends.c.spend_id),
            "channel": enum(spends.c.channel, channels, "ACQUISITION_CHANNEL_"),
            "campaign": Text(spends.c.campaign),
            "start_date": Scalar(spends.c.start_day, read_day, _A_DAY),
            "end_date": Scalar(spends.c.end_day, read_day, _A_DAY),
            "purpose": enum(spends.c.purpose, purposes, "SPEND_PURPOSE_"),
            "create_time": Scalar(spends.c.create_us, read_time, "a time such as 2026-01-31T12:00:00Z"),
        }

    def page(
        self,
        connection: Connection,
        filter_text: str,
        order_by: str,
        after: Sequence[Any] | None,
        limit: int,
    ) -> Page:
        """Read one page of spends as they are kept, and the last row's sort values if there are more."""
        query = filtered(sa.select(spends.c.record), filter_text, self._fields, bare=self._fields["campaign"])
        rows, last = Pages(query, _ORDERS, "name", [spends.c.spend_id]).read(
            connection, order_by, after, limit
        )
        return [row[0] for row in rows], last


def within(connection: Connection, currency: str, first: int, last: int) -> list[bytes]:
    """Read all spends of a currency that fall on any of the days from one to another."""
    rows = connection.run(_WITHIN, {"of_currency": currency, "first": first, "last": last})
    return [bytes(row[0]) for row in rows]


def exists(transaction: Transaction, spend_id: str) -> bool:
    """Return whether there is a spend of this id."""
    return bool(transaction.run(_GET, {"of_spend": spend_id}))


def add(transaction: Transaction, spend: Spend, record: bytes) -> None:
    """Add a spend's row."""
    transaction.run(_INSERT, row_of(spend, record))


def remove(transaction: Transaction, spend_id: str) -> None:
    """Remove a spend's row."""
    transaction.run(_REMOVE, {"of_spend": spend_id})


def row_of(spend: Spend, record: bytes) -> dict[str, Any]:
    """Make the whole row."""
    return {
        "spend_id": spend.id,
        "channel": spend.channel,
        "campaign": spend.campaign or None,
        "purpose": spend.purpose,
        "start_day": spend.start_day,
        "end_day": spend.end_day,
        "currency": spend.amount.currency,
        "create_us": spend.create_us,
        "record": record,
    }

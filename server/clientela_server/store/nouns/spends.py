"""Spends in the tables: what was spent, how it is found, and what a write adds.

A spend is recorded once and never changed; one that is deleted leaves the table, and stays in the journal.
The rules are in `domain/spends`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.errors import AlreadyExists, NotFound
from clientela_server.domain.money import Money
from clientela_server.domain.spends import Spend, settled
from clientela_server.ids import new_resource_id
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import spends
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.filters.filter_fields import Field, Name, Scalar, Text, enum
from clientela_server.store.filters.filter_sql import compile_filter
from clientela_server.store.filters.filter_values import read_day, read_time
from clientela_server.store.filters.paging import Orders, compile_order, read_page
from clientela_server.store.journal.codec import Codec
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.transaction import Apply, Transaction

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


def spend_not_found(spend_id: str) -> NotFound:
    """Return the error for an unknown spend."""
    name = f"spends/{spend_id}"
    return NotFound("SPEND_NOT_FOUND", resource=name, name=name)


def get(connection: Connection, spend_id: str) -> bytes:
    """Read one spend as it is kept; NotFound if there is none."""
    rows = connection.run(_GET, {"of_spend": spend_id})
    if not rows:
        raise spend_not_found(spend_id)
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
        query = sa.select(spends.c.record)
        condition = compile_filter(filter_text, self._fields, bare=self._fields["campaign"])
        if condition is not None:
            query = query.where(condition)
        keys = compile_order(order_by, _ORDERS, "name", [spends.c.spend_id])
        rows, last = read_page(connection, query, keys, after, limit)
        return [row[0] for row in rows], last


class Spends:
    """Reads spends to compute with, and makes their writes, each as an `Apply` for the journal."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def within(self, connection: Connection, currency: str, first: int, last: int) -> list[Spend]:
        """Read all that was spent in a currency on any of the days from one to another."""
        rows = connection.run(_WITHIN, {"of_currency": currency, "first": first, "last": last})
        return [self._codec.decode_spend(bytes(row[0])) for row in rows]

    def record(self, draft: Spend, spend_id: str | None) -> Apply:
        """Return the write that records a spend; AlreadyExists if the id is taken."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            made = replace(
                settled(draft, transaction.now_us, context.actor), id=spend_id or new_resource_id()
            )
            if transaction.run(_GET, {"of_spend": made.id}):
                raise AlreadyExists("SPEND_EXISTS", resource=made.name, name=made.name)
            row = row_of(made, self._codec)
            transaction.run(_INSERT, row)
            return transaction.append(context, NOUN, made.name, row["record"])

        return apply

    def delete(self, spend_id: str) -> Apply:
        """Return the write that deletes a spend."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            if not transaction.run(_GET, {"of_spend": spend_id}):
                raise spend_not_found(spend_id)
            transaction.run(_REMOVE, {"of_spend": spend_id})
            gone = Spend(spend_id, 0, 0, 0, Money("", 0))
            return transaction.append(context, NOUN, gone.name, self._codec.encode_spend(gone))

        return apply


def row_of(spend: Spend, codec: Codec) -> dict[str, Any]:
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
        "record": codec.encode_spend(spend),
    }

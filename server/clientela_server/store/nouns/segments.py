"""The segments' tables: saved filters, and the membership that the feed published last.

Read next: `standing_lists` (filters), `usecases/segments` (the writes).
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import segment_members, segments
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.database.statements import text_list as each_of
from clientela_server.store.filters.filter_fields import Field, Name, Scalar, Text
from clientela_server.store.filters.filter_sql import filtered
from clientela_server.store.filters.filter_values import read_time
from clientela_server.store.filters.paging import Orders, Pages
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import segment_name, segment_not_found

NOUN, MEMBERSHIP = "segment", "membership_change"

_BY_ID = segments.c.segment_id == sa.bindparam("of_segment")
_GET = Statement(sa.select(segments.c.record).where(_BY_ID))
_ALL = Statement(sa.select(segments.c.record).order_by(segments.c.segment_id))
_INSERT = insert(segments)
_REMOVE = Statement(segments.delete().where(_BY_ID))
_OF = segment_members.c.segment_id == sa.bindparam("of_segment")
_REMOVE_MEMBERS = Statement(segment_members.delete().where(_OF))
_JOIN = insert(segment_members)
_PUBLISHED = Statement(
    sa.select(segment_members.c.customer_id).where(
        _OF, segment_members.c.customer_id.in_(each_of("customer_ids"))
    )
)
_LEAVE = Statement(
    segment_members.delete().where(_OF, segment_members.c.customer_id == sa.bindparam("of_customer"))
)


_FIELDS: dict[str, Field] = {
    "name": Name("segments/", segments.c.segment_id),
    "display_name": Text(segments.c.display_name),
    "create_time": Scalar(segments.c.create_us, read_time, "a time such as 2026-01-31T12:00:00Z"),
}
_ORDERS: Orders = {
    "name": [segments.c.segment_id],
    "display_name": [segments.c.display_name],
    "create_time": [segments.c.create_us],
}


def row_of(segment: Segment, record: bytes) -> dict[str, Any]:
    """Make the whole row."""
    return {
        "segment_id": segment.id,
        "display_name": segment.display_name,
        "filter": segment.filter,
        "create_us": segment.create_us,
        "record": record,
    }


def get(connection: Connection, segment_id: str) -> bytes:
    """Read one segment as it is kept; NotFound if there is none."""
    rows = connection.run(_GET, {"of_segment": segment_id})
    if not rows:
        raise segment_not_found(segment_name(segment_id))
    return bytes(rows[0][0])


def page(
    connection: Connection, filter_text: str, order_by: str, after: Sequence[Any] | None, limit: int
) -> tuple[list[bytes], Sequence[Any] | None]:
    """Read one page of segments as they are kept, and the last row's sort values if there are more."""
    query = filtered(sa.select(segments.c.record), filter_text, _FIELDS, bare=_FIELDS["display_name"])
    pages = Pages(query, _ORDERS, "name", [segments.c.segment_id])
    rows, last = pages.read(connection, order_by, after, limit)
    return [row[0] for row in rows], last


def find(transaction: Transaction, segment_id: str) -> bytes | None:
    """Read one segment as it is kept, None if there is none."""
    rows = transaction.run(_GET, {"of_segment": segment_id})
    return bytes(rows[0][0]) if rows else None


def read_all(connection: Connection) -> list[bytes]:
    """Read all segments as they are kept, by id."""
    return [bytes(record) for (record,) in connection.run(_ALL)]


def put(transaction: Transaction, segment: Segment, record: bytes) -> None:
    """Put a segment's row in the place of the one before."""
    transaction.run(_REMOVE, {"of_segment": segment.id})
    transaction.run(_INSERT, row_of(segment, record))


def remove(transaction: Transaction, segment_id: str) -> None:
    """Remove a segment's row and its published membership."""
    for statement in (_REMOVE, _REMOVE_MEMBERS):
        transaction.run(statement, {"of_segment": segment_id})


def read_difference(
    connection: Connection, segment_id: str, now: sa.Select[Any]
) -> tuple[list[str], list[str]]:
    """Return the ids that joined and that left since last published; `now` is the query of all members."""
    published = sa.select(segment_members.c.customer_id).where(segment_members.c.segment_id == segment_id)
    return _ids(connection, now.except_(published)), _ids(connection, published.except_(now))


def read_published(transaction: Transaction, segment_id: str, customer_ids: Sequence[str]) -> set[str]:
    """Return which of some customers were published as members."""
    rows = transaction.run(_PUBLISHED, {"of_segment": segment_id, "customer_ids": json.dumps(customer_ids)})
    return {row[0] for row in rows}


def change_members(transaction: Transaction, change: MembershipChange) -> None:
    """Write a change to the published membership."""
    of_segment = {"of_segment": change.segment_id}
    transaction.run_many(_LEAVE, [{**of_segment, "of_customer": each} for each in change.left])
    transaction.run_many(
        _JOIN, [{"segment_id": change.segment_id, "customer_id": each} for each in change.joined]
    )


def _ids(connection: Connection, query: Any) -> list[str]:
    return sorted(row[0] for row in connection.query(query))

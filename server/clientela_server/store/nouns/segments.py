"""Segments: saved filters, and the membership last published by the feed.

Current membership is the filter's result. The published membership is stored, so that joins and leaves can be
computed as its difference. Read next: `standing_lists` (filters).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from clientela_server.domain import segments as rules
from clientela_server.domain.errors import AlreadyExists, NotFound, Refusal
from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.ids import new_resource_id
from clientela_server.store.aggregates.due_stage_job import SERVER_CONTEXT
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import segment_members, segments
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.database.statements import text_list as each_of
from clientela_server.store.filters.filter_fields import Field, Name, Scalar, Text
from clientela_server.store.filters.filter_sql import compile_filter
from clientela_server.store.filters.filter_values import read_time
from clientela_server.store.filters.paging import Orders, compile_order, read_page
from clientela_server.store.journal.codec import Codec
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.nouns.standing_lists import StandingLists

NOUN, MEMBERSHIP = "segment", "membership_change"
BATCH_SIZE = 500
Change = Callable[[Segment], Segment]

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


def segment_not_found(segment_id: str) -> NotFound:
    """Return the error for an unknown segment."""
    name = f"segments/{segment_id}"
    return NotFound("SEGMENT_NOT_FOUND", resource=name, name=name)


def get(connection: Connection, segment_id: str) -> bytes:
    """Read one segment as it is kept; NotFound if there is none."""
    rows = connection.run(_GET, {"of_segment": segment_id})
    if not rows:
        raise segment_not_found(segment_id)
    return bytes(rows[0][0])


def page(
    connection: Connection, filter_text: str, order_by: str, after: Sequence[Any] | None, limit: int
) -> tuple[list[bytes], Sequence[Any] | None]:
    """Read one page of segments as they are kept, and the last row's sort values if there are more."""
    query = sa.select(segments.c.record)
    condition = compile_filter(filter_text, _FIELDS, bare=_FIELDS["display_name"])
    if condition is not None:
        query = query.where(condition)
    keys = compile_order(order_by, _ORDERS, "name", [segments.c.segment_id])
    rows, last = read_page(connection, query, keys, after, limit)
    return [row[0] for row in rows], last


class SegmentWrites:
    """The writes of segments, each as an `Apply` for the journal."""

    def __init__(self, codec: Codec, lists: StandingLists) -> None:
        self._codec = codec
        self._lists = lists

    def create(self, draft: Segment, segment_id: str | None) -> Apply:
        """Return the write that creates a segment; AlreadyExists if the id is taken."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            return self._make(transaction, context, draft, segment_id or new_resource_id())

        return apply

    def update(self, segment_id: str, etag: str, change: Change, allow_missing: bool) -> Apply:
        """Return the write that updates a segment, or with `allow_missing` creates it (AIP-134)."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._find(transaction, segment_id)
            if current is None and allow_missing:
                return self._make(transaction, context, change(Segment(segment_id, "", "")), segment_id)
            if current is None:
                raise segment_not_found(segment_id)
            rules.match_etag(current, etag)
            return self._store(transaction, context, change(current))

        return apply

    def delete(self, segment_id: str, etag: str) -> Apply:
        """Return the write that deletes a segment and its published membership."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._find(transaction, segment_id)
            if current is None:
                raise segment_not_found(segment_id)
            rules.match_etag(current, etag)
            for statement in (_REMOVE, _REMOVE_MEMBERS):
                transaction.run(statement, {"of_segment": segment_id})
            gone = self._codec.encode_segment(Segment(segment_id, "", ""))
            return transaction.append(context, NOUN, current.name, gone)

        return apply

    def _find(self, transaction: Transaction, segment_id: str) -> Segment | None:
        rows = transaction.run(_GET, {"of_segment": segment_id})
        return self._codec.decode_segment(bytes(rows[0][0])) if rows else None

    def _make(
        self, transaction: Transaction, context: WriteContext, draft: Segment, segment_id: str
    ) -> Entry:
        if self._find(transaction, segment_id) is not None:
            name = f"segments/{segment_id}"
            raise AlreadyExists("SEGMENT_EXISTS", resource=name, name=name)
        made = Segment(segment_id, draft.display_name, draft.filter, draft.strategy)
        return self._store(transaction, context, made)

    def _store(self, transaction: Transaction, context: WriteContext, segment: Segment) -> Entry:
        made = rules.settled(segment, transaction.now_us, transaction.next_revision)
        self._lists.condition(made.filter, "segment.filter")
        record = self._codec.encode_segment(made)
        transaction.run(_REMOVE, {"of_segment": made.id})
        transaction.run(_INSERT, row_of(made, record))
        return transaction.append(context, NOUN, made.name, record)


class Memberships:
    """Computes and publishes the membership changes of segments."""

    def __init__(self, codec: Codec, lists: StandingLists) -> None:
        self._codec = codec
        self._lists = lists

    def differences(self, connection: Connection) -> list[MembershipChange]:
        """Return the membership changes since the last publication; the connection must be in a snapshot."""
        found = []
        for (record,) in connection.run(_ALL):
            segment = self._codec.decode_segment(bytes(record))
            try:
                condition = self._lists.condition(segment.filter)
            except Refusal:
                # A filter that this version can't read (reading the members reports it), or RFM scores that
                # are not computed yet.
                continue
            found += _parts(segment, *_difference(connection, segment.id, self._lists.ids(condition)))
        return found

    def publish(self, transaction: Transaction, change: MembershipChange) -> None:
        """Store a membership change and append its entry, less what another server has published meanwhile.

        No-op if the segment was deleted, or changed since the comparison: the next round repeats it.
        """
        of_segment, name = {"of_segment": change.segment_id}, f"segments/{change.segment_id}"
        rows = transaction.run(_GET, of_segment)
        if not rows or self._codec.decode_segment(bytes(rows[0][0])).revision != change.revision:
            return
        ids = json.dumps([*change.joined, *change.left])
        published = {row[0] for row in transaction.run(_PUBLISHED, {**of_segment, "customer_ids": ids})}
        joined = [each for each in change.joined if each not in published]
        left = [each for each in change.left if each in published]
        if not joined and not left:
            return
        transaction.run_many(_LEAVE, [{**of_segment, "of_customer": each} for each in left])
        transaction.run_many(
            _JOIN, [{"segment_id": change.segment_id, "customer_id": each} for each in joined]
        )
        record = self._codec.encode_membership_change(replace(change, joined=joined, left=left))
        transaction.append(SERVER_CONTEXT, MEMBERSHIP, name, record)


def _difference(connection: Connection, segment_id: str, now: sa.Select[Any]) -> tuple[list[str], list[str]]:
    """Return the members joined and left since last published."""
    published = sa.select(segment_members.c.customer_id).where(segment_members.c.segment_id == segment_id)
    return _rows(connection, now.except_(published)), _rows(connection, published.except_(now))


def _rows(connection: Connection, query: Any) -> list[str]:
    return sorted(row[0] for row in connection.query(query))


def _parts(segment: Segment, joined: list[str], left: list[str]) -> list[MembershipChange]:
    """Split a difference into changes of at most BATCH_SIZE customers."""
    changes = [(each, True) for each in joined] + [(each, False) for each in left]
    parts = [changes[at : at + BATCH_SIZE] for at in range(0, len(changes), BATCH_SIZE)]
    return [
        MembershipChange(
            segment.id,
            [each for each, came in part if came],
            [each for each, came in part if not came],
            segment.revision,
        )
        for part in parts
    ]

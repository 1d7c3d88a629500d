"""The writes of segments, and the publication of membership changes.

Current membership is the filter's result; what was published last is kept, so that joins and leaves are its
difference. Read next: `domain/segments` for the rules, `store/nouns/segments` for the rows.
"""

from collections.abc import Callable, Iterator

from clientela_server.domain import segments as rules
from clientela_server.domain.errors import AlreadyExists, Refusal
from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.ids import new_resource_id
from clientela_server.store.database.connection import Connection
from clientela_server.store.journal.entries import SERVER_CONTEXT, Entry, WriteContext
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.names import segment_name, segment_not_found
from clientela_server.store.nouns import segments as rows
from clientela_server.store.nouns.standing_lists import StandingLists

Change = Callable[[Segment], Segment]


class SegmentWrites:
    """The writes of segments, each as an `Apply` for the journal."""

    def __init__(self, nouns: Nouns, lists: StandingLists) -> None:
        self._codec = nouns.codec(Segment)
        self._lists = lists

    def create(self, draft: Segment, segment_id: str | None) -> Apply:
        """Return the write that creates a segment; AlreadyExists if the id is taken."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            return self._create(transaction, context, draft, segment_id or new_resource_id())

        return apply

    def update(self, segment_id: str, etag: str, change: Change, allow_missing: bool) -> Apply:
        """Return the write that updates a segment, or with `allow_missing` creates it (AIP-134)."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            record = rows.find(transaction, segment_id)
            if record is None and allow_missing:
                return self._create(transaction, context, change(Segment(segment_id, "", "")), segment_id)
            current = self._require(segment_id, record)
            rules.match_etag(current, etag)
            return self._store(transaction, context, change(current))

        return apply

    def delete(self, segment_id: str, etag: str) -> Apply:
        """Return the write that deletes a segment and its published membership."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            current = self._require(segment_id, rows.find(transaction, segment_id))
            rules.match_etag(current, etag)
            rows.remove(transaction, segment_id)
            gone = self._codec.encode(Segment(segment_id, "", ""))
            return transaction.append(context, rows.NOUN, current.name, gone)

        return apply

    def _require(self, segment_id: str, record: bytes | None) -> Segment:
        if record is None:
            raise segment_not_found(segment_name(segment_id))
        return self._codec.decode(record)

    def _create(
        self, transaction: Transaction, context: WriteContext, draft: Segment, segment_id: str
    ) -> Entry:
        if rows.find(transaction, segment_id) is not None:
            name = segment_name(segment_id)
            raise AlreadyExists("SEGMENT_EXISTS", resource=name, name=name)
        made = Segment(segment_id, draft.display_name, draft.filter, draft.strategy)
        return self._store(transaction, context, made)

    def _store(self, transaction: Transaction, context: WriteContext, segment: Segment) -> Entry:
        made = rules.settled(segment, transaction.now_us, transaction.next_revision)
        self._lists.condition(made.filter, "segment.filter")
        record = self._codec.encode(made)
        rows.put(transaction, made, record)
        return transaction.append(context, rows.NOUN, made.name, record)


class Memberships:
    """Computes and publishes the membership changes of segments."""

    def __init__(self, nouns: Nouns, lists: StandingLists) -> None:
        self._codec, self._codec_of_changes = nouns.codec(Segment), nouns.codec(MembershipChange)
        self._lists = lists

    def differences(self, connection: Connection) -> list[MembershipChange]:
        """Return the membership changes since the last publication; the connection must be in a snapshot."""
        return [
            change
            for record in rows.read_all(connection)
            for change in self._changes(connection, self._codec.decode(record))
        ]

    def _changes(self, connection: Connection, segment: Segment) -> Iterator[MembershipChange]:
        try:
            condition = self._lists.condition(segment.filter)
        except Refusal:
            # A filter that this version can't read (reading the members reports it), or RFM scores that
            # are not computed yet.
            return iter(())
        joined, left = rows.read_difference(connection, segment.id, self._lists.ids(condition))
        return rules.membership_changes(segment, joined, left)

    def publish(self, transaction: Transaction, change: MembershipChange) -> None:
        """Store a membership change and append its entry, less what another server has published meanwhile.

        No-op if the segment was deleted, or changed since the comparison: the next round repeats it.
        """
        record = rows.find(transaction, change.segment_id)
        if record is None or self._codec.decode(record).revision != change.revision:
            return
        left_to_publish = rules.unpublished(
            change, rows.read_published(transaction, change.segment_id, [*change.joined, *change.left])
        )
        if left_to_publish is None:
            return
        rows.change_members(transaction, left_to_publish)
        transaction.append(
            SERVER_CONTEXT,
            rows.MEMBERSHIP,
            segment_name(change.segment_id),
            self._codec_of_changes.encode(left_to_publish),
        )

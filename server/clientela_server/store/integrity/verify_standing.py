"""Verification of policy and memberships against the journal."""

import sqlalchemy as sa

from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.store.aggregates import policy
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import journal, segment_members
from clientela_server.store.database.statements import Statement
from clientela_server.store.integrity.verify_rows import Found
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.nouns import segments

_STATES = Statement(
    sa.select(journal.c.name, journal.c.record)
    .where(journal.c.noun == sa.bindparam("noun"))
    .order_by(journal.c.revision)
)
_TOLD = Statement(
    sa.select(journal.c.noun, journal.c.name, journal.c.record)
    .where(
        journal.c.noun.in_(
            [sa.literal_column(f"'{segments.NOUN}'"), sa.literal_column(f"'{segments.MEMBERSHIP}'")]
        )
    )
    .order_by(journal.c.revision)
)
_MEMBERS = Statement(sa.select(segment_members.c.segment_id, segment_members.c.customer_id))


def policy_as_journal(connection: Connection) -> Found:
    """Compare the policy with its last entry."""
    entries = connection.run(_STATES, {"noun": policy.NOUN})
    wanted = bytes(entries[-1][1]) if entries else None
    kept = policy.policy_record(connection)
    return f"changed {len(entries):,} times", [] if kept == wanted else ["it is not what the journal has"]


def members_as_told(connection: Connection, nouns: Nouns) -> Found:
    """Compare each segment's published members with its journaled changes."""
    changes, states = nouns.codec(MembershipChange), nouns.codec(Segment)
    told: dict[str, set[str]] = {}
    for noun, name, record in connection.run(_TOLD):
        segment_id = name.removeprefix("segments/")
        if noun == segments.MEMBERSHIP:
            change = changes.decode(record)
            told[segment_id] = told.get(segment_id, set()).union(change.joined) - {*change.left}
        elif not states.decode(bytes(record)).filter:
            told.pop(segment_id, None)
    kept: dict[str, set[str]] = {}
    for segment_id, customer_id in connection.run(_MEMBERS):
        kept.setdefault(segment_id, set()).add(customer_id)
    faults = [
        f"segments/{each}: who is in it is not what was told"
        for each in sorted(kept.keys() | told.keys())
        if kept.get(each, set()) != told.get(each, set())
    ]
    return f"{sum(map(len, kept.values())):,}, each as it was told", faults

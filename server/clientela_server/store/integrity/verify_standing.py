"""Verification of policy, segments, spends and memberships against the journal."""

import sqlalchemy as sa

from clientela_server.store.aggregates import policy, stage_changes
from clientela_server.store.database.chain import ChainedEntry
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import journal, segment_members
from clientela_server.store.database.schema import segments as table
from clientela_server.store.database.schema import spends as spends_table
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.codec import Codec
from clientela_server.store.nouns import segments, spends

Found = tuple[str, list[str]]
NOUNS = (policy.NOUN, segments.NOUN, segments.MEMBERSHIP, spends.NOUN, stage_changes.NOUN)
_STATES = Statement(
    sa.select(journal.c.name, journal.c.record)
    .where(journal.c.noun == sa.bindparam("noun"))
    .order_by(journal.c.revision)
)
_SEGMENTS = Statement(sa.select(*table.columns))
_SPENDS = Statement(sa.select(*spends_table.columns))
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


def fault_of(entry: ChainedEntry, codec: Codec) -> str | None:
    """Return the fault of an entry of one of the NOUNS; raises if the record can't be parsed."""
    name = _named_by(entry, codec)
    return None if name == entry.name else f"its record is of {name}"


def _named_by(entry: ChainedEntry, codec: Codec) -> str:
    match entry.noun:
        case policy.NOUN:
            codec.decode_policy(entry.record)
            return policy.NAME
        case segments.NOUN:
            return codec.decode_segment(entry.record).name
        case segments.MEMBERSHIP:
            return f"segments/{codec.decode_membership_change(entry.record).segment_id}"
        case spends.NOUN:
            return codec.decode_spend(entry.record).name
    return codec.decode_stage_change(entry.record)[0]


def policy_as_journal(connection: Connection) -> Found:
    """Compare the policy with its last entry."""
    entries = connection.run(_STATES, {"noun": policy.NOUN})
    wanted = bytes(entries[-1][1]) if entries else None
    kept = policy.policy_record(connection)
    return f"changed {len(entries):,} times", [] if kept == wanted else ["it is not what the journal has"]


def segments_as_journal(connection: Connection, codec: Codec) -> Found:
    """Compare every segment's record and columns with its last entry."""
    states = {name: bytes(record) for name, record in connection.run(_STATES, {"noun": segments.NOUN})}
    found = {name: codec.decode_segment(record) for name, record in states.items()}
    living = {
        name: tuple(segments.row_of(each, states[name]).values())
        for name, each in found.items()
        if each.filter
    }
    kept = {f"segments/{row[0]}": (*row[:-1], bytes(row[-1])) for row in connection.run(_SEGMENTS)}
    names = sorted(living.keys() | kept.keys())
    faults = [f"{name}: is not what the journal has" for name in names if kept.get(name) != living.get(name)]
    return f"{len(kept):,}, as the journal has them", faults


def members_as_told(connection: Connection, codec: Codec) -> Found:
    """Compare each segment's published members with its journaled changes."""
    told: dict[str, set[str]] = {}
    for noun, name, record in connection.run(_TOLD):
        segment_id = name.removeprefix("segments/")
        if noun == segments.MEMBERSHIP:
            change = codec.decode_membership_change(record)
            told[segment_id] = told.get(segment_id, set()).union(change.joined) - {*change.left}
        elif not codec.decode_segment(bytes(record)).filter:
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


def spends_as_journal(connection: Connection, codec: Codec) -> Found:
    """Compare every spend's record and columns with its last entry."""
    states = {name: bytes(record) for name, record in connection.run(_STATES, {"noun": spends.NOUN})}
    found = {name: codec.decode_spend(record) for name, record in states.items()}
    living = {
        name: tuple(spends.row_of(each, states[name]).values())
        for name, each in found.items()
        if each.channel
    }
    kept = {f"spends/{row[0]}": (*row[:-1], bytes(row[-1])) for row in connection.run(_SPENDS)}
    names = sorted(living.keys() | kept.keys())
    faults = [f"{name}: is not what the journal has" for name in names if kept.get(name) != living.get(name)]
    return f"{len(kept):,}, as the journal has them", faults

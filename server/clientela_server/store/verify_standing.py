"""The policy, segments and spends against the journal, and what it holds of stages and memberships."""

import sqlalchemy as sa

from clientela_server.store import policy, segments, spends, sweep
from clientela_server.store.connection import Connection
from clientela_server.store.schema import journal, segment_members
from clientela_server.store.schema import segments as table
from clientela_server.store.schema import spends as spends_table
from clientela_server.store.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.transaction import Codec, Entry

Found = tuple[str, list[str]]
NOUNS = (policy.NOUN, segments.NOUN, segments.MEMBERSHIP, spends.NOUN, sweep.NOUN)
_STATES = Statement(
    sa.select(journal.c.name, journal.c.record)
    .where(journal.c.noun == sa.bindparam("noun"))
    .order_by(journal.c.revision)
)
_SEGMENTS = Statement(sa.select(table.c.segment_id, table.c.record))
_SPENDS = Statement(sa.select(*spends_table.columns))
_STRAY = Statement(
    sa.select(segment_members.c.segment_id)
    .select_from(segment_members.outerjoin(table, table.c.segment_id == segment_members.c.segment_id))
    .where(table.c.segment_id.is_(None))
    .limit(LIMIT)
    .offset(NO_OFFSET)
)


def fault_of(entry: Entry, codec: Codec) -> str | None:
    """Say what is wrong with an entry of one of the NOUNS; a record that can't be read raises."""
    name = _named_by(entry, codec)
    return None if name == entry.name else f"its record is of {name}"


def _named_by(entry: Entry, codec: Codec) -> str:
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
    return codec.decode_stage_change(entry.record)


def policy_as_journal(connection: Connection) -> Found:
    """Compare the policy with its last entry."""
    entries = connection.run(_STATES, {"noun": policy.NOUN})
    wanted = bytes(entries[-1][1]) if entries else None
    kept = policy.record_of(connection)
    return f"changed {len(entries):,} times", [] if kept == wanted else ["it is not what the journal has"]


def segments_as_journal(connection: Connection, codec: Codec) -> Found:
    """Compare every segment with its last entry, and see that members are of segments."""
    states = {name: bytes(record) for name, record in connection.run(_STATES, {"noun": segments.NOUN})}
    living = {name: record for name, record in states.items() if codec.decode_segment(record).filter}
    kept = {f"segments/{each}": bytes(record) for each, record in connection.run(_SEGMENTS)}
    names = sorted(living.keys() | kept.keys())
    faults = [f"{name}: is not what the journal has" for name in names if kept.get(name) != living.get(name)]
    if connection.run(_STRAY, {"limit": 1}):
        faults.append("members are kept of a segment that is not there")
    return f"{len(kept):,}, as the journal has them", faults


def spends_as_journal(connection: Connection, codec: Codec) -> Found:
    """Compare every spend, and what it is found by, with its last entry."""
    states = {name: bytes(record) for name, record in connection.run(_STATES, {"noun": spends.NOUN})}
    found = [codec.decode_spend(record) for record in states.values()]
    living = {each.name: tuple(spends.row_of(each, codec).values()) for each in found if each.channel}
    kept = {f"spends/{row[0]}": (*row[:-1], bytes(row[-1])) for row in connection.run(_SPENDS)}
    names = sorted(living.keys() | kept.keys())
    faults = [f"{name}: is not what the journal has" for name in names if kept.get(name) != living.get(name)]
    return f"{len(kept):,}, as the journal has them", faults

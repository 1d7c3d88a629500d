"""Stages that changed with a write, beside its entry: what they were judged by is kept, not the judgement.

Why: to put the reasons into words takes longer than all else of a write, and is for who reads the feed. What
is kept gives the same findings again: the days of purchases until then, and the thresholds as they were.
Read next: `domain/standing/standing` for the findings, `customer_aggregates` for who writes them, `feed`
for who reads them.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from clientela_server.domain.standing.facts import Facts, seen_on
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.stages import Stage
from clientela_server.domain.standing.standing import StageChange, stage_change
from clientela_server.store.aggregates.aggregate_rows import packed, unpacked
from clientela_server.store.aggregates.policy import DEFAULTS
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import stage_changes
from clientela_server.store.database.statements import insert
from clientela_server.store.journal.codec import Codec
from clientela_server.store.journal.entries import Entry
from clientela_server.store.journal.transaction import Transaction

_INSERT = insert(stage_changes)


def keep_change(
    transaction: Transaction, codec: Codec, day: int, facts: Facts, policy: Policy, was: int, stage: Stage
) -> None:
    """Keep that a stage changed, with the entry that is about to be appended."""
    row = {
        "revision": transaction.next_revision,
        "day": day,
        "from_stage": was,
        "to_stage": int(stage),
        "purchases": facts.purchases,
        "referrals": facts.referrals,
        "days": packed(facts.days),
        "policy": None if policy is DEFAULTS else codec.encode_policy(policy, 0, 0),
    }
    transaction.enqueue_stage_change(_INSERT, row)


def changes_with(connection: Connection, codec: Codec, entries: Sequence[Entry]) -> dict[int, StageChange]:
    """Read the stages that changed with some entries, by revision, with the evidence."""
    if not entries:
        return {}
    customers = {entry.revision: entry.name.split("/")[1] for entry in entries if "/" in entry.name}
    first, last = entries[0].revision, entries[-1].revision
    rows = connection.query(sa.select(stage_changes).where(stage_changes.c.revision.between(first, last)))
    changes = {}
    for revision, day, was, stage, purchases, referrals, days, record in rows:
        if revision in customers:
            facts = seen_on(unpacked(days), purchases, referrals)
            policy = DEFAULTS if record is None else codec.decode_policy(bytes(record))
            changes[revision] = stage_change(
                facts, policy, day, customers[revision], Stage(was), Stage(stage)
            )
    return changes

"""Stage changes stored beside the entry that caused them: their inputs, not the rendered findings.

Why: rendering findings costs more than the rest of a write, and only readers of the feed need them. The
stored inputs (purchase days until then, and the policy of the time) reproduce the same findings.
Read next: `domain/standing/standing` for the findings, `usecases/customer_aggregates` for what
writes them, `rpc/services/feed` for what reads them.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from clientela_server.domain.standing.facts import Facts, seen_on
from clientela_server.domain.standing.policy import Policy, PolicyState
from clientela_server.domain.standing.stages import Stage
from clientela_server.domain.standing.standing import StageChange, stage_change
from clientela_server.store.aggregates.aggregate_rows import packed, unpacked
from clientela_server.store.aggregates.policy import DEFAULTS
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import stage_changes
from clientela_server.store.database.statements import insert
from clientela_server.store.journal.entries import Entry
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Transaction

NOUN = "stage_change"
_INSERT = insert(stage_changes)


def keep_change(
    transaction: Transaction, nouns: Nouns, *, day: int, facts: Facts, policy: Policy, was: int, stage: Stage
) -> None:
    """Enqueue a stage change, bound to the next appended entry."""
    row = {
        "revision": transaction.next_revision,
        "day": day,
        "from_stage": was,
        "to_stage": int(stage),
        "purchases": facts.purchases,
        "referrals": facts.referrals,
        "days": packed(facts.days),
        "policy": None if policy is DEFAULTS else nouns.codec(PolicyState).encode(PolicyState(policy)),
    }
    transaction.enqueue_stage_change(_INSERT, row)


def changes_with(connection: Connection, nouns: Nouns, entries: Sequence[Entry]) -> dict[int, StageChange]:
    """Return the stage changes of entries with their findings, by revision."""
    if not entries:
        return {}
    customers = {entry.revision: entry.name.split("/")[1] for entry in entries if "/" in entry.name}
    first, last = entries[0].revision, entries[-1].revision
    rows = connection.query(sa.select(stage_changes).where(stage_changes.c.revision.between(first, last)))
    changes = {}
    for revision, day, was, stage, purchases, referrals, days, record in rows:
        if revision in customers:
            facts = seen_on(unpacked(days), purchases, referrals)
            policy = DEFAULTS if record is None else nouns.codec(PolicyState).decode(bytes(record)).policy
            changes[revision] = stage_change(
                facts, policy, day, customers[revision], before=Stage(was), after=Stage(stage)
            )
    return changes

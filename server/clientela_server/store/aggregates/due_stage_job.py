"""The due-stage job: applies stage changes caused by time alone, and re-evaluates all after a policy change.

Due customers are found by an index on `due_day`, so an idle ledger costs nothing. Each change is an entry of
its own in the journal, with the server as actor. The job processes small batches as ordinary committer jobs,
so that no other write waits long for it.
"""

import sqlalchemy as sa

from clientela_server.domain.days import day_of
from clientela_server.domain.standing.kinds import RELATIVE_BITS, kinds_of
from clientela_server.domain.standing.stages import Stage, due_day, stage_of
from clientela_server.domain.standing.standing import stage_change
from clientela_server.store.aggregates.customer_aggregates import load, prefetch, save
from clientela_server.store.aggregates.policy import REVIEW_ALL, SELECT_META, PolicyStore, put_meta
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import facts
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.journal.codec import Codec
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import name_of

NOUN = "stage_change"
SERVER_CONTEXT = WriteContext("server", "server")
BATCH_SIZE = 200
_DUE = Statement(
    sa.select(facts.c.customer_id)
    .where(facts.c.due_day <= sa.bindparam("day"))
    .order_by(facts.c.due_day)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_NEXT = Statement(
    sa.select(facts.c.customer_id)
    .where(facts.c.customer_id > sa.bindparam("after"))
    .order_by(facts.c.customer_id)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)


def has_due(connection: Connection, now_us: int) -> bool:
    """Return whether any customer is due for review."""
    if connection.run(_DUE, {"day": day_of(now_us), "limit": 1}):
        return True
    return bool(connection.run(SELECT_META, {"of_key": REVIEW_ALL}))


class DueStageJob:
    """Reviews the stage and kinds of due customers."""

    def __init__(self, codec: Codec, policies: PolicyStore) -> None:
        self._codec = codec
        self._policies = policies

    def run_batch(self, transaction: Transaction) -> None:
        """Review one batch: due customers, and after a policy change the next ones of all."""
        day = day_of(transaction.now_us)
        due = [row[0] for row in transaction.run(_DUE, {"day": day, "limit": BATCH_SIZE})]
        anew = transaction.run(SELECT_META, {"of_key": REVIEW_ALL})
        if anew:
            due += self._next(transaction, bytes(anew[0][0]).decode())
        prefetch(transaction, due)
        for customer_id in dict.fromkeys(due):
            self._review(transaction, customer_id, day)

    def _next(self, transaction: Transaction, after: str) -> list[str]:
        """Return the next batch of all customers, and store the position."""
        rows = transaction.run(_NEXT, {"after": after, "limit": BATCH_SIZE})
        put_meta(transaction, REVIEW_ALL, rows[-1][0].encode() if len(rows) == BATCH_SIZE else None)
        return [row[0] for row in rows]

    def _review(self, transaction: Transaction, customer_id: str, day: int) -> None:
        aggregates, policy = load(transaction, customer_id), self._policies.in_transaction(transaction)
        known = aggregates.facts
        stage, due = stage_of(known, policy, day), due_day(known, policy, day)
        kinds = kinds_of(known, policy) | (aggregates.kinds & RELATIVE_BITS)
        if (stage, kinds, due) == (aggregates.stage, aggregates.kinds, aggregates.due_day):
            return
        save(transaction, customer_id, aggregates.with_(stage=int(stage), kinds=kinds, due_day=due))
        if stage != aggregates.stage:
            change = stage_change(known, policy, day, customer_id, Stage(aggregates.stage), stage)
            record = self._codec.encode_stage_change(change)
            transaction.append(SERVER_CONTEXT, NOUN, name_of(customer_id), record)

"""The due-stage job: applies stage changes caused by time alone, and re-evaluates all after a policy change.

Each change is an entry of its own in the journal, with the server as actor. The job processes small batches
as ordinary committer jobs, so that no other write waits long for it.
"""

from clientela_server.domain.days import day_of
from clientela_server.domain.standing.kinds import RELATIVE_BITS, kinds_of
from clientela_server.domain.standing.stages import Stage, due_day, stage_of
from clientela_server.domain.standing.standing import StageChange, stage_change
from clientela_server.store.aggregates import due_customers
from clientela_server.store.aggregates.customer_aggregates import load, prefetch, save
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.stage_changes import NOUN
from clientela_server.store.journal.entries import SERVER_CONTEXT
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import name_of

BATCH_SIZE = 200


class DueStageJob:
    """Reviews the stage and kinds of due customers."""

    def __init__(self, nouns: Nouns, policies: PolicyStore) -> None:
        self._codec = nouns.codec(StageChange)
        self._policies = policies

    def run_batch(self, transaction: Transaction) -> None:
        """Review one batch: due customers, and after a policy change the next ones of all."""
        day = day_of(transaction.now_us)
        due = due_customers.read_due(transaction, day, BATCH_SIZE)
        due += due_customers.take_next_of_all(transaction, BATCH_SIZE)
        prefetch(transaction, due)
        for customer_id in dict.fromkeys(due):
            self._review(transaction, customer_id, day)

    def _review(self, transaction: Transaction, customer_id: str, day: int) -> None:
        aggregates, policy = load(transaction, customer_id), self._policies.in_transaction(transaction)
        known = aggregates.facts
        stage, due = stage_of(known, policy, day), due_day(known, policy, day)
        kinds = kinds_of(known, policy) | (aggregates.kinds & RELATIVE_BITS)
        if (stage, kinds, due) == (aggregates.stage, aggregates.kinds, aggregates.due_day):
            return
        save(transaction, customer_id, aggregates.with_(stage=int(stage), kinds=kinds, due_day=due))
        if stage != aggregates.stage:
            change = stage_change(
                known, policy, day, customer_id, before=Stage(aggregates.stage), after=stage
            )
            record = self._codec.encode(change)
            transaction.append(SERVER_CONTEXT, NOUN, name_of(customer_id), record)

"""The customers of one message of an import: their purchases are counted in place, and saved once at its end.

Rules
1. After the message the aggregates are what they would be if each purchase had been recorded alone; so are
   the stages that changed, each with the entry of the purchase that changed it.
2. What depends on the last purchase only, kinds and the day of the next review, is computed at the end.

Read next: `usecases/customer_aggregates`, which does the same for a single write.
"""

from dataclasses import dataclass

from clientela_server.domain import totals as added
from clientela_server.domain.days import day_of
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.standing.facts import Facts, count_purchase
from clientela_server.domain.standing.kinds import RELATIVE_BITS, kinds_of
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.stages import due_day, stage_of
from clientela_server.domain.totals import Totals
from clientela_server.store.aggregates.aggregate_rows import CustomerAggregates
from clientela_server.store.aggregates.customer_aggregates import load, save, save_categories
from clientela_server.store.aggregates.stage_changes import keep_change
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Transaction


@dataclass(slots=True)
class _Counted:
    """A customer as it was before the message, and what its purchases have come to since."""

    before: CustomerAggregates
    facts: Facts
    totals: dict[str, Totals]
    stage: int
    is_judged: bool


class MessageCustomers:
    """Counts the purchases of one message; `save` ends it."""

    def __init__(self, transaction: Transaction, nouns: Nouns, policy: Policy) -> None:
        self._transaction = transaction
        self._nouns = nouns
        self._policy = policy
        self._day = day_of(transaction.now_us)
        self._counted: dict[str, _Counted] = {}

    def add(self, purchase: Purchase) -> None:
        """Add the purchase that is appended next; OUT_OF_RANGE, and no change, if a sum would overflow."""
        counted = self._counted.get(purchase.customer_id)
        if counted is None:
            counted = self._begin(purchase.customer_id)
        currency, nanos = purchase.amount.currency, purchase.amount.nanos
        before = counted.totals.get(currency)
        counted.totals[currency] = added.with_purchase(before, currency, nanos, purchase.purchase_us)
        facts, days, quantities = counted.facts, counted.facts.days, counted.facts.quantities
        count_purchase(
            facts,
            day_of(purchase.purchase_us),
            currency,
            nanos,
            purpose=purchase.purpose,
            sales_path=purchase.sales_path,
            lines=purchase.lines,
        )
        if purchase.lines:
            save_categories(
                self._transaction, purchase.customer_id, purchase.lines, quantities, facts.quantities
            )
        if facts.days is not days or not counted.is_judged:
            self._judge(counted)

    def save(self) -> None:
        """Save the aggregates of each customer."""
        for customer_id, counted in self._counted.items():
            save(self._transaction, customer_id, self._made(counted))

    def _begin(self, customer_id: str) -> _Counted:
        before = load(self._transaction, customer_id)
        is_current = before.due_day is None or self._day < before.due_day
        counted = _Counted(before, before.facts.copied(), dict(before.totals), before.stage, is_current)
        self._counted[customer_id] = counted
        return counted

    def _judge(self, counted: _Counted) -> None:
        """Compute the stage; keep a change with the next entry."""
        stage = stage_of(counted.facts, self._policy, self._day)
        if stage != counted.stage:
            keep_change(
                self._transaction,
                self._nouns,
                day=self._day,
                facts=counted.facts,
                policy=self._policy,
                was=counted.stage,
                stage=stage,
            )
        counted.stage, counted.is_judged = int(stage), True

    def _made(self, counted: _Counted) -> CustomerAggregates:
        before, facts = counted.before, counted.facts
        same_days = facts.days is before.facts.days
        due = before.due_day
        if due is not None and due <= self._day:
            due = None
        if not same_days or due != before.due_day:
            following = due_day(facts, self._policy, self._day)
            if due is None or (following is not None and following < due):
                due = following
        kinds = kinds_of(facts, self._policy, same_days=before.kinds if same_days else None)
        return CustomerAggregates(
            facts,
            counted.totals,
            counted.stage,
            kinds | before.kinds & RELATIVE_BITS,
            due,
            before.delete_us,
            before.stored,
            before.moved or due != before.due_day,
        )

"""What a write changes in a customer's aggregates: running facts, totals, stage and kinds.

A write that changes a customer's facts re-evaluates its stage and kinds, so both are always current.
A stage that changed with a write is published with the write's own entry. Changes by time alone, or caused by
other customers, are made by `due_stage_job` on the `due_day` that is stored with the aggregates.
Read next: `domain/standing/facts` and `domain/standing/stages` for the rules,
`store/aggregates/customer_aggregates` for the rows.
"""

from collections.abc import Mapping
from dataclasses import replace

from clientela_server.domain import totals as added
from clientela_server.domain.customers import Customer
from clientela_server.domain.days import day_of
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.standing.facts import Facts, with_profile, with_purchase, with_refund
from clientela_server.domain.standing.kinds import RELATIVE_BITS, kinds_of
from clientela_server.domain.standing.stages import Stage, due_day, stage_of
from clientela_server.domain.totals import Totals
from clientela_server.store.aggregates.aggregate_rows import CustomerAggregates
from clientela_server.store.aggregates.customer_aggregates import load, save, save_categories
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.stage_changes import keep_change
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Transaction


class CustomerAggregatesWriter:
    """Updates a customer's aggregates with each write that concerns it."""

    def __init__(self, nouns: Nouns, policies: PolicyStore) -> None:
        self._nouns = nouns
        self._policies = policies

    def add_purchase(self, transaction: Transaction, purchase: Purchase) -> None:
        """Add a purchase to the aggregates; OUT_OF_RANGE if a sum would overflow."""
        aggregates = load(transaction, purchase.customer_id)
        amount = purchase.amount
        before = aggregates.totals.get(amount.currency)
        totals = added.with_purchase(before, amount.currency, amount.nanos, purchase.purchase_us)
        after = with_purchase(
            aggregates.facts,
            day_of(purchase.purchase_us),
            amount.currency,
            amount.nanos,
            purpose=purchase.purpose,
            sales_path=purchase.sales_path,
            lines=purchase.lines,
        )
        if purchase.lines:
            known = aggregates.facts.quantities
            save_categories(transaction, purchase.customer_id, purchase.lines, known, after.quantities)
        self._save_judged(
            transaction,
            purchase.customer_id,
            aggregates,
            after,
            {**aggregates.totals, amount.currency: totals},
        )

    def add_refund(self, transaction: Transaction, paid: Purchase, back: Money) -> None:
        """Subtract a refund on the day of its purchase."""
        aggregates = load(transaction, paid.customer_id)
        after = with_refund(aggregates.facts, day_of(paid.purchase_us), back.currency, back.nanos)
        totals = added.with_refund(aggregates.totals[back.currency], back.nanos)
        self._save_judged(
            transaction, paid.customer_id, aggregates, after, {**aggregates.totals, back.currency: totals}
        )

    def add_profile(self, transaction: Transaction, made: Customer) -> None:
        """Save the facts of a new customer, and count it for its referrer.

        Of somebody who bought nothing the stage is POTENTIAL by any policy, and there is no day to review it.
        """
        facts = with_profile(Facts(), made)
        kinds = kinds_of(facts, self._policies.in_transaction(transaction), same_days=0)
        save(transaction, made.id, CustomerAggregates(facts, kinds=kinds, stored=False))
        if made.acquisition.referrer:
            self._add_referral(transaction, made.acquisition.referrer, 1)

    def update_profile(self, transaction: Transaction, made: Customer, before: Customer) -> None:
        """Update the facts from a customer's record, and the referral counts of its referrers."""
        aggregates = load(transaction, made.id)
        described = aggregates
        if made.delete_us != aggregates.delete_us:
            described = aggregates.with_(delete_us=made.delete_us)
        self._save_judged(
            transaction, made.id, described, with_profile(aggregates.facts, made), aggregates.totals
        )
        was, now = _referrer_of(before), _referrer_of(made)
        if was != now:
            for referrer, change in ((was, -1), (now, 1)):
                if referrer:
                    self._add_referral(transaction, referrer, change)

    def _add_referral(self, transaction: Transaction, referrer: str, change: int) -> None:
        """Adjust a referral count; `due_stage_job` publishes a resulting stage change in its own entry."""
        aggregates = load(transaction, referrer)
        after = replace(aggregates.facts, referrals=aggregates.facts.referrals + change)
        due = _sooner(aggregates.due_day, day_of(transaction.now_us))
        save(transaction, referrer, aggregates.with_(facts=after, due_day=due))

    def _save_judged(
        self,
        transaction: Transaction,
        customer_id: str,
        aggregates: CustomerAggregates,
        after: Facts,
        totals: Mapping[str, Totals],
    ) -> None:
        """Save the facts with the stage and kinds derived from them; publish a stage change."""
        policy, day = self._policies.in_transaction(transaction), day_of(transaction.now_us)
        same_days = after.days is aggregates.facts.days
        if same_days and (aggregates.due_day is None or day < aggregates.due_day):
            stage, due = Stage(aggregates.stage), aggregates.due_day
        else:
            noted = aggregates.due_day if aggregates.due_day is None or aggregates.due_day > day else None
            stage, due = stage_of(after, policy, day), _sooner(noted, due_day(after, policy, day))
        kinds = kinds_of(after, policy, same_days=aggregates.kinds if same_days else None)
        kinds |= aggregates.kinds & RELATIVE_BITS
        moved = aggregates.moved or due != aggregates.due_day
        if stage != aggregates.stage:
            keep_change(
                transaction,
                self._nouns,
                day=day,
                facts=after,
                policy=policy,
                was=aggregates.stage,
                stage=stage,
            )
        made = CustomerAggregates(
            after, totals, int(stage), kinds, due, aggregates.delete_us, aggregates.stored, moved
        )
        save(transaction, customer_id, made)


def _referrer_of(customer: Customer) -> str | None:
    """Return the referrer of a customer that is not deleted."""
    return customer.acquisition.referrer if customer.delete_us is None else None


def _sooner(noted: int | None, due: int | None) -> int | None:
    """Return the earlier day: one review in vain costs less than moving an indexed day with each purchase."""
    return due if noted is None or (due is not None and due < noted) else noted

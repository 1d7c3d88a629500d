"""Customer aggregates (running facts and totals): updated in a transaction, written once at its flush.

A write that changes a customer's facts re-evaluates its stage and kinds, so both are always current.
A stage that changed with a write is published with the write's own entry. Changes by time alone, or caused by
other customers, are made by `due_stage_job` on the `due_day` that is stored here.
Read next: `domain/standing/facts` and `domain/standing/stages` for the rules, `aggregate_rows` for the
storage format.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from clientela_server.domain import totals as added
from clientela_server.domain.customers import Customer, Organization, Person, Preferences
from clientela_server.domain.days import day_of
from clientela_server.domain.errors import FailedPrecondition
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Line, Purchase
from clientela_server.domain.standing.facts import (
    ORGANIZATION,
    PERSON,
    Facts,
    Quantities,
    median_quantity,
    with_purchase,
    with_refund,
)
from clientela_server.domain.standing.kinds import RELATIVE_BITS, kinds_of
from clientela_server.domain.standing.stages import Stage, due_day, stage_of
from clientela_server.domain.totals import Totals
from clientela_server.store.aggregates.aggregate_rows import (
    COLUMNS,
    CustomerAggregates,
    aggregates_of_row,
    others_of,
    row_of,
)
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.stage_changes import keep_change
from clientela_server.store.database.schema import bought_categories, facts
from clientela_server.store.database.statements import Statement, insert
from clientela_server.store.database.statements import text_list as each_of
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.names import customer_not_found, name_of

_OF = facts.c.customer_id == sa.bindparam("customer_id")
SELECT = Statement(sa.select(*COLUMNS[1:]).where(_OF))
_GET_MANY = Statement(sa.select(*COLUMNS).where(facts.c.customer_id.in_(each_of("customer_ids"))))
INSERT = insert(facts)
_INDEXED = "due_day"
_OTHERS = [column.name for column in COLUMNS[1:] if column.name != _INDEXED]


def _update(names: Iterable[str]) -> Statement:
    return Statement(
        facts.update()
        .where(facts.c.customer_id == sa.bindparam("of_customer"))
        .values({name: sa.bindparam(name) for name in names})
    )


# Two statements: one that leaves the indexed column alone costs less.
_TOUCH = _update(_OTHERS)
_MOVE = _update([_INDEXED, *_OTHERS])
INSERT_CATEGORY = insert(bought_categories)
_UPDATE_CATEGORY = Statement(
    bought_categories.update()
    .where(
        bought_categories.c.customer_id == sa.bindparam("of_customer"),
        bought_categories.c.category == sa.bindparam("of_category"),
    )
    .values(median_quantity=sa.bindparam("median_quantity"))
)
# Where there is no customer.
_ABSENT = CustomerAggregates(Facts(), stored=False)


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
            _save_categories(
                transaction, purchase.customer_id, purchase.lines, aggregates.facts, after.quantities
            )
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

    def update_profile(self, transaction: Transaction, made: Customer, before: Customer | None) -> None:
        """Update the facts from a customer's record, and the referral counts of its referrers."""
        aggregates = load(transaction, made.id)
        if aggregates is _ABSENT:
            aggregates = CustomerAggregates(Facts(), stored=False)
        described = aggregates.with_(delete_us=made.delete_us)
        self._save_judged(
            transaction, made.id, described, with_profile(aggregates.facts, made), aggregates.totals
        )
        was, now = _recommender(before), _recommender(made)
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


def with_profile(facts: Facts, customer: Customer) -> Facts:
    """Return the facts with the customer's profile fields that rules use."""
    party = {Person: PERSON, Organization: ORGANIZATION}.get(type(customer.party), 0)
    return replace(
        facts,
        party=party,
        reachable=bool(customer.emails or customer.phones or customer.addresses),
        prefers=customer.preferences != Preferences(),
    )


def _recommender(customer: Customer | None) -> str | None:
    """Return the referrer of a customer that is not deleted."""
    return customer.acquisition.referrer if customer and customer.delete_us is None else None


def _sooner(noted: int | None, due: int | None) -> int | None:
    """Return the earlier day: one review in vain costs less than moving an indexed day with each purchase."""
    return due if noted is None or (due is not None and due < noted) else noted


def load(transaction: Transaction, customer_id: str) -> CustomerAggregates:
    """Return a customer's aggregates from the identity map or the table; _ABSENT if it does not exist."""
    key = ("facts", customer_id)
    aggregates: CustomerAggregates | None = transaction.cached(key)
    if aggregates is None:
        rows = transaction.read_committed(SELECT, {"customer_id": customer_id})
        aggregates = aggregates_of_row(rows[0]) if rows else _ABSENT
        transaction.cache(key, aggregates)
    return aggregates


def prefetch(transaction: Transaction, customer_ids: Sequence[str]) -> list[str]:
    """Load many customers' aggregates with one query; return the ids that were newly found."""
    unknown = [each for each in dict.fromkeys(customer_ids) if transaction.cached(("facts", each)) is None]
    rows = transaction.read_committed(_GET_MANY, {"customer_ids": json.dumps(unknown)})
    found = {row[0]: aggregates_of_row(row[1:]) for row in rows}
    for customer_id in unknown:
        transaction.cache(("facts", customer_id), found.get(customer_id, _ABSENT))
    return list(found)


def is_registered(transaction: Transaction, customer_id: str) -> bool:
    """Return whether a customer exists, deleted or not."""
    return load(transaction, customer_id) is not _ABSENT


def require_active(transaction: Transaction, customer_id: str) -> None:
    """Raise NotFound for an unknown customer, FailedPrecondition for a deleted one."""
    aggregates = load(transaction, customer_id)
    if aggregates is _ABSENT:
        raise customer_not_found(customer_id)
    if aggregates.delete_us is not None:
        name = name_of(customer_id)
        raise FailedPrecondition("CUSTOMER_DELETED", resource=name, name=name)


def save(transaction: Transaction, customer_id: str, aggregates: CustomerAggregates) -> None:
    """Save aggregates into the identity map and the write buffer: one row however often they change."""
    key = ("facts", customer_id)
    if not aggregates.stored:
        transaction.enqueue(INSERT, lambda: row_of(customer_id, aggregates), key)
    elif aggregates.moved:
        transaction.enqueue(
            _MOVE, lambda: {**row_of(customer_id, aggregates), "of_customer": customer_id}, key
        )
    else:
        transaction.enqueue(_TOUCH, lambda: {**others_of(aggregates), "of_customer": customer_id}, key)
    transaction.cache(key, aggregates)


def _save_categories(
    transaction: Transaction,
    customer_id: str,
    lines: Sequence[Line],
    before: Facts,
    after: Mapping[str, Quantities],
) -> None:
    """Enqueue the median quantities of the categories of a purchase."""
    for category in sorted({line.category for line in lines if line.category}):
        key = ("category", customer_id, category)
        median = float(median_quantity(after[category]))
        if category not in before.quantities or transaction.cached(key):
            row = {"customer_id": customer_id, "category": category, "median_quantity": median}
            transaction.cache(key, True)
            transaction.enqueue(INSERT_CATEGORY, row, key)
        else:
            row = {"of_customer": customer_id, "of_category": category, "median_quantity": median}
            transaction.enqueue(_UPDATE_CATEGORY, row, key)

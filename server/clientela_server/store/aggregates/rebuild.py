"""Rebuild of the aggregates from registry and ledger: for databases without them, and for verification.

Reads page by page in the order of customer ids, so memory does not grow with the ledger.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa

from clientela_server.domain.customers import CustomerState
from clientela_server.domain.days import day_of
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.standing.facts import Facts, added_up, median_quantity, with_profile
from clientela_server.domain.standing.kinds import kinds_of
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.stages import due_day, stage_of
from clientela_server.domain.totals import Totals, totals_of
from clientela_server.store.aggregates.aggregate_rows import CustomerAggregates, row_of
from clientela_server.store.aggregates.customer_aggregates import INSERT, INSERT_CATEGORY
from clientela_server.store.aggregates.policy import REVIEW_ALL, SELECT_META, PolicyStore, put_meta
from clientela_server.store.database.connection import Connection, Row, exclusive_transaction
from clientela_server.store.database.schema import customers, journal, purchases
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Params, Statement, text_list
from clientela_server.store.journal.nouns import Nouns

NOT_MADE = "not made yet; the server makes them at its next start"
MADE_KEY, MADE = "facts", b"made"
# By which rules stages and kinds are kept: another number whenever the same facts come to something else.
RULES_KEY, _RULES = "rules of standing", b"2"
_PAGE = 500
_CUSTOMERS = Statement(
    sa.select(customers.c.customer_id, customers.c.record)
    .where(customers.c.customer_id > sa.bindparam("after"))
    .order_by(customers.c.customer_id)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_LEDGER = Statement(
    sa.select(purchases.c.customer_id, journal.c.record)
    .select_from(purchases.join(journal, journal.c.revision == purchases.c.revision))
    .where(purchases.c.customer_id.in_(text_list("customer_ids")))
    .order_by(purchases.c.customer_id, purchases.c.purchase_us, purchases.c.revision)
)
_REFERRALS = Statement(
    sa.select(customers.c.referrer, sa.func.count())
    .where(customers.c.referrer.is_not(None), customers.c.delete_us.is_(None))
    .group_by(customers.c.referrer)
)


class Made(NamedTuple):
    """One customer's aggregates as rebuilt from registry and ledger."""

    customer_id: str
    facts: Facts
    totals: dict[str, Totals]
    delete_us: int | None


def make_missing(connection: Connection, nouns: Nouns, now_us: int) -> int:
    """Build the aggregates of a database that has none, atomically; return the number of customers.

    If they exist but were judged by another version of the rules, all customers are marked for review.
    """
    with exclusive_transaction(connection):
        if are_made(connection):
            if is_judged_by_other_rules(connection):
                put_meta(connection, REVIEW_ALL, b"")
                put_meta(connection, RULES_KEY, _RULES)
            return 0
        policy, day, count = PolicyStore(nouns).in_snapshot(connection), day_of(now_us), 0
        for page in made_anew(connection, nouns):
            connection.run_many(INSERT, [_judged(made, policy, day) for made in page])
            connection.run_many(INSERT_CATEGORY, [each for made in page for each in category_rows(*made[:2])])
            count += len(page)
        put_meta(connection, MADE_KEY, MADE)
        put_meta(connection, RULES_KEY, _RULES)
    return count


def _judged(made: Made, policy: Policy, day: int) -> Params:
    """Build a customer's row, with the stage and kinds derived from its facts."""
    facts, totals = made.facts, made.totals
    stage, due = stage_of(facts, policy, day), due_day(facts, policy, day)
    aggregates = CustomerAggregates(facts, totals, int(stage), kinds_of(facts, policy), due, made.delete_us)
    return row_of(made.customer_id, aggregates)


def are_made(connection: Connection) -> bool:
    """Return whether the database has aggregates; older versions had none."""
    return bool(connection.run(SELECT_META, {"of_key": MADE_KEY}))


def is_judged_by_other_rules(connection: Connection) -> bool:
    """Return whether stored stages and kinds follow another version of the rules."""
    return [bytes(value) for (value,) in connection.run(SELECT_META, {"of_key": RULES_KEY})] != [_RULES]


def category_rows(customer_id: str, facts: Facts) -> list[Params]:
    """Build the rows of the categories that a customer bought."""
    return [
        {
            "customer_id": customer_id,
            "category": category,
            "median_quantity": float(median_quantity(facts.quantities[category])),
        }
        for category in sorted(facts.quantities)
    ]


def made_anew(connection: Connection, nouns: Nouns) -> Iterator[list[Made]]:
    """Yield the rebuilt aggregates of all customers, page by page."""
    referrals: dict[str, int] = dict(connection.run(_REFERRALS))
    after = ""
    while True:
        rows = connection.run(_CUSTOMERS, {"after": after, "limit": _PAGE})
        if rows:
            yield _page(connection, nouns, rows, referrals)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def read_ledgers(connection: Connection, customer_ids: Sequence[str]) -> list[Row]:
    """Read all entries of some customers: ids and records, customer by customer in the order of time."""
    return connection.run(_LEDGER, {"customer_ids": json.dumps(customer_ids)})


def _page(connection: Connection, nouns: Nouns, rows: list[Row], referrals: dict[str, int]) -> list[Made]:
    purchases, customers = nouns.codec(Purchase), nouns.codec(CustomerState)
    entries = read_ledgers(connection, [customer_id for customer_id, _ in rows])
    ledgers = {
        customer_id: [purchases.decode(record) for _, record in found]
        for customer_id, found in groupby(entries, key=lambda entry: str(entry[0]))
    }
    made = []
    for customer_id, record in rows:
        customer = customers.decode(record).customer
        facts = replace(Facts(), referrals=referrals.get(customer_id, 0))
        ledger = ledgers.get(customer_id, [])
        facts = added_up(with_profile(facts, customer), ledger)
        made.append(Made(customer_id, facts, totals_of(ledger), customer.delete_us))
    return made

"""The stored customer aggregates equal a scan of the ledger, after any writes, in commits of any size."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.customers import Acquisition, Customer, Organization, Person, Preferences
from clientela_server.domain.days import DAY_US
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft, Line
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.reading import head_revision
from clientela_server.store.database.schema import bought_categories, facts
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.transaction import Apply
from tests.store.bare_ledger import NOW_US, Ledger

pytestmark = pytest.mark.sqlite
PEOPLE = ("ann", "ben", "eve")


def draft(chance: random.Random) -> Draft:
    lines = tuple(
        Line(None, None, chance.choice(["tea", "cups", None]), chance.choice([None, "2", "0.50"]), None)
        for _ in range(chance.randrange(3))
    )
    amount = Money(chance.choice(["EUR", "EUR", "PLN"]), chance.randrange(500) * 10**7)
    bought_us = NOW_US - chance.choice([0, 1, 2, 30, 31, 400, 800]) * DAY_US
    return Draft(
        lines,
        amount,
        bought_us,
        purpose=chance.randrange(4),
        sales_path=chance.randrange(3),
        source=0,
        note=None,
    )


def customer(chance: random.Random) -> Customer:
    referrer = chance.choice([None, *PEOPLE])
    return Customer(
        "",
        display_name="x",
        party=chance.choice([None, Person(), Organization()]),
        phones=chance.choice([(), ("+48221234567",)]),
        preferences=chance.choice([Preferences(), Preferences(language_code="pl")]),
        acquisition=Acquisition(referrer=referrer),
    )


def work(ledger: Ledger, chance: random.Random) -> Apply:
    """One thing that somebody may ask for, whether it can be done or not."""
    who, which = chance.choice(PEOPLE), f"p{chance.randrange(6)}"
    stated = customer(chance)
    match chance.randrange(9):
        case 0:
            return ledger.customers.create(stated, who)
        case 1:
            return ledger.customers.update(who, None, lambda old: replace(stated, id=old.id), False)
        case 2:
            return ledger.customers.delete(who, None)
        case 3:
            return ledger.customers.undelete(who)
        case 4:
            return ledger.purchases.refund(who, which, chance.choice([None, Money("EUR", 10**9)]), "x")
    return ledger.purchases.record(who, draft(chance), which)


@settings(max_examples=5 * settings.default.max_examples, deadline=None)
@given(seed=st.integers(0, 2**32), at_once=st.integers(1, 12))
def test_after_any_work_the_facts_are_what_the_ledger_comes_to(
    tmp_path_factory: pytest.TempPathFactory, seed: int, at_once: int
) -> None:
    chance = random.Random(seed)
    connection = SqliteConnection(tmp_path_factory.mktemp("facts") / "ledger.db")
    try:
        migrate(connection)
        make_missing(connection, NOUNS, NOW_US)
        ledger = Ledger(connection)
        ledger.commit([ledger.customers.create(customer(chance), who) for who in PEOPLE])
        for _ in range(4):
            ledger.commit([work(ledger, chance) for _ in range(at_once)])
            assert ledger.faults() == []
    finally:
        connection.close()


def test_facts_of_an_older_database_are_made_from_its_ledger(ledger: Ledger) -> None:
    chance = random.Random(7)
    ledger.commit([ledger.customers.create(customer(chance), who) for who in PEOPLE])
    ledger.commit([work(ledger, chance) for _ in range(60)])
    connection = ledger.connection
    select = Statement(facts.select().order_by(facts.c.customer_id))
    before = connection.run(select)
    for statement in (facts.delete(), bought_categories.delete()):
        connection.run(Statement(statement))
    connection.script("DELETE FROM meta WHERE key = 'facts'")

    assert make_missing(connection, NOUNS, NOW_US) == len(PEOPLE)
    assert make_missing(connection, NOUNS, NOW_US) == 0
    assert ledger.faults() == []
    # What was noted as due may be earlier than it needs to be; all else is the same.
    due = [column.name for column in facts.columns].index("due_day")
    assert [row[:due] + row[due + 1 :] for row in connection.run(select)] == [
        row[:due] + row[due + 1 :] for row in before
    ]


def test_a_stage_that_time_changes_is_swept_once_and_on_its_day(ledger: Ledger) -> None:
    ledger.commit([ledger.customers.create(Customer("", display_name="x"), "ann")])
    new = Draft((), Money("EUR", 10**9), NOW_US, purpose=0, sales_path=0, source=0, note=None)
    ledger.commit([ledger.purchases.record("ann", new, None)])
    heads = []
    for day in (0, 90, 91, 92, 364, 365, 900):
        ledger.within(ledger.due_stages.run_batch, NOW_US + day * DAY_US)
        heads.append(head_revision(ledger.connection))
    assert heads == [2, 2, 3, 3, 3, 4, 4]

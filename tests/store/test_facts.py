"""The facts that are kept are those of the whole ledger, after any work, in commits of any size."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.customers import Acquisition, Customer, Organization, Person, Preferences
from clientela_server.domain.days import DAY_US
from clientela_server.domain.errors import Refusal
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft, Line
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.customer_aggregates import CustomerAggregatesWriter
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.chain import verified_head
from clientela_server.store.database.connection import Writer
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.reading import head_revision
from clientela_server.store.database.schema import bought_categories, facts
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.statements import Statement
from clientela_server.store.integrity.verify_aggregates import facts_as_ledger
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.store.nouns.customers import CustomerWrites
from clientela_server.store.nouns.purchases import PurchaseWrites
from clientela_server.usecases.due_stage_job import DueStageJob

pytestmark = pytest.mark.sqlite
NOW_US = 20_000 * DAY_US
PEOPLE = ("ann", "ben", "eve")


class Ledger:
    """A database without a server: writes go into it as the committer would have them."""

    def __init__(self, connection: Writer) -> None:
        self.connection = connection
        policies = PolicyStore(NOUNS)
        kept = CustomerAggregatesWriter(NOUNS, policies)
        self.customers = CustomerWrites(NOUNS, kept)
        self.purchases = PurchaseWrites(NOUNS, kept)
        self.due_stages = DueStageJob(NOUNS, policies)

    def commit(self, writes: list[Apply], now_us: int = NOW_US) -> None:
        """Do many writes in one commit; one that is refused is undone alone."""
        self.connection.begin()
        transaction = Transaction(self.connection, now_us, verified_head(self.connection))
        for write in writes:
            transaction.begin_item()
            try:
                write(transaction, WriteContext("clerk", "test"))
            except Refusal:
                transaction.undo_item()
            else:
                transaction.keep_item()
        transaction.flush()
        self.connection.record_head(transaction.head)
        self.connection.commit()

    def within(self, write: Callable[[Transaction], None], now_us: int = NOW_US) -> None:
        """Do what the server does by itself, in a commit of its own."""
        self.connection.begin()
        transaction = Transaction(self.connection, now_us, verified_head(self.connection))
        transaction.begin_item()
        write(transaction)
        transaction.keep_item()
        transaction.flush()
        self.connection.record_head(transaction.head)
        self.connection.commit()

    def faults(self) -> list[str]:
        """What is wrong with the facts, if they are made anew."""
        self.connection.begin(write=False)
        try:
            return facts_as_ledger(self.connection, NOUNS)[1]
        finally:
            self.connection.rollback()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    connection = SqliteConnection(tmp_path / "ledger.db")
    migrate(connection)
    make_missing(connection, NOUNS, NOW_US)
    yield Ledger(connection)
    connection.close()


def draft(chance: random.Random) -> Draft:
    lines = tuple(
        Line(None, None, chance.choice(["tea", "cups", None]), chance.choice([None, "2", "0.50"]), None)
        for _ in range(chance.randrange(3))
    )
    amount = Money(chance.choice(["EUR", "EUR", "PLN"]), chance.randrange(500) * 10**7)
    bought_us = NOW_US - chance.choice([0, 1, 2, 30, 31, 400, 800]) * DAY_US
    return Draft(lines, amount, bought_us, chance.randrange(4), chance.randrange(3), 0, None)


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
    new = Draft((), Money("EUR", 10**9), NOW_US, 0, 0, 0, None)
    ledger.commit([ledger.purchases.record("ann", new, None)])
    heads = []
    for day in (0, 90, 91, 92, 364, 365, 900):
        ledger.within(ledger.due_stages.run_batch, NOW_US + day * DAY_US)
        heads.append(head_revision(ledger.connection))
    assert heads == [2, 2, 3, 3, 3, 4, 4]

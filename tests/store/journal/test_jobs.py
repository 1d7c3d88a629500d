"""What the jobs of a batch ask for is loaded together, and is never older than what each would read alone."""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import text

from clientela.v1 import customers_pb2 as cpb
from clientela_server.domain.errors import Refusal
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.customer_aggregates import load, prefetch
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.chain import verified_head
from clientela_server.store.database.connection import UniqueViolation
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.jobs import Job, Read, run_all
from clientela_server.store.journal.transaction import Apply, Transaction
from tests.rpc.holding import held_up
from tests.rpc.making import to_create, to_record, to_record_once
from tests.rpc.running import running
from tests.store.bare_ledger import NOW_US, Ledger
from tests.store.journal.test_committer import Batch, outcomes
from tests.store.random_ledgers import IDS, World


class Together(Ledger):
    """A ledger whose commits load all customers first, as a batch of the committer does."""

    reads: ClassVar[list[Read]] = [(prefetch, each) for each in IDS]

    def commit(self, writes: list[Apply], now_us: int = NOW_US) -> list[Refusal]:
        self.connection.begin()
        transaction = Transaction(self.connection, now_us, verified_head(self.connection))
        loop = asyncio.new_event_loop()
        batch = [Job(_run(write), loop.create_future(), reads=self.reads) for write in writes]
        run_all(batch, transaction)
        loop.close()
        transaction.flush()
        self.connection.record_head(transaction.head)
        self.connection.commit()
        for job in batch:
            if job.error is not None and not isinstance(job.error, Refusal):
                raise job.error
        return [job.error for job in batch if isinstance(job.error, Refusal)]


def _run(write: Apply) -> Any:
    return lambda transaction: write(transaction, WriteContext("clerk", "test"))


def opened(kind: type[Ledger], folder: Path) -> Ledger:
    folder.mkdir()
    connection = SqliteConnection(folder / "ledger.db")
    migrate(connection)
    make_missing(connection, NOUNS, NOW_US)
    return kind(connection)


def kept(ledger: Ledger) -> list[Any]:
    """All that is kept of customers and purchases, but for what is random."""
    tables = ("SELECT * FROM facts ORDER BY 1", "SELECT * FROM bought_categories ORDER BY 1, 2")
    located = "SELECT customer_id, revision, units, refunded_units FROM purchases ORDER BY revision"
    changed = "SELECT * FROM stage_changes ORDER BY 1"
    return [ledger.connection.run(Statement(text(each))) for each in (*tables, located, changed)]


def work_alike(folder: Path, seed: int, kind: type[Together]) -> None:
    """Do the same work on a ledger as ever and on one of a kind; fail where they come to differ."""
    worlds = []
    for each in (Ledger, kind):
        world = World(opened(each, folder / each.__name__), random.Random(seed), 20_000)
        world.begin()
        worlds.append(world)
    alone, together = (world.ledger for world in worlds)
    for _ in range(25):
        for world in worlds:
            world.now_us += world.chance.randrange(10**12)
            world.commit([world.work() for _ in range(world.chance.choice([1, 3, 8]))])
        assert kept(together) == kept(alone)
    assert together.faults() == []


@pytest.mark.parametrize("seed", range(4))
def test_any_work_comes_to_the_same_as_without(tmp_path: Path, seed: int) -> None:
    work_alike(tmp_path, seed, Together)


def test_a_load_that_is_older_than_its_commit_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered: dict[str, Any] = {}

    def stale(transaction: Transaction, customer_ids: list[str]) -> None:
        for each in customer_ids:
            transaction.cache(("facts", each), remembered.setdefault(each, load(transaction, each)))

    monkeypatch.setattr(Together, "reads", [(stale, each) for each in IDS])
    with pytest.raises((AssertionError, UniqueViolation)):
        work_alike(tmp_path, 1, Together)


async def test_many_purchases_ask_once_for_their_customers_and_once_for_their_request_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        for number in range(10):
            await live.admin.customers.CreateCustomer(to_create(f"c{number}"))
        read = Counter[str]()
        run = live.server.database.writer.run

        def counted(statement: Statement, params: Any = None) -> Any:
            said = statement.text(live.server.database.writer.dialect)
            read.update(each for each in ("FROM facts", "lower(journal.request_id)") if each in said)
            return run(statement, params)

        async with held_up(live):
            monkeypatch.setattr(live.server.database.writer, "run", counted)
            batch = Batch(live, monkeypatch)
            for number in range(10):
                request = to_record_once(f"customers/c{number}")
                await batch.add(live.admin.purchases.RecordPurchase(request))
        assert all(name.startswith("customers/c") for name in await outcomes(batch.calls))
    assert read == {"FROM facts": 1, "lower(journal.request_id)": 1}


async def test_what_was_loaded_for_a_batch_is_not_what_earlier_ones_of_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer is erased, another made, and a request sent twice, between the load and who asks."""
    async with running(tmp_path) as live:
        for name in ("a", "b"):
            await live.admin.customers.CreateCustomer(to_create(name))
        again = to_record_once("customers/b")
        async with held_up(live):
            batch, admin = Batch(live, monkeypatch), live.admin
            record = admin.purchases.RecordPurchase
            await batch.add(admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name="customers/a")))
            await batch.add(record(to_record("customers/a")))
            await batch.add(record(to_record("customers/new")))
            await batch.add(record(again))
            await batch.add(admin.customers.CreateCustomer(to_create("new")))
            await batch.add(record(to_record("customers/new")))
            await batch.add(record(again))
        erased, *came = await outcomes(batch.calls)
        assert (erased, came[0], came[1], came[3]) == (
            "customers/a",
            "CUSTOMER_ERASED",
            "CUSTOMER_NOT_FOUND",
            "customers/new",
        )
        assert came[2] == came[5] != came[4]
        assert live.server.journal.head == 2 + 4

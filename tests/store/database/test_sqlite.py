"""SQLite plans a statement once, and not again for each value that is bound."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import apsw
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import standing_pb2
from clientela_server.store.database.sqlite import SqliteConnection
from tests.rpc.callers import Caller
from tests.rpc.making import to_create, to_import, to_record, to_record_once
from tests.rpc.running import running

pytestmark = pytest.mark.sqlite


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Which tables plans were made for, on all connections: for each SQLite asks whether it may read them."""
    tables: Counter[str] = Counter()

    def note(_action: int, table: str | None, *_: Any) -> int:
        tables[str(table)] += 1
        return apsw.SQLITE_OK

    opened = SqliteConnection.__init__

    def open_noting(self: SqliteConnection, path: Path, **how: Any) -> None:
        opened(self, path, **how)
        self._db.authorizer = note

    monkeypatch.setattr(SqliteConnection, "__init__", open_noting)
    return tables


async def a_day(caller: Caller, names: list[str]) -> None:
    """Ask what is asked most, of each customer."""
    for name in names:
        bought = await caller.purchases.RecordPurchase(to_record(name))
        await caller.purchases.GetPurchase(ppb.GetPurchaseRequest(name=bought.name))
        await caller.customers.GetCustomer(cpb.GetCustomerRequest(name=name))
        await caller.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=name))
        await caller.standing.GetStanding(standing_pb2.GetStandingRequest(name=name))
        await caller.feed.ListHistory(fpb.ListHistoryRequest(name=name))
        items = [to_import(each) for each in names]
        await caller.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))
        await caller.purchases.RefundPurchase(ppb.RefundPurchaseRequest(name=bought.name, reason="broken"))
        changed = cpb.Customer(name=name, display_name=bought.name)
        await caller.customers.UpdateCustomer(cpb.UpdateCustomerRequest(customer=changed))
    # Those of one commit read together.
    await asyncio.gather(*(caller.purchases.RecordPurchase(each) for each in map(to_record_once, names)))


async def plans_of_the_best_day(folder: Path, planned: Counter[str], days: int) -> Counter[str]:
    """Ask the same day after day; a connection plans a statement when it first has it, so not every day."""
    async with running(folder) as live:
        names = [(await live.admin.customers.CreateCustomer(to_create())).name for _ in range(5)]
        best = None
        for _ in range(days):
            planned.clear()
            await a_day(live.admin, names)
            if best is None or planned.total() < best.total():
                best = Counter(planned)
            if not best:
                break
    assert best is not None
    return best


async def test_no_call_plans_its_statements_anew(tmp_path: Path, planned: Counter[str]) -> None:
    assert not await plans_of_the_best_day(tmp_path, planned, days=30)


async def test_where_sqlite_may_look_at_values_it_plans_anew(
    tmp_path: Path, planned: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above guards against is real."""
    monkeypatch.setattr(apsw, "SQLITE_DBCONFIG_ENABLE_QPSG", apsw.SQLITE_DBCONFIG_ENABLE_FKEY)
    best = await plans_of_the_best_day(tmp_path, planned, days=5)
    assert best["customers"] >= 5

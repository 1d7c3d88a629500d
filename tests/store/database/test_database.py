"""The file: one server, one secret of its own, and reads that see one moment."""

from pathlib import Path
from threading import get_ident

import pytest
import sqlalchemy as sa

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_server.app import Server
from clientela_server.config import Address, Config
from clientela_server.store.database.connection import DatabaseUnusable
from tests.rpc.making import to_create, to_import, to_record
from tests.rpc.refusals import refusal_of
from tests.rpc.running import SMALL_WINDOW, running


@pytest.mark.sqlite
async def test_a_file_has_one_server(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        with pytest.raises(DatabaseUnusable, match="another server"):
            Server(Config(Address("127.0.0.1", 0), live.database))
        assert (await live.admin.customers.CreateCustomer(to_create())).name

    async with running(tmp_path) as live:
        assert live.server.journal.head == 1


@pytest.mark.sqlite
async def test_a_commit_is_on_disk_before_it_is_answered(tmp_path: Path) -> None:
    """WAL with synchronous=FULL (2) waits for the disk at each commit: a power cut takes nothing answered."""
    async with running(tmp_path) as live:
        for pragma, value in (("synchronous", 2), ("journal_mode", "wal")):
            select = sa.select(sa.text(f"{pragma} FROM pragma_{pragma}"))
            assert live.server.database.writer.query(select) == [(value,)]


@pytest.mark.sqlite
async def test_a_short_read_is_done_on_the_event_loop_and_a_long_one_on_a_thread(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        database = live.server.database
        for is_short in (True, False):
            thread, revision = await database.read_or_scan(lambda _, it=is_short: it, lambda _: get_ident())
            assert (thread == get_ident()) is is_short
            assert revision == live.server.journal.head


async def test_two_files_have_two_servers_and_two_secrets(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    secrets = set()
    for folder in folders:
        folder.mkdir()
    async with running(folders[0]) as first, running(folders[1]) as second:
        for live in (first, second):
            secrets.add(live.server.database.secret)

    assert len(secrets) == 2
    assert all(len(secret) == 32 for secret in secrets)


async def test_a_page_token_is_good_after_a_restart_and_not_on_another_file(tmp_path: Path) -> None:
    request = cpb.ListCustomersRequest(page_size=1)
    async with running(tmp_path) as live:
        for customer_id in ("a", "b"):
            await live.admin.customers.CreateCustomer(to_create(customer_id))
        request.page_token = (await live.admin.customers.ListCustomers(request)).next_page_token

    async with running(tmp_path) as live:
        [second] = (await live.admin.customers.ListCustomers(request)).customers
        assert second.name == "customers/b"

    (tmp_path / "other").mkdir()
    async with running(tmp_path / "other") as live:
        refused = await refusal_of(live.admin.customers.ListCustomers(request))
        assert refused.reason == "PAGE_TOKEN_INVALID"


async def test_a_read_sees_every_write_that_was_answered_before_it(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        for number in range(1, 30):
            created = await live.admin.customers.CreateCustomer(to_create())
            found = await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=created.name))
            assert found == created
            await live.admin.purchases.RecordPurchase(to_record(created.name, number))
            bought = await live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name=created.name))
            assert bought.totals[0].amount.units == number
            listed = await live.admin.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=created.name))
            assert len(listed.purchases) == 1


async def test_a_long_export_holds_up_neither_writes_nor_reads(tmp_path: Path) -> None:
    async with running(tmp_path, options=SMALL_WINDOW) as live:
        await live.admin.customers.CreateCustomer(to_create("ann"))
        for _ in range(3):
            items = [to_import("customers/ann", note=400 * "x") for _ in range(500)]
            await live.admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))
        exports = [
            live.admin.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent="customers/-"))
            for _ in range(8)
        ]
        first = [len((await export.read()).purchases) for export in exports]

        late = await live.admin.purchases.RecordPurchase(to_record("customers/ann"))
        listed = ppb.ListPurchasesRequest(parent="customers/ann", order_by="revision desc", page_size=1)
        assert list((await live.admin.purchases.ListPurchases(listed)).purchases) == [late]
        assert first == 8 * [500]
        for export in exports:
            export.cancel()

"""A token that is revoked or expires ends open streams, with the revision to resume from."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_client import Refused as RefusedByServer
from clientela_client import connect
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_server.admin import create_token, revoke_token
from clientela_server.rpc.gate import token_revalidation
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, to_create, to_import
from tests.rpc.refusals import Refused
from tests.rpc.running import SMALL_WINDOW, SetClock, running

PROMISED_S = 5.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again after a moment."""
    monkeypatch.setattr(token_revalidation, "CHECK_S", 0.02)


def ended(stream: Any) -> Refused:
    """Read a stream to its end, which is a refusal."""
    with pytest.raises(grpc.RpcError) as caught:
        for _ in stream:
            pass
    return Refused.of(caught.value)


async def end_of(stream: Any) -> Refused:
    """As `ended`, on an event loop."""
    try:
        while await stream.read() is not grpc.aio.EOF:
            pass
    except grpc.RpcError as error:
        return Refused.of(error)
    raise AssertionError("the stream ended well")


def is_told(refused: Refused) -> None:
    """The same as to anybody whose token is no good."""
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID")


def test_a_revoked_tokens_quiet_watch_ends_within_five_seconds(
    server: LocalServer, channel: grpc.Channel
) -> None:
    name = fresh("user")
    caller = Caller(channel, create_token(server.database, name, "analyst", None))
    watch = caller.feed.Watch(fpb.WatchRequest(names=["customers/quiet"]), timeout=HANG_S)
    reached = next(watch).bookmark_revision

    revoke_token(server.database, name)
    refused = ended(watch)

    is_told(refused)
    assert int(refused.facts["resume_after_revision"]) >= reached
    assert 2 * token_revalidation.CHECK_S <= PROMISED_S


async def test_a_watch_goes_on_under_another_token_without_a_gap(tmp_path: Path, quick: None) -> None:
    async with running(tmp_path) as live:
        eve = live.caller("analyst", "eve")
        watch = eve.feed.Watch(fpb.WatchRequest(after_revision=0))
        await live.admin.customers.CreateCustomer(to_create())
        async with asyncio.timeout(HANG_S):
            while (await watch.read()).bookmark_revision < 1:
                pass
        revoke_token(live.database, "eve")
        refused = await end_of(watch)
        await live.admin.customers.CreateCustomer(to_create())

        is_told(refused)
        assert refused.facts == {"resume_after_revision": "1"}
        again = live.caller("analyst", "eve-2").feed.Watch(fpb.WatchRequest(after_revision=1))
        seen: list[int] = []
        async with asyncio.timeout(HANG_S):
            while not seen:
                seen += [change.revision for change in (await again.read()).changes]
        assert seen == [2]
        again.cancel()


async def test_a_token_that_runs_out_ends_its_watch(tmp_path: Path, clock: SetClock, quick: None) -> None:
    async with running(tmp_path) as live:
        token = create_token(live.database, "eve", "analyst", 1)
        watch = Caller(live.admin.channel, token).feed.Watch(fpb.WatchRequest())
        await watch.read()
        clock.go_on(days=2)

        is_told(await end_of(watch))


async def test_others_watches_and_those_of_nobody_go_on(tmp_path: Path, quick: None) -> None:
    async with running(tmp_path) as live:
        mine, eve = live.admin, live.caller("analyst", "eve")
        kept, cut = mine.feed.Watch(fpb.WatchRequest()), eve.feed.Watch(fpb.WatchRequest())
        health = Caller(mine.channel, None).health.Watch(health_pb2.HealthCheckRequest())
        for stream in (kept, cut, health):
            await stream.read()
        revoke_token(live.database, "eve")

        is_told(await end_of(cut))
        await mine.customers.CreateCustomer(to_create())
        assert (await kept.read()).bookmark_revision == 1
        assert not health.done()
        for stream in (kept, health):
            stream.cancel()


async def test_a_revoked_tokens_export_is_ended(tmp_path: Path, quick: None) -> None:
    async with running(tmp_path, options=SMALL_WINDOW) as live:
        name = (await live.admin.customers.CreateCustomer(to_create())).name
        items = [to_import(name, note=400 * "x") for _ in range(1000)]
        await live.admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))
        eve = live.caller("analyst", "eve")
        export = eve.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent="customers/-"))
        await export.read()
        revoke_token(live.database, "eve")
        async with asyncio.timeout(HANG_S):
            await live.server.gate.drain()

        is_told(await end_of(export))


async def test_a_revoked_tokens_import_is_ended_and_what_it_recorded_stays(
    tmp_path: Path, quick: None
) -> None:
    async with running(tmp_path) as live:
        name = (await live.admin.customers.CreateCustomer(to_create())).name
        first = ppb.ImportPurchasesRequest(items=[to_import(name)])
        eve = live.caller("clerk", "eve")
        revoked = asyncio.Event()

        async def messages() -> AsyncIterator[ppb.ImportPurchasesRequest]:
            yield first
            async with asyncio.timeout(HANG_S):
                await live.server.journal.wait_beyond(1, 10)
            revoke_token(live.database, "eve")
            await revoked.wait()

        with pytest.raises(grpc.RpcError) as caught:
            await eve.purchases.ImportPurchases(messages())
        revoked.set()

        is_told(Refused.of(caught.value))
        again = await live.admin.purchases.ImportPurchases(iter([first]))
        assert (again.imported_count, again.duplicate_count) == (0, 1)


async def test_where_the_store_can_not_be_asked_watches_go_on(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        watch = live.admin.feed.Watch(fpb.WatchRequest())
        await watch.read()
        asked = asyncio.Semaphore(0)

        async def fail(token: str) -> None:
            asked.release()
            raise OSError("the store is gone")

        monkeypatch.setattr(live.server.gate._authenticator, "_find", fail)
        async with asyncio.timeout(HANG_S):
            for _ in range(3):
                await asked.acquire()

        assert not watch.done()
        watch.cancel()


async def test_nothing_is_asked_of_the_store_where_nobody_stays(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        watch = live.admin.feed.Watch(fpb.WatchRequest())
        await watch.read()
        held = live.server.gate._revalidation
        assert held._checking
        watch.cancel()
        await live.server.gate.drain(HANG_S)

        assert (held._held, held._checking) == (set(), None)


def test_a_watch_of_the_sdk_tells_of_it(server: LocalServer, admin: Caller) -> None:
    name = fresh("user")
    with connect(server.address, token=create_token(server.database, name, "analyst", None)) as client:
        customer = new_customer(admin)
        changes: Iterator[Any] = iter(client.feed.watch(names=[customer.name], after_revision=0))
        assert next(changes).name == customer.name
        revoke_token(server.database, name)
        with pytest.raises(RefusedByServer) as caught:
            next(changes)
    assert caught.value.reason == "TOKEN_INVALID"

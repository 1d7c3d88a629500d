"""How a watch is kept alive, and how it ends: bookmarks, a stopping server, a client that does not read."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from clientela.v1 import feed_pb2 as pb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_server.rpc.services import feed
from tests.rpc.callers import Caller
from tests.rpc.making import to_create, to_import
from tests.rpc.refusals import Refused
from tests.rpc.running import SMALL_WINDOW, running


async def created(caller: Caller) -> str:
    """Register a customer."""
    return str((await caller.customers.CreateCustomer(to_create())).name)


async def test_without_changes_a_bookmark_comes_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BOOKMARK_S", 0.02)
    async with running(tmp_path) as live:
        await created(live.admin)
        stream = live.admin.feed.Watch(pb.WatchRequest())

        messages = [await stream.read() for _ in range(4)]

        assert messages[0].epoch
        messages[0].ClearField("epoch")
        assert messages == 4 * [pb.WatchResponse(bookmark_revision=1, head_revision=1)]
        stream.cancel()


async def test_a_bookmark_comes_also_while_others_change_other_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BOOKMARK_S", 0.05)
    async with running(tmp_path) as live:
        stream = live.admin.feed.Watch(pb.WatchRequest(names=["customers/quiet"]))
        told = await stream.read()
        assert told.bookmark_revision == 0
        async with asyncio.timeout(HANG_S):
            # The first bookmarks may come before the first change of others.
            while told.bookmark_revision == 0:
                await created(live.admin)
                told = await stream.read()
                assert list(told.changes) == []
        stream.cancel()


async def test_a_stopping_server_sends_watchers_off_with_where_to_go_on(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        streams = [live.admin.feed.Watch(pb.WatchRequest(after_revision=0)) for _ in range(2)]
        for stream in streams:
            await stream.read()
        await created(live.admin)
        for stream in streams:
            assert (await stream.read()).bookmark_revision == 1
        await live.stop()

        for stream in streams:
            refused, _ = await end_of(stream)
            assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_STOPPING")
            assert refused.facts["resume_after_revision"] == "1"
            assert refused.retry_after_s is not None

    async with running(tmp_path) as live:
        resumed = live.admin.feed.Watch(pb.WatchRequest(after_revision=1))
        assert (await resumed.read()).bookmark_revision == 1
        resumed.cancel()


async def end_of(stream: Any) -> tuple[Refused, list[pb.Change]]:
    """Read a stream until it fails; return how it failed, and the changes that came before."""
    changes: list[pb.Change] = []
    try:
        while (message := await stream.read()) is not grpc.aio.EOF:
            changes += getattr(message, "changes", [])
    except grpc.RpcError as error:
        return Refused.of(error), changes
    raise AssertionError("the stream ended well")


async def test_a_reader_too_slow_is_ended_with_where_to_go_on_and_misses_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, unread_s=0.2, options=SMALL_WINDOW) as live:
        ann = await created(live.admin)
        items = [to_import(ann, note=400 * "x") for _ in range(1000)]
        messages = [ppb.ImportPurchasesRequest(items=items[start : start + 500]) for start in (0, 500)]
        await live.admin.purchases.ImportPurchases(iter(messages))

        stream = live.admin.feed.Watch(pb.WatchRequest(after_revision=0))
        await stream.initial_metadata()
        async with asyncio.timeout(HANG_S):
            await live.server.gate.drain()
        refused, rest = await end_of(stream)

        assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "READER_TOO_SLOW")
        resume = int(refused.facts["resume_after_revision"])
        seen = [each for each in rest if each.revision <= resume]
        resumed = live.admin.feed.Watch(pb.WatchRequest(after_revision=resume))
        while len(seen) < 1001:
            seen += (await resumed.read()).changes
        resumed.cancel()
        assert [each.revision for each in seen] == list(range(1, 1002))


async def test_an_export_read_too_slowly_is_ended_too(tmp_path: Path) -> None:
    async with running(tmp_path, unread_s=0.2, options=SMALL_WINDOW) as live:
        ann = await created(live.admin)
        items = [to_import(ann, note=400 * "x") for _ in range(1000)]
        await live.admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))

        export = live.admin.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent="customers/-"))
        async with asyncio.timeout(HANG_S):
            await export.initial_metadata()
            await live.server.gate.drain()

        refused, _ = await end_of(export)
        assert refused.reason == "READER_TOO_SLOW"
        assert await created(live.admin)


async def test_a_watch_cut_by_its_reader_leaves_nothing_behind(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        stream = live.admin.feed.Watch(pb.WatchRequest())
        await stream.read()
        stream.cancel()

        async with asyncio.timeout(HANG_S):
            await live.server.gate.drain()

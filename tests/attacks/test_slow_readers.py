"""A client that does not read keeps its slots, and what is queued for it is bounded (CVE-2019-9517)."""

import asyncio
from math import inf
from pathlib import Path

import grpc
from hyperframe.frame import SettingsFrame

from clientela.v1 import feed_pb2 as fpb
from clientela_lab.patience import HANG_S
from tests.attacks.wire import Wire, headers_frame, message_frame, request_headers
from tests.rpc.callers import Caller
from tests.rpc.making import to_create
from tests.rpc.refusals import Refused, refusal_of
from tests.rpc.running import Running, running
from tests.rpc.waiting import wait_for

NO_WINDOW = {SettingsFrame.INITIAL_WINDOW_SIZE: 0}
WATCH = "/clientela.v1.FeedService/Watch"
LIST = "/clientela.v1.CustomerService/ListCustomers"
EVE = "eve"


async def unread(live: Running, token: str, path: str, calls: int) -> Wire:
    """Make calls of Eve's, and read nothing of their answers."""

    def begin() -> Wire:
        wire = Wire.open(live.address, NO_WINDOW)
        for place in range(calls):
            call = headers_frame(2 * place + 1, request_headers(path, token))
            wire.send(call + message_frame(2 * place + 1, b""))
        assert wire.answers_ping()
        return wire

    wire = await asyncio.to_thread(begin)
    # The ping may be answered before the calls are begun.
    await asyncio.to_thread(wait_for, lambda: live.server.gate._concurrency._calls.get(EVE) == calls)
    return wire


async def test_a_watch_that_was_ended_unread_keeps_its_place(tmp_path: Path) -> None:
    async with running(tmp_path, unread_s=0.1) as live:
        eve = live.caller("analyst", EVE)
        wire = await unread(live, str(eve.token), WATCH, 20)
        await live.server.gate.drain(HANG_S)

        refused = await refusal_of(eve.feed.Watch(fpb.WatchRequest()).read())
        assert refused.reason == "STREAMS_TOO_MANY"
        assert await live.admin.customers.CreateCustomer(to_create())

        wire.reset()
        async with asyncio.timeout(HANG_S):
            while (again := await first_of(live, str(eve.token))) is not None:
                assert again.reason == "STREAMS_TOO_MANY"


async def first_of(live: Running, token: str) -> Refused | None:
    """Begin a watch; None where its first message comes."""
    watch = Caller(live.admin.channel, token).feed.Watch(fpb.WatchRequest())
    try:
        await watch.read()
    except grpc.RpcError as error:
        return Refused.of(error)
    watch.cancel()
    return None


async def test_a_list_that_is_not_read_keeps_its_place(tmp_path: Path) -> None:
    async with running(tmp_path, unread_s=0.1) as live:
        await live.admin.customers.CreateCustomer(to_create())
        eve = live.caller("analyst", EVE)

        wire = await unread(live, str(eve.token), LIST, 30)
        await asyncio.to_thread(wait_for, lambda: are_handled(live))
        assert live.server.gate._concurrency._calls.get(EVE) == 30

        wire.reset()
        await asyncio.to_thread(wait_for, lambda: EVE not in live.server.gate._concurrency._calls)


def are_handled(live: Running) -> bool:
    """Whether nothing is left to do for any call but to send its answer."""
    return all(call.ends_s == inf for call in live.server.gate._in_progress._open.values())

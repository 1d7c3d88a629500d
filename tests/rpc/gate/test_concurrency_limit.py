"""Concurrent calls are limited, in all and by caller; a refused call leaves nothing behind."""

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate import concurrency_limit
from clientela_server.rpc.gate.call_context import Rpc
from clientela_server.rpc.gate.concurrency_limit import ConcurrencyLimit
from tests.rpc.callers import Caller
from tests.rpc.making import to_create
from tests.rpc.refusals import Refused, refusal_of
from tests.rpc.running import running

FULL = grpc.StatusCode.RESOURCE_EXHAUSTED
# More than the streams that a connection has: what kept its stream would be missed.
STREAMS = 100
WATCH = Rpc.of(fpb.DESCRIPTOR.services_by_name["FeedService"].methods_by_name["Watch"])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places for four, two of one caller, one stranger."""
    for name, places in (("CALLS_MAX", 4), ("CALLS_PER_CALLER_MAX", 2), ("ANONYMOUS_CALLS_MAX", 1)):
        monkeypatch.setattr(concurrency_limit, name, places)


async def stay(caller: Caller) -> Any:
    """Open a watch, and let it go on."""
    watch = caller.feed.Watch(fpb.WatchRequest())
    await watch.read()
    return watch


async def test_a_caller_gets_half_of_the_places_and_no_more(tmp_path: Path, few: None) -> None:
    async with running(tmp_path) as live:
        eve = live.caller("clerk", "eve")
        watches = [await stay(eve) for _ in range(2)]

        refused = await refusal_of(eve.customers.CreateCustomer(to_create()))
        assert (refused.code, refused.reason) == (FULL, "CALLS_TOO_MANY")
        assert refused.facts == {"limit": "2"}
        assert refused.retry_after_s is not None
        assert await live.admin.customers.CreateCustomer(to_create())

        for watch in watches:
            watch.cancel()
        await live.server.gate.drain(HANG_S)
        assert await eve.customers.CreateCustomer(to_create())


async def test_when_all_places_are_taken_the_next_is_refused(tmp_path: Path, few: None) -> None:
    async with running(tmp_path) as live:
        watches = [await stay(live.caller("clerk", name)) for name in "abcd"]

        refused = await refusal_of(live.admin.customers.CreateCustomer(to_create()))

        assert (refused.code, refused.reason) == (FULL, "SERVER_BUSY")
        assert len(watches) == 4


async def test_strangers_have_places_of_their_own(tmp_path: Path, few: None) -> None:
    """So a load balancer is answered when callers take all places, and callers when strangers take theirs."""
    async with running(tmp_path) as live:
        nobody = Caller(live.admin.channel, None)
        watch = nobody.health.Watch(health_pb2.HealthCheckRequest())
        await watch.read()

        refused = await refusal_of(nobody.health.Check(health_pb2.HealthCheckRequest()))
        assert (refused.code, refused.reason) == (FULL, "CALLS_TOO_MANY")
        assert await live.admin.customers.CreateCustomer(to_create())
        watch.cancel()
        await live.server.gate.drain(HANG_S)
        watches = [await stay(live.caller("clerk", name)) for name in "abcd"]
        assert await nobody.health.Check(health_pb2.HealthCheckRequest())
        assert len(watches) == 4


@pytest.mark.usefixtures("few")
def test_a_place_that_is_given_back_can_be_taken_again() -> None:
    limit = ConcurrencyLimit()
    for _ in range(10):
        limit.acquire("a", WATCH)
        limit.acquire("a", WATCH)
        with pytest.raises(ResourceExhausted):
            limit.acquire("a", WATCH)
        limit.release("a", WATCH)
        limit.release("a", WATCH)

    assert not limit._calls
    assert not limit._authenticated
    assert not limit._streams


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage collector: what is part of a circle of references stays."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def messages(*sent: Any) -> AsyncIterator[Any]:
    for message in sent:
        yield message


def refused_calls(caller: Caller) -> list[Any]:
    """A refused call of each kind: they answer once or by a stream, and are asked once or by a stream."""
    bad = ppb.ImportPurchasesRequest(items=1001 * [ppb.ImportItem()])
    return [
        lambda: caller.customers.GetCustomer(cpb.GetCustomerRequest(name="customers/nobody")),
        lambda: caller.customers.GetCustomer(cpb.GetCustomerRequest()),
        lambda: caller.purchases.ImportPurchases(messages(bad)),
        lambda: caller.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent="customers/x")).read(),
        lambda: caller.feed.Watch(fpb.WatchRequest(after_revision=10**9)).read(),
    ]


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize("role", ["admin", "nobody"])
async def test_what_is_refused_again_and_again_does_not_use_up_the_connection(
    tmp_path: Path, uncollected: None, kind: int, role: str
) -> None:
    async with running(tmp_path) as live:
        call = refused_calls(live.admin if role == "admin" else Caller(live.admin.channel, None))[kind]
        for _ in range(STREAMS + 20):
            with pytest.raises(grpc.RpcError) as caught:
                await call()
            # A connection that has no stream left would answer by itself, without any of our details.
            assert Refused.of(caught.value).reason

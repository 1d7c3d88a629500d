"""Each limit of docs/security.md with its error: what one caller may take, and what a stranger may."""

import asyncio
import itertools
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela_client import connect_aio
from clientela_client.connection.tls import CHANNEL_OPTIONS
from clientela_lab.patience import HANG_S
from clientela_server import grpc_server
from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate import auth_throttle, concurrency_limit
from clientela_server.rpc.gate.auth_throttle import AuthThrottle
from clientela_server.rpc.gate.rate_limit import BURST_S, RateLimit
from tests.rpc.callers import Caller
from tests.rpc.making import to_create
from tests.rpc.refusals import Refused, refusal_of
from tests.rpc.running import SetClock, running

FULL = grpc.StatusCode.RESOURCE_EXHAUSTED
LIST = cpb.ListCustomersRequest(page_size=1)


async def refused_at_first_read(stream: object) -> Refused:
    with pytest.raises(grpc.RpcError) as caught:
        await stream.read()  # type: ignore[attr-defined]
    return Refused.of(caught.value)


# ---- streams


async def test_one_caller_has_twenty_watches_and_others_theirs(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        eve = live.caller("analyst", "eve")
        watches = [eve.feed.Watch(fpb.WatchRequest()) for _ in range(20)]
        for watch in watches:
            await watch.read()

        refused = await refused_at_first_read(eve.feed.Watch(fpb.WatchRequest()))
        assert (refused.code, refused.reason) == (FULL, "STREAMS_TOO_MANY")
        assert refused.facts == {"rpc": "FeedService.Watch", "limit": "20"}
        assert refused.retry_after_s
        assert await eve.customers.ListCustomers(LIST)
        other = live.admin.feed.Watch(fpb.WatchRequest())
        await other.read()
        for watch in [*watches, other]:
            watch.cancel()
        await live.server.gate.drain(HANG_S)
        again = eve.feed.Watch(fpb.WatchRequest())
        assert await again.read()
        again.cancel()


async def test_there_are_two_hundred_watches_in_all(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        alone = [("grpc.use_local_subchannel_pool", 1)]
        channels = [grpc.aio.insecure_channel(live.address, alone) for _ in "abc"]
        tokens = [live.caller("analyst", f"user-{number}").token for number in range(11)]
        callers = [Caller(channel, token) for token, channel in zip(tokens, itertools.cycle(channels))]
        watches = [caller.feed.Watch(fpb.WatchRequest()) for caller in callers[:10] for _ in range(20)]
        for watch in watches:
            await watch.read()

        refused = await refused_at_first_read(callers[10].feed.Watch(fpb.WatchRequest()))

        assert (refused.reason, refused.facts["limit"]) == ("STREAMS_TOO_MANY", "200")
        assert await callers[10].customers.ListCustomers(LIST)
        for channel in channels:
            await channel.close()


async def test_strangers_watching_the_health_leave_places_for_its_checks(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        nobody = Caller(live.admin.channel, None)
        watches = [nobody.health.Watch(health_pb2.HealthCheckRequest()) for _ in range(50)]
        for watch in watches:
            await watch.read()

        refused = await refused_at_first_read(nobody.health.Watch(health_pb2.HealthCheckRequest()))
        assert (refused.reason, refused.facts["limit"]) == ("STREAMS_TOO_MANY", "50")
        assert concurrency_limit.ANONYMOUS_CALLS_MAX > 50
        assert await nobody.health.Check(health_pb2.HealthCheckRequest())
        for watch in watches:
            watch.cancel()


# ---- pace


async def test_who_calls_too_fast_is_told_how_long_to_wait_and_others_are_not_held_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = RateLimit.take
    monkeypatch.setattr(
        RateLimit, "take", lambda rate_limit, caller, _: take(rate_limit, caller, 1000.0)
    )  # time stands still
    async with running(tmp_path, calls_per_s=2.0) as live:
        eve = live.caller("analyst", "eve")
        for _ in range(4):
            await eve.customers.ListCustomers(LIST)

        refused = await refusal_of(eve.customers.ListCustomers(LIST))
        assert (refused.code, refused.reason) == (FULL, "CALLS_TOO_FAST")
        assert refused.facts == {"limit": "2"}
        assert refused.retry_after_s is not None
        assert 0 < refused.retry_after_s <= 0.5
        assert await live.admin.customers.ListCustomers(LIST)


async def test_the_sdk_waits_as_long_as_the_refusal_says(tmp_path: Path) -> None:
    async with running(tmp_path, calls_per_s=20.0) as live:
        client = connect_aio(live.address, token=live.admin.token)
        async with client:
            # The burst is 40; those beyond it ask again at the same moment, and one at a time is let in.
            pages = await asyncio.gather(*(client.customers.list_page(page_size=1) for _ in range(43)))

        assert len(pages) == 43


async def test_without_a_limit_nobody_is_held_up(tmp_path: Path) -> None:
    async with running(tmp_path, calls_per_s=0.0) as live:
        assert live.server.gate._rate_limit is None


@given(st.lists(st.floats(0, 3), max_size=60), st.sampled_from([1.0, 5.0, 40.0]))
def test_in_any_time_nobody_gets_more_than_the_pace_and_a_burst(pauses: list[float], limit: float) -> None:
    rate_limit = RateLimit(limit)
    taken: list[float] = []
    waits: list[float] = []
    for now in itertools.accumulate(pauses, initial=1000.0):
        try:
            for _ in range(10):
                rate_limit.take("eve", now)
                taken.append(now)
        except ResourceExhausted as refusal:
            waits.append(refusal.retry_after_s or 0.0)
            rate_limit.take(f"another, {len(waits)}", now)
    assert all(0 < wait_s <= 1 / limit + 1e-6 for wait_s in waits)
    for first, begun in enumerate(taken):
        for last in range(first, len(taken)):
            allowed = (taken[last] - begun) * limit + BURST_S * limit + 1e-3
            assert last - first + 1 <= allowed + 1


# ---- wrong tokens


async def test_many_wrong_tokens_are_not_looked_up_any_more_and_good_ones_still_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: SetClock
) -> None:
    monkeypatch.setattr(auth_throttle, "FAILURES_BURST", 5)
    monkeypatch.setattr(auth_throttle, "FAILURES_PER_S", 0.01)
    async with running(tmp_path) as live:
        good = live.admin
        assert await good.customers.ListCustomers(LIST)
        wrong = [Caller(good.channel, f"clt_{number:043d}") for number in range(8)]
        reasons = [(await refusal_of(each.customers.ListCustomers(LIST))).reason for each in wrong]

        assert reasons == 6 * ["TOKEN_INVALID"] + 2 * ["TOKENS_TOO_MANY_WRONG"]
        refused = await refusal_of(wrong[0].customers.ListCustomers(LIST))
        assert (refused.code, refused.retry_after_s is not None) == (FULL, True)
        clock.go_on(seconds=60)  # what was known of the good one is no longer believed, and asked again
        assert await good.customers.ListCustomers(LIST)
        new = live.caller("analyst", "eve")
        assert (await refusal_of(new.customers.ListCustomers(LIST))).reason == "TOKENS_TOO_MANY_WRONG"
        none = Caller(good.channel, None)
        assert (await refusal_of(none.customers.ListCustomers(LIST))).reason == "TOKEN_MISSING"


def test_addresses_are_told_apart_and_a_network_of_ipv6_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth_throttle, "FAILURES_BURST", 0)
    seen = AuthThrottle()
    for peer in ("ipv4:192.0.2.7:50000", "ipv6:%5B2001:db8:1:2::7%5D:50000"):
        seen.record_failure(peer)
    for same in ("ipv4:192.0.2.7:50001", "ipv6:[2001:db8:1:2:ffff::1]:1"):
        with pytest.raises(ResourceExhausted):
            seen.check(same)
    for other in (
        "ipv4:192.0.2.8:50000",
        "ipv6:%5B2001:db8:1:3::7%5D:50000",
        "ipv6:[fe80::1%25eth0]:1",
        "unix:",
        "",
    ):
        seen.check(other)


def test_what_is_remembered_of_strangers_is_bounded() -> None:
    seen = AuthThrottle()
    for number in range(auth_throttle._ADDRESSES_MAX + 100):
        seen.record_failure(f"ipv4:10.{number >> 16}.{number >> 8 & 255}.{number & 255}:1")

    assert len(seen._full_at) == auth_throttle._ADDRESSES_MAX


# ---- connections


async def test_a_watch_outlives_the_connection_that_it_began_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The age of connections is bounded; the SDK goes on where it was, on a new one."""
    young = {"grpc.max_connection_age_ms": 300, "grpc.max_connection_age_grace_ms": 50}
    monkeypatch.setattr(grpc_server, "OPTIONS", tuple({**dict(grpc_server.OPTIONS), **young}.items()))
    async with running(tmp_path) as live, connect_aio(live.address, token=live.admin.token) as client:
        watch = client.feed.watch(after_revision=0)
        seen = []
        for number in range(1, 13):
            await client.customers.create(to_create().customer, customer_id=f"c-{number}")
            seen.append((await asyncio.wait_for(anext(watch), HANG_S)).revision)
            await asyncio.wait_for(live.server.journal.wait_beyond(number, 0.1), HANG_S)

        assert seen == list(range(1, 13))
        watch.cancel()


def test_connections_do_not_stay_for_ever() -> None:
    options = dict(grpc_server.OPTIONS)

    assert options["grpc.max_connection_idle_ms"] == 300_000
    assert options["grpc.max_connection_age_ms"] == 1_800_000


# ---- what is sent


async def test_the_server_sends_no_message_that_a_client_of_grpc_would_not_take() -> None:
    """A client that nobody told otherwise takes 4 MiB; ours takes that too."""

    async def answer(size: bytes, _: object) -> bytes:
        return bytes(int(size))

    server = grpc_server.new_grpc_server(10)
    handlers = {"Get": grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Sizes", handlers),))
    at = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{at}") as channel:
            ask = channel.unary_unary("/test.Sizes/Get")
            assert len(await ask(b"%d" % (4 * 1024 * 1024), timeout=HANG_S)) == grpc_server.ANSWER_MAX
        async with grpc.aio.insecure_channel(f"127.0.0.1:{at}", CHANNEL_OPTIONS) as channel:
            ask = channel.unary_unary("/test.Sizes/Get")
            assert len(await ask(b"%d" % grpc_server.ANSWER_MAX, timeout=HANG_S)) == grpc_server.ANSWER_MAX
            with pytest.raises(grpc.aio.AioRpcError, match="larger than max") as caught:
                await ask(b"%d" % (grpc_server.ANSWER_MAX + 1), timeout=HANG_S)
        assert caught.value.code() is FULL
    finally:
        await server.stop(None)

"""Background jobs publish each change once: as days pass, after others' writes, after restarts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2, standing_pb2
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import at, money, to_create, to_import
from tests.rpc.running import Running, SetClock, running
from tests.rpc.telling import Told, members_of, quiet, settled, standings_of
from tests.stores import postgres

DAY_S = 86_400
SEGMENTS = {
    "lost": "stage = LOST",
    "strategic": "kinds : STRATEGIC",
    "mass": "kinds : MASS",
    "loyal-or-new": "stage = LOYAL OR stage = NEW",
}


async def new_customer(caller: Caller, **fields: object) -> str:
    made: cpb.Customer = await caller.customers.CreateCustomer(to_create(**fields))
    return made.name


async def bought(
    caller: Caller, clock: SetClock, name: str, *agos: int, units: int = 10, **more: object
) -> None:
    """Import purchases of some days ago, in the order given."""
    now_s = clock.now_us // 1_000_000
    items = [to_import(name, units, purchase_time=at(now_s - ago * DAY_S), **more) for ago in agos]

    async def stream() -> AsyncIterator[ppb.ImportPurchasesRequest]:
        yield ppb.ImportPurchasesRequest(items=items)

    await caller.purchases.ImportPurchases(stream())


async def save_segments(caller: Caller) -> None:
    for segment_id, text in SEGMENTS.items():
        segment = segments_pb2.Segment(display_name=segment_id, filter=text)
        await caller.segments.CreateSegment(
            segments_pb2.CreateSegmentRequest(segment=segment, segment_id=segment_id)
        )


async def all_told(callers: list[Caller]) -> Told:
    """Wait until the feed has told all that is so now."""

    async def right(told: Told) -> bool:
        standings = await standings_of(callers[0])
        # Who was deleted is not listed, and has a stage all the same.
        if any(told.stages.get(name, "POTENTIAL") != stage for name, (stage, _) in standings.items()):
            return False
        for kind in ("STRATEGIC", "MASS"):
            holding = {name for name, (_, kinds) in standings.items() if kind in kinds}
            if told.members.get(f"segments/{kind.lower()}", set()) != holding:
                return False
        found = {f"segments/{each}": await members_of(callers[0], f"segments/{each}") for each in SEGMENTS}
        return found == {name: told.members.get(name, set()) for name in found}

    return await settled(callers, right)


async def new_policy(caller: Caller, **thresholds: int) -> None:
    await caller.standing.UpdatePolicy(
        standing_pb2.UpdatePolicyRequest(policy=standing_pb2.Policy(**thresholds))
    )


async def everything(caller: Caller, clock: SetClock) -> list[str]:
    """Customers who bought once or regularly; strategic ones, and some who buy much at a time."""
    names = [await new_customer(caller, phones=["+48221234567"]) for _ in range(12)]
    for place, name in enumerate(names[:10]):
        tea = [
            ppb.PurchaseLine(category="tea", quantity={"value": str(place + 1)}, unit_price=money(place + 1))
        ]
        await bought(caller, clock, name, place, units=(place + 1) ** 2, lines=tea)
    for name in names[:4]:
        await bought(caller, clock, name, 20, 10, 30)
    return names


async def live_through(callers: list[Caller], clock: SetClock) -> Told:
    """Writes, recommendations, a policy, days: each by turns at one of the servers."""
    one, other = callers[0], callers[-1]
    await save_segments(one)
    names = await everything(one, clock)
    await all_told(callers)
    brought = await new_customer(other, acquisition=cpb.Acquisition(referrer=names[0]))
    await new_customer(one, acquisition=cpb.Acquisition(referrer=names[1]))
    assert (await all_told(callers)).stages[names[0]] == "LOYAL"
    await other.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=brought))
    await new_policy(one, new_days=3, mass_percent=30, strategic_percent=80)
    await all_told(callers)
    await new_policy(other, new_days=90, mass_percent=10, strategic_percent=50)
    assert (await all_told(callers)).stages[names[0]] == "REGULAR"
    clock.go_on(days=91)
    await all_told(callers)
    await bought(other, clock, names[3], 0, units=100_000)
    clock.go_on(days=300)
    return await quiet(callers, await all_told(callers))


@pytest.mark.long
async def test_each_change_is_published_once(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path) as server:
        told = await live_through([server.admin], clock)
    assert "LOST" in told.stages.values()


@pytest.mark.long
@pytest.mark.sqlite
async def test_each_change_is_published_once_by_two_servers(tmp_path: Path, clock: SetClock) -> None:
    url = postgres().new_ledger()
    async with AsyncExitStack() as stack:
        pair = [await stack.enter_async_context(running(tmp_path, database=url)) for _ in "ab"]
        told = await live_through([each.admin for each in pair], clock)
    assert "LOST" in told.stages.values()


@pytest.mark.long
async def test_what_changed_while_no_server_ran_is_published_once_by_the_next(
    tmp_path: Path, clock: SetClock
) -> None:
    async def alive() -> tuple[AsyncExitStack, Running]:
        stack = AsyncExitStack()
        return stack, await stack.enter_async_context(running(tmp_path))

    stack, server = await alive()
    await save_segments(server.admin)
    await everything(server.admin, clock)
    await stack.aclose()  # at once: whatever was to be told is told by the next
    for days in (0, 0, 91, 60, 400):
        clock.go_on(days=days)
        stack, server = await alive()
        told = await all_told([server.admin])
        await stack.aclose()
    assert set(told.stages.values()) == {"LOST"}
    assert len(told.members["segments/lost"]) == 10


async def test_a_segment_that_changes_tells_who_comes_and_goes(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path) as server:
        caller, tag = server.admin, fresh("t")
        ann, ben = [await new_customer(caller, display_name=f"{tag} {each}") for each in "ab"]
        await save_segments(caller)
        for text in (f'display_name = "{tag} a"', f'display_name = "{tag} b"'):
            segment = segments_pb2.Segment(name="segments/lost", filter=text)
            await caller.segments.UpdateSegment(segments_pb2.UpdateSegmentRequest(segment=segment))
            await all_told([caller])
        assert (await all_told([caller])).members["segments/lost"] == {ben} != {ann}
        await caller.segments.DeleteSegment(segments_pb2.DeleteSegmentRequest(name="segments/lost"))
        segment = segments_pb2.Segment(display_name="x", filter=f'display_name : "{tag}"')
        await caller.segments.CreateSegment(
            segments_pb2.CreateSegmentRequest(segment=segment, segment_id="lost")
        )
        assert (await all_told([caller])).members["segments/lost"] == {ann, ben}


@pytest.mark.long
async def test_who_becomes_strategic_joins_a_segment_though_nothing_else_changes(
    tmp_path: Path, clock: SetClock
) -> None:
    async with running(tmp_path) as server:
        caller = server.admin
        ann, ben = [await new_customer(caller) for _ in "ab"]
        await bought(caller, clock, ann, 1, units=60)
        await bought(caller, clock, ben, 1, units=50)
        await save_segments(caller)
        await quiet([caller], await all_told([caller]))
        await bought(caller, clock, ann, 1, units=1)
        await standings_of(caller)  # the lines are found now, and so not again for some time
        await bought(caller, clock, ben, 1, units=50)

        async def right(told: Told) -> bool:
            return told.members["segments/strategic"] == {ben}

        await settled([caller], right)

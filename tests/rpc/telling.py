"""Stage and membership changes of the feed, replayed from the first entry: each change once."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import segments_pb2, standing_pb2
from clientela_lab.patience import HANG_S
from tests.rpc.callers import Caller

SETTLED_S = HANG_S


@dataclass
class Told:
    """Where all that was told leads to: stages by customer, members by segment; and how much it was."""

    stages: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    changes: int = 0

    def take(self, change: fpb.Change) -> None:
        """Go on by one entry; AssertionError where it tells what was told before, or leaves something out."""
        if change.HasField("stage_change"):
            self._turn(change.stage_change)
        if change.WhichOneof("resource") == "segment" and not change.segment.filter:
            self.members.pop(change.name, None)
        if change.HasField("membership_change"):
            members, told = self.members[change.name], change.membership_change
            assert not members & set(told.joined_customers), f"{change.name}: told twice who came"
            members |= set(told.joined_customers)
            assert members >= set(told.left_customers), f"{change.name}: told twice who left"
            members -= set(told.left_customers)
            self.changes += 1

    def _turn(self, change: standing_pb2.StageChange) -> None:
        before, after = (standing_pb2.Stage.Name(each)[6:] for each in (change.from_stage, change.to_stage))
        assert before == self.stages.get(change.customer, "POTENTIAL") != after, change
        found = {each.label: each for each in change.findings}
        assert found.keys() == {before, after} - {"UNSPECIFIED"}
        assert all(each.rule_id and each.explanation and each.flips_if for each in found.values())
        assert after == "UNSPECIFIED" or found[after].holds
        self.stages[change.customer] = after
        self.changes += 1


async def told(caller: Caller) -> Told:
    """Read the feed from its first entry to its last."""
    head = await _head(caller)
    watch, replayed, at = caller.feed.Watch(fpb.WatchRequest(after_revision=0)), Told(), 0
    async for message in watch:
        for change in message.changes:
            replayed.take(change)
            at = change.revision
        if max(at, message.bookmark_revision) >= head:
            break
    watch.cancel()
    return replayed


async def _head(caller: Caller) -> int:
    watch = caller.feed.Watch(fpb.WatchRequest())
    async for message in watch:
        watch.cancel()
        return int(message.bookmark_revision)
    raise AssertionError("the watch ended by itself")


async def settled(callers: list[Caller], right: Callable[[Told], Awaitable[bool]]) -> Told:
    """Wait until what was told is right."""
    async with asyncio.timeout(SETTLED_S):
        while not await right(replayed := await told(callers[0])):
            await pause(0.1)
    return replayed


async def quiet(callers: list[Caller], before: Told) -> Told:
    """See that for two rounds of every server nothing more is told, by anybody."""
    await pause(2.5)
    after = await told(callers[-1])
    assert after == before
    return after


async def pause(seconds: float) -> None:
    """Let others do what they do in their own time."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


async def standings_of(caller: Caller) -> dict[str, tuple[str, set[str]]]:
    """The stage and the kinds of everybody, judged now."""
    found = await caller.standing.ListStandings(standing_pb2.ListStandingsRequest(page_size=1000))
    return {
        each.customer: (
            standing_pb2.Stage.Name(each.stage)[6:],
            {standing_pb2.Kind.Name(kind)[5:] for kind in each.kinds},
        )
        for each in found.standings
    }


async def members_of(caller: Caller, segment: str) -> set[str]:
    """Whom a segment's filter finds now."""
    found = await caller.segments.ListSegmentMembers(
        segments_pb2.ListSegmentMembersRequest(parent=segment, page_size=1000)
    )
    return {each.name for each in found.customers}

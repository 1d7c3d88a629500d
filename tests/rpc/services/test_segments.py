"""Segments: saved filters, their members, and the members that join and leave."""

from pathlib import Path

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import segments_pb2 as pb
from clientela_server.store.nouns.standing_lists import StandingLists
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase, new_segment
from tests.rpc.refusals import refusal, refusal_of
from tests.rpc.running import running
from tests.rpc.watching import head

Code = grpc.StatusCode


def members(caller: Caller, segment: str, **fields: object) -> list[str]:
    request = pb.ListSegmentMembersRequest(parent=segment, **fields)
    return [each.name for each in caller.segments.ListSegmentMembers(request).customers]


def test_a_segment_is_saved_read_changed_and_deleted(clerk: Caller) -> None:
    made = new_segment(clerk, fresh("s"), strategy="a letter")
    assert clerk.segments.GetSegment(pb.GetSegmentRequest(name=made.name)) == made
    listed = clerk.segments.ListSegments(pb.ListSegmentsRequest(filter=f'name = "{made.name}"'))
    assert list(listed.segments) == [made]

    patch = pb.Segment(name=made.name, strategy="a call", etag=made.etag)
    changed = clerk.segments.UpdateSegment(pb.UpdateSegmentRequest(segment=patch))
    assert (changed.strategy, changed.filter, changed.create_time) == (
        "a call",
        made.filter,
        made.create_time,
    )
    again = refusal(clerk.segments.UpdateSegment, pb.UpdateSegmentRequest(segment=patch))
    assert (again.code, again.reason) == (Code.ABORTED, "ETAG_MISMATCH")

    clerk.segments.DeleteSegment(pb.DeleteSegmentRequest(name=made.name, etag=changed.etag))
    gone = refusal(clerk.segments.GetSegment, pb.GetSegmentRequest(name=made.name))
    assert (gone.code, gone.reason) == (Code.NOT_FOUND, "SEGMENT_NOT_FOUND")
    history = clerk.feed.ListHistory(fpb.ListHistoryRequest(name=made.name)).changes
    assert [each.segment.strategy for each in history] == ["a letter", "a call", ""]


def test_members_are_whom_the_filter_finds_now(clerk: Caller) -> None:
    tag = fresh("t")
    names = sorted(new_customer(clerk, display_name=f"{tag} {place}").name for place in range(3))
    segment = new_segment(clerk, filter=f'display_name : "{tag}" AND stage = "POTENTIAL"').name
    assert members(clerk, segment) == names
    new_purchase(clerk, names[0])
    assert members(clerk, segment) == names[1:]
    assert members(clerk, segment, order_by="name desc", page_size=1) == [names[2]]
    clerk.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=names[1]))
    assert members(clerk, segment) == [names[2]]
    assert members(clerk, segment, show_deleted=True) == names[1:]
    assert members(clerk, segment, filter=f'display_name : "{tag} 9"') == []


@pytest.mark.long
def test_members_that_join_and_leave_are_reported_by_the_feed(clerk: Caller) -> None:
    tag = fresh("t")
    ann, before = new_customer(clerk, display_name=tag).name, head(clerk)
    segment = new_segment(clerk, fresh("s"), filter=f'display_name : "{tag}" AND stage = "POTENTIAL"').name
    watch = clerk.feed.Watch(fpb.WatchRequest(after_revision=before, names=[segment]))
    told = (change for message in watch for change in message.changes)
    assert next(told).segment.name == segment
    joined = next(told)
    assert (joined.actor, list(joined.membership_change.joined_customers)) == ("server", [ann])
    new_purchase(clerk, ann)
    assert list(next(told).membership_change.left_customers) == [ann]
    watch.cancel()


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        ({"display_name": "x", "filter": "mood = good"}, "FILTER_FIELD_UNKNOWN"),
        ({"display_name": "x", "filter": "stage ="}, "FILTER_MALFORMED"),
        ({"display_name": "x", "filter": " "}, "FIELD_MISSING"),
        ({"display_name": "", "filter": "purchases > 1"}, "FIELD_MISSING"),
    ],
)
def test_a_segment_that_can_not_be_is_refused(clerk: Caller, segment: dict[str, str], reason: str) -> None:
    refused = refusal(clerk.segments.CreateSegment, pb.CreateSegmentRequest(segment=pb.Segment(**segment)))
    assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, reason)


def test_a_name_is_given_once(clerk: Caller) -> None:
    name = fresh("s")
    new_segment(clerk, name)
    request = pb.CreateSegmentRequest(
        segment=pb.Segment(display_name="x", filter="purchases > 1"), segment_id=name
    )
    refused = refusal(clerk.segments.CreateSegment, request)
    assert (refused.code, refused.reason) == (Code.ALREADY_EXISTS, "SEGMENT_EXISTS")


async def test_of_a_filter_that_an_older_server_took_who_asks_for_the_members_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = StandingLists.condition
    monkeypatch.setattr(
        StandingLists,
        "condition",
        lambda lists, text, field="filter": None if field == "segment.filter" else read(lists, text, field),
    )
    segment = pb.Segment(display_name="x", filter="stage = LOST or kinds : BUYER")
    async with running(tmp_path) as live:
        saved = await live.admin.segments.CreateSegment(pb.CreateSegmentRequest(segment=segment))
        request = pb.ListSegmentMembersRequest(parent=saved.name)
        refused = await refusal_of(live.admin.segments.ListSegmentMembers(request))

    assert (refused.reason, [*refused.faults], refused.facts["column"]) == ("FILTER_WORD", ["parent"], "14")

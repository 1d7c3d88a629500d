"""A segment is checked before it is kept; its membership is published once, and by what it is by then."""

from dataclasses import replace

import pytest

from clientela_server.domain.customers import Customer
from clientela_server.domain.rfm import Cutpoints
from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.nouns import NOUNS
from clientela_server.rpc.services.standing import new_lists
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.journal import feed
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.transaction import Apply
from clientela_server.store.nouns.segments import MEMBERSHIP
from clientela_server.usecases.segments import Memberships, SegmentWrites
from tests.store.bare_ledger import Ledger
from tests.usecases.left_behind import reason_of

pytestmark = pytest.mark.sqlite


async def no_cutpoints(_: int) -> tuple[dict[str, Cutpoints], int]:
    return {}, 0


NO_SCALES = RfmCutpointsCache(Journal(0), lambda: 0, no_cutpoints)


def segment_told(ledger: Ledger) -> list[MembershipChange]:
    connection = ledger.connection
    entries = [each for each in feed.read_after(connection, 0, (), 1000) if each.noun == MEMBERSHIP]
    return [NOUNS.codec(MembershipChange).decode(each.record) for each in entries]


def test_two_servers_that_find_the_same_membership_tell_it_once(ledger: Ledger) -> None:
    lists = new_lists(NO_SCALES)
    one, other = (Memberships(NOUNS, lists) for _ in "ab")
    segments = SegmentWrites(NOUNS, lists)
    ledger.commit([ledger.customers.create(Customer("", display_name="x"), who) for who in ("ann", "ben")])
    ledger.commit([segments.create(Segment("", "All", "purchases = 0"), "all")])
    both = [each.differences(ledger.connection) for each in (one, other)]
    for changes in both:
        for change in changes:
            ledger.within(lambda transaction, change=change: one.publish(transaction, change))
    assert [(list(each.joined), list(each.left)) for each in segment_told(ledger)] == [(["ann", "ben"], [])]


def test_who_was_found_by_a_filter_that_has_changed_since_is_not_told(ledger: Ledger) -> None:
    lists = new_lists(NO_SCALES)
    memberships, segments = Memberships(NOUNS, lists), SegmentWrites(NOUNS, lists)
    ledger.commit([ledger.customers.create(Customer("", display_name="x"), "ann")])
    ledger.commit([segments.create(Segment("", "All", "purchases = 0"), "all")])
    (change,) = memberships.differences(ledger.connection)
    ledger.commit([segments.update("all", "", lambda old: replace(old, filter="purchases > 0"), False)])
    ledger.within(lambda transaction: memberships.publish(transaction, change))
    assert segment_told(ledger) == memberships.differences(ledger.connection) == []


def create(which: str, name: str, expression: str) -> Apply:
    return SegmentWrites(NOUNS, new_lists(NO_SCALES)).create(Segment("", name, expression), which)


@pytest.mark.parametrize(
    ("name", "expression", "reason"),
    [
        ("All", "purchases = 0", ""),
        (" ", "purchases = 0", "FIELD_MISSING"),
        ("All", "", "FIELD_MISSING"),
        ("All", "purchases =", "FILTER_MALFORMED"),
        ("All", "colour = 1", "FILTER_FIELD_UNKNOWN"),
    ],
)
def test_a_segment_without_a_name_or_a_filter_that_can_be_read_is_refused(
    ledger: Ledger, name: str, expression: str, reason: str
) -> None:
    assert reason_of(ledger, create("all", name, expression)) == reason


def test_an_id_is_taken_until_its_segment_is_deleted(ledger: Ledger) -> None:
    lists = new_lists(NO_SCALES)
    segments, memberships = SegmentWrites(NOUNS, lists), Memberships(NOUNS, lists)
    ledger.commit([ledger.customers.create(Customer("", display_name="x"), "ann")])
    ledger.commit([create("all", "All", "purchases = 0")])
    assert reason_of(ledger, create("all", "All", "purchases = 0")) == "SEGMENT_EXISTS"
    (change,) = memberships.differences(ledger.connection)
    assert reason_of(ledger, segments.delete("all", '"1"')) == "ETAG_MISMATCH"
    assert reason_of(ledger, segments.delete("all", '"2"')) == ""
    assert reason_of(ledger, segments.delete("all", "")) == "SEGMENT_NOT_FOUND"
    ledger.within(lambda transaction: memberships.publish(transaction, change))
    assert segment_told(ledger) == []
    assert reason_of(ledger, create("all", "All", "purchases = 0")) == ""

"""Segments: what a saved filter must have, its etag, and how a difference in membership is published."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import Aborted, InvalidArgument
from clientela_server.domain.segments import (
    BATCH_SIZE,
    MembershipChange,
    Segment,
    match_etag,
    membership_changes,
    settled,
    unpublished,
)

LOST = Segment("win-back", "To win back", 'stage = "LOST"', revision=7)
IDS = st.lists(st.integers(0, 30).map(str), unique=True, max_size=20)
COUNTS = st.integers(0, 3 * BATCH_SIZE)


@pytest.mark.parametrize("field", ["display_name", "filter"])
@pytest.mark.parametrize("empty", ["", " ", "\t\n", "\u2003"])
def test_without_a_name_or_a_filter_it_is_refused_by_its_field(field: str, empty: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        settled(replace(LOST, **{field: empty}), 1, 1)
    assert (caught.value.reason, caught.value.facts["field"]) == ("FIELD_MISSING", f"segment.{field}")


def test_a_name_that_shows_nothing_is_refused() -> None:
    with pytest.raises(InvalidArgument) as caught:
        settled(replace(LOST, display_name="\u200b"), 1, 1)
    assert caught.value.facts["field"] == "segment.display_name"


@given(st.integers(1, 2**53), st.integers(1, 2**53), st.integers(1, 2**53))
def test_a_change_keeps_the_create_time_and_moves_the_etag(made: int, changed: int, revision: int) -> None:
    first = settled(replace(LOST, revision=0), made, revision)
    assert (first.create_us, first.update_us, first.revision) == (made, made, revision)
    second = settled(first, changed, revision + 1)
    assert (second.create_us, second.update_us) == (made, changed)
    assert second.etag != first.etag
    assert (second.name, second.filter) == ("segments/win-back", LOST.filter)


def test_texts_are_kept_in_one_unicode_form() -> None:
    found = settled(replace(LOST, display_name="Cafe\u0301", strategy="Cafe\u0301"), 1, 1)
    assert (found.display_name, found.strategy) == ("Caf\u00e9", "Caf\u00e9")


@pytest.mark.parametrize("etag", ["", '"7"'])
def test_the_current_etag_matches_and_none_is_no_condition(etag: str) -> None:
    match_etag(LOST, etag)


@given(st.text(min_size=1, max_size=5).filter('"7"'.__ne__))
def test_any_other_etag_is_refused_with_the_current_one(etag: str) -> None:
    with pytest.raises(Aborted) as caught:
        match_etag(LOST, etag)
    assert caught.value.facts == {"name": LOST.name, "etag": etag, "current_etag": '"7"'}


@given(COUNTS, COUNTS)
def test_a_difference_is_published_whole_in_changes_of_bounded_size(came: int, went: int) -> None:
    joined, left = [f"j{n}" for n in range(came)], [f"l{n}" for n in range(went)]
    changes = list(membership_changes(LOST, joined, left))
    assert [each for change in changes for each in change.joined] == joined
    assert [each for change in changes for each in change.left] == left
    assert all(0 < len(change.joined) + len(change.left) <= BATCH_SIZE for change in changes)
    assert len(changes) == -(-(came + went) // BATCH_SIZE)
    assert {change.revision for change in changes} <= {LOST.revision}


@given(IDS, IDS, st.sets(st.integers(0, 30).map(str)))
def test_what_was_published_by_another_server_is_not_published_again(
    joined: list[str], left: list[str], published: set[str]
) -> None:
    left = [each for each in left if each not in joined]
    rest = unpublished(MembershipChange("win-back", joined, left, 7), published)
    after = (published | set(joined)) - set(left)
    if rest is None:
        assert after == published
    else:
        assert not set(rest.joined) & published
        assert set(rest.left) <= published
        assert (published | set(rest.joined)) - set(rest.left) == after

"""The feed's rows say of a resource of any noun what people wrote in it."""

import pytest

from clientela_client.cli.output.change_view import CHANGE, first_text
from clientela_client.messages import Change, Policy, Segment, Spend


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (Segment(name="segments/best", display_name="Best", filter="purchases > 1", etag='"1"'), "Best"),
        (Spend(name="spends/s1", campaign="spring", recorded_by="ann"), "spring"),
        (Policy(new_days=30, etag='"7"'), ""),
    ],
    ids=["segment", "spend", "policy"],
)
def test_the_first_text_is_what_somebody_wrote(resource: object, text: str) -> None:
    assert first_text(resource) == text


def test_a_policy_has_nothing_to_show_and_an_erased_resource_neither() -> None:
    now = next(column for column in CHANGE.table if column.title == "NOW")
    assert now.plain(Change(policy=Policy(new_days=30, etag='"7"'))) == ""
    assert now.plain(Change(segment=Segment(name="segments/gone"))) == ""
    assert now.plain(Change()) == ""

"""Every threshold of the policy has bounds that its default keeps; what is beyond is refused by name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.standing.policy import NAMES, Policy, PolicyState, bounds, checked


def test_the_defaults_are_within_their_bounds() -> None:
    assert checked(Policy()) == Policy()


@given(st.data())
def test_any_policy_within_all_bounds_is_taken_as_it_is(data: st.DataObject) -> None:
    policy = Policy(**{name: data.draw(st.integers(*bounds(name)), name) for name in NAMES})
    assert checked(policy) == policy


@pytest.mark.parametrize("name", NAMES)
def test_one_step_beyond_a_bound_is_refused_with_the_field_and_both_bounds(name: str) -> None:
    least, greatest = bounds(name)
    for value in (least - 1, greatest + 1):
        with pytest.raises(InvalidArgument) as caught:
            checked(replace(Policy(), **{name: value}))
        assert caught.value.reason == "THRESHOLD_INVALID"
        assert caught.value.facts == {
            "field": f"policy.{name}",
            "least": str(least),
            "greatest": str(greatest),
        }


def test_the_policy_is_one_resource_with_an_etag_of_its_last_change() -> None:
    state = PolicyState(Policy(), 3, 5)
    assert state.name == "policy"
    assert state.etag == '"5"'

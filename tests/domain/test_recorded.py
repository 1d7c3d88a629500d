"""The time of a record is in the past, or ahead by no more than clocks may differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.purchases import CLOCK_SKEW_US
from clientela_server.domain.recorded import settled_time

NOW_US = 1_700_000_000_000_000


@given(st.integers(0, NOW_US + CLOCK_SKEW_US))
def test_a_time_that_was_is_kept(stated_us: int) -> None:
    assert settled_time(stated_us, NOW_US, "visit.visit_time") == stated_us


def test_a_time_that_is_not_stated_is_now() -> None:
    assert settled_time(None, NOW_US, "visit.visit_time") == NOW_US


def test_a_time_to_come_is_refused_by_its_field() -> None:
    with pytest.raises(InvalidArgument) as refused:
        settled_time(NOW_US + CLOCK_SKEW_US + 1, NOW_US, "visit.visit_time")
    assert refused.value.reason == "TIME_IN_FUTURE"
    assert refused.value.facts["field"] == "visit.visit_time"

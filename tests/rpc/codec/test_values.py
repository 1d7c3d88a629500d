"""Dates on the wire: each day of the calendar there and back, and nothing else."""

from datetime import date, timedelta

import pytest
from google.type.date_pb2 import Date
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import InvalidArgument
from clientela_server.rpc.codec.values import from_date, to_date


@given(st.dates())
def test_each_day_comes_back(day: date) -> None:
    message = Date(year=day.year, month=day.month, day=day.day)
    number = from_date(message, "as_of")
    assert date(1970, 1, 1) + timedelta(days=number) == day
    assert to_date(number) == message


@pytest.mark.parametrize(
    ("year", "month", "day", "said"),
    [
        (0, 0, 0, "0000-00-00"),
        (2026, 0, 0, "2026-00-00"),
        (2026, 3, 0, "2026-03-00"),
        (0, 3, 1, "0000-03-01"),
        (2026, 2, 29, "2026-02-29"),
        (2026, 2, 31, "2026-02-31"),
        (2026, 13, 1, "2026-13-01"),
        (10_000, 1, 1, "10000-01-01"),
        (-1, 1, 1, "-001-01-01"),
    ],
)
def test_what_is_no_day_is_refused_with_its_field(year: int, month: int, day: int, said: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        from_date(Date(year=year, month=month, day=day), "start")
    assert caught.value.reason == "DATE_INVALID"
    assert caught.value.facts == {"field": "start", "date": said}

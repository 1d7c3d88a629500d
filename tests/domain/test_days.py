"""Days and months are those of the UTC calendar, counted without gaps."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.days import DAY_US, date_of, day_of, first_day_of, month_of

# The calendar of Python: years 1 to 9999.
DATES = st.dates(date(2, 1, 1), date(9999, 12, 31))
EPOCH = date(1970, 1, 1)


@given(DATES, st.integers(0, DAY_US - 1))
def test_any_time_of_a_day_is_on_that_day(at: date, within_us: int) -> None:
    day = (at - EPOCH).days
    assert day_of(day * DAY_US + within_us) == day
    assert date_of(day) == at.isoformat()


@given(DATES)
def test_a_month_is_twelve_times_the_year_and_its_first_day_is_the_first(at: date) -> None:
    month = month_of((at - EPOCH).days)
    assert divmod(month, 12) == (at.year, at.month - 1)
    assert date_of(first_day_of(month)) == at.replace(day=1).isoformat()


@given(st.integers(12 * 1900, 12 * 2200))
def test_months_follow_each_other_without_a_gap(month: int) -> None:
    begin, end = first_day_of(month), first_day_of(month + 1)
    assert {month_of(day) for day in range(begin, end)} == {month}
    assert month_of(end) == month + 1


def test_a_time_before_1970_is_on_the_day_that_it_is_on() -> None:
    assert (day_of(-1), day_of(0), day_of(DAY_US)) == (-1, 0, 1)
    assert (date_of(-1), date_of(0), date_of(20_000)) == ("1969-12-31", "1970-01-01", "2024-10-04")

"""What a word of a filter may be: its form is bounded before it is converted, and what is taken is exact."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.store.filters import filter_values as values

READERS = (values.read_integer, values.read_decimal, values.read_nanos, values.read_time, values.read_day)
# Short texts that cost minutes, and what Python takes for numbers and days besides what people write.
HOSTILE = [
    "1E999990",
    "-1e999990",
    "1e-999990",
    "0e999999999",
    "1e1000",
    "9" * 4000,
    "0." + "0" * 4000 + "1",
    "1_0",
    "1_0.0",
    "\uff11\uff10",
    "\u0661\u0660",
    "\u0967\u0966",
    " 1",
    "1\n",
    "0x10",
    "1.",
    ".5",
    "NaN",
    "sNaN",
    "Infinity",
    "-inf",
    "2026-W01-1",
    "2026W011",
    "2026-0131",
    "2026-02-30",
    "\uff12\uff10\uff12\uff16-01-31",
    "2026-01-31T24:00:00Z",
    "2026-01-31+02:00",
    "2026-01-31x12:00:00Z",
    "2026-01-31T12",
    "2026-01-31T12:00:00+02",
    "2026-01-31T12:00:00.1234567890Z",
    "0000-01-01",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("read", READERS)
def test_what_no_person_writes_is_no_value(read: Callable[[str], object], text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["1E999990", "9" * 4000, "1_0", "\uff11\uff10"])
def test_what_is_no_number_is_not_even_converted(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(_: str) -> Decimal:
        raise AssertionError("it was converted")

    monkeypatch.setattr(values, "Decimal", convert)
    assert values.read_nanos(text) is None
    with pytest.raises(AssertionError):
        values.read_nanos("1")


@given(number=st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_whole_number_comes_out_as_it_was_written(number: int) -> None:
    assert values.read_integer(str(number)) == number
    assert values.read_integer(str(number + 2**64)) is None


@given(nanos=st.integers(-(2**63) * NANOS_PER_UNIT + 1, 2**63 * NANOS_PER_UNIT - 1))
def test_an_amount_comes_out_to_the_nano(nanos: int) -> None:
    written = f"{'-' if nanos < 0 else ''}{abs(nanos) // NANOS_PER_UNIT}.{abs(nanos) % NANOS_PER_UNIT:09}"
    assert values.read_nanos(written) == nanos


@given(
    digits=st.text("0123456789", min_size=1, max_size=60),
    behind=st.none() | st.text("0123456789", min_size=1, max_size=60),
    exponent=st.none() | st.integers(-300, 300),
)
def test_a_number_is_exact_or_refused(digits: str, behind: str | None, exponent: int | None) -> None:
    text = digits + ("" if behind is None else f".{behind}") + ("" if exponent is None else f"e{exponent}")
    exact = Fraction(text) * NANOS_PER_UNIT
    assert values.read_nanos(text) in {None, exact}


@given(day=st.dates(), time=st.datetimes(timezones=st.timezones() | st.just(datetime.UTC)))
@example(day=datetime.date(1, 1, 1), time=datetime.datetime(1844, 1, 1, tzinfo=ZoneInfo("Pacific/Saipan")))
def test_days_and_times_come_out_as_they_were_written(day: datetime.date, time: datetime.datetime) -> None:
    offset = time.utcoffset() or datetime.timedelta()
    # Before there were zones, a place had a time of its own: seconds, or over 14 hours, away from UTC.
    if offset.seconds % 60 == 0 and abs(offset) <= datetime.timedelta(hours=14):
        since = time - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        assert values.read_time(time.isoformat()) == since // datetime.timedelta(microseconds=1)
    found = values.read_day(day.isoformat())
    assert found is not None
    assert datetime.date.fromordinal(found + datetime.date(1970, 1, 1).toordinal()) == day

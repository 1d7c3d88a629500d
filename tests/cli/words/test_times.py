"""Times are read as they are meant, or refused with the fact; nothing is read as something near it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.words.times import NotATime, parse_day, parse_time, pretty_time
from tests.cli.running import Cli


@given(
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_a_time_is_the_same_moment_in_any_offset(moment: datetime, offset_minutes: int) -> None:
    local = moment.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    seconds, nanos = parse_time(local.isoformat())
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=nanos // 1000) == local
    assert 0 <= nanos < 10**9


def test_a_plain_date_is_its_midnight_in_utc() -> None:
    assert parse_time("1997-01-01") == parse_time("1997-01-01T00:00:00Z") == (852_076_800, 0)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        ("1900-01-01", "1900-01-01T00:00:00Z"),
        ("1969-12-31", "1969-12-31T00:00:00Z"),
        ("2026-03-01T10:22", "2026-03-01T10:22:00Z"),
        ("2026-03-01 10:22:33", "2026-03-01T10:22:33Z"),
        ("2026-03-01t10:22:33z", "2026-03-01T10:22:33Z"),
        ("2026-03-01T10:22:33+0100", "2026-03-01T09:22:33Z"),
        ("2026-03-01T00:30:00+02:00", "2026-02-28T22:30:00Z"),
        ("2026-03-01T10:22:33-12:00", "2026-03-01T22:22:33Z"),
        ("2026-03-01T10:22:33+14:00", "2026-02-28T20:22:33Z"),
        ("2026-03-01T10:22:33.5Z", "2026-03-01T10:22:33.5Z"),
        ("2026-03-01T10:22:33.123456000Z", "2026-03-01T10:22:33.123456Z"),
    ],
)
def test_what_is_documented_is_read_as_it_is_meant(text: str, utc: str) -> None:
    seconds, nanos = parse_time(text)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=nanos // 1000)
    assert moment == datetime.fromisoformat(utc)


NO_TIMES = [
    ("", "neither a date"),
    ("yesterday", "neither a date"),
    ("1/2/1997", "neither a date"),
    ("1997-13-01", "neither a date.*: there is no month 13"),
    ("2026-00-01", "there is no month 00"),
    ("1997-02-29", "is no day: 1997-02 has the days 01 to 28"),
    ("2026-02-30T10:00Z", "is no day: 2026-02 has the days 01 to 28"),
    ("2026-04-00", "is no day: 2026-04 has the days 01 to 30"),
    ("0000-02-30", "is no day"),
    ("2026-3-1", "neither a date"),
    ("2026/03/01", "neither a date"),
    ("20260301", "neither a date"),
    ("20260301T102233Z", "neither a date"),
    ("2026-W09", "neither a date"),
    ("2026-W05-1", "neither a date"),
    ("2026W051", "neither a date"),
    ("2026-060", "neither a date"),
    ("1772359353", "neither a date"),
    ("2026-03-01T24:00:00", "neither a date"),
    ("2026-03-01T23:59:60Z", "neither a date"),
    ("2026-03-01T10", "neither a date"),
    ("2026-03-01x07", "neither a date"),
    ("2026-03-0115:30", "neither a date"),
    ("2026-03-01T10:22:33,5Z", "neither a date"),
    ("2026-03-01T10:22:33 +0100", "neither a date"),
    ("2026-03-01T10:22:33+01", "neither a date"),
    ("2026-03-01T10:22:33+01:00:30", "neither a date"),
    ("2026-03-01T10:22:33.1234567890Z", "neither a date"),
    ("\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0661", "neither a date"),
    ("\uff12\uff10\uff12\uff16-03-01", "neither a date"),
    ("2026-03-01\n", "neither a date"),
    ("2026-03-01+02:00", "a date with an offset"),
    ("2026-03-01-05:00", "a date with an offset"),
    ("2026-03-01Z", "a date with an offset"),
    ("2026-03-01 +0200", "a date with an offset"),
    ("2026-03-01T10:22:33+25:00", "no place on earth"),
    ("2026-03-01T10:22:33-14:30", "no place on earth"),
    ("2026-03-01T10:22:33.123456789Z", "finer than a microsecond"),
    ("0001-01-01", "before 1900"),
    ("0026-03-01", "before 1900"),
    ("1899-12-30T00:00:00Z", "before 1900"),
]


@pytest.mark.parametrize(("text", "fact"), NO_TIMES)
def test_what_may_mean_something_else_is_refused_with_the_fact(text: str, fact: str) -> None:
    with pytest.raises(NotATime, match=fact):
        parse_time(text)
    with pytest.raises(NotATime):
        parse_day(text)


@pytest.mark.parametrize("text", ["2026-03-01+02:00", "2026-W05-1", "0001-01-01", "2026-02-30"])
def test_options_read_times_as_files_do(bare: Cli, text: str) -> None:
    for words in (
        ("purchases", "record", "ann", "1", "EUR", "--time", text),
        ("standing", "get", "ann", "--at", text),
        ("economics", "show", "--from", text),
        ("economics", "show", "--as-of", text),
        ("spends", "record", "advertising", "1", "EUR", "--from", "2026-02-01", "--to", text),
    ):
        ended = bare("--server", "127.0.0.1:1", *words)
        assert ended.exit_code == 2, ended.stderr
        assert f'Invalid value for {words[-2]}: "{text}" is' in ended.stderr.replace("'", "")


def test_people_see_a_midnight_as_its_day() -> None:
    assert pretty_time("1997-01-01T00:00:00Z") == "1997-01-01"
    assert pretty_time("1997-01-01T08:26:00.5Z") == "1997-01-01 08:26:00"
    assert pretty_time("") == ""

"""Names, times and enum values as people type them, and as the contract has them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client import messages
from clientela_client.cli import words
from clientela_client.cli.names import customer_name, purchase_name, resource_name, short_name, watched_name
from clientela_client.cli.times import NotATime, parse_time, pretty_time


@pytest.mark.parametrize("text", ["42", "customers/42"])
def test_a_customer_is_named_in_short_or_in_full(text: str) -> None:
    assert customer_name(text) == resource_name(text) == "customers/42"


@pytest.mark.parametrize("text", ["42/7", "customers/42/purchases/7", "42/purchases/7", "customers/42/7"])
def test_a_purchase_is_named_in_short_or_in_full(text: str) -> None:
    assert purchase_name(text) == resource_name(text) == "customers/42/purchases/7"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("*", "*"),
        ("42", "customers/42"),
        ("42/*", "customers/42/purchases/*"),
        ("customers/42/purchases/*", "customers/42/purchases/*"),
        ("an*", "customers/an*"),
    ],
)
def test_what_is_watched_is_named_in_short_or_in_full(text: str, name: str) -> None:
    assert watched_name(text) == name


def test_a_short_name_is_one_that_can_be_typed() -> None:
    for name in ("customers/42", "customers/42/purchases/7"):
        assert resource_name(short_name(name)) == name


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_a_time_is_the_same_moment_in_any_offset(moment: datetime, offset_minutes: int) -> None:
    local = moment.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    seconds, nanos = parse_time(local.isoformat())
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=nanos // 1000) == local
    assert 0 <= nanos < 10**9


def test_a_plain_date_is_its_midnight_in_utc() -> None:
    assert parse_time("1997-01-01") == parse_time("1997-01-01T00:00:00Z") == (852_076_800, 0)


@pytest.mark.parametrize("text", ["", "1/2/1997", "1997-13-01", "yesterday", "1997-02-29"])
def test_what_is_no_date_is_no_time(text: str) -> None:
    with pytest.raises(NotATime, match="neither a date"):
        parse_time(text)


def test_people_see_a_midnight_as_its_day() -> None:
    assert pretty_time("1997-01-01T00:00:00Z") == "1997-01-01"
    assert pretty_time("1997-01-01T08:26:00.5Z") == "1997-01-01 08:26:00"
    assert pretty_time("") == ""


ENUMS = [
    (words.CHANNELS, messages.AcquisitionChannel),
    (words.CONTACT_CHANNELS, messages.ContactChannel),
    (words.PURPOSES, messages.PurchasePurpose),
    (words.SALES_PATHS, messages.SalesPath),
    (words.SOURCES, messages.PurchaseSource),
]


@pytest.mark.parametrize(("known", "enum"), ENUMS, ids=[words.PREFIXES[known] for known, _ in ENUMS])
def test_the_words_are_all_that_the_contract_has(known: tuple[str, ...], enum: object) -> None:
    in_contract = [name for name in enum.keys() if not name.endswith("_UNSPECIFIED")]  # type: ignore[attr-defined]  # noqa: SIM118
    assert [words.enum_name(known, word) for word in known] == in_contract


@pytest.mark.parametrize("text", ["own_use", "Own-Use", "OWN USE", " PURCHASE_PURPOSE_OWN_USE "])
def test_a_word_may_be_typed_in_several_ways(text: str) -> None:
    assert words.enum_name(words.PURPOSES, text) == "PURCHASE_PURPOSE_OWN_USE"


def test_another_word_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(words.NotAWord, match='"fun" is none of own_use, resale, business_use'):
        words.enum_name(words.PURPOSES, "fun")


def test_the_thresholds_are_those_of_the_contract() -> None:
    fields = messages.Policy.DESCRIPTOR.fields
    assert list(words.THRESHOLDS) == [field.name for field in fields if field.type == field.TYPE_INT32]

"""Names and enum values as people type them, and as the contract has them."""

import pytest

from clientela_client import messages
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.names import (
    customer_name,
    purchase_name,
    resource_name,
    short_name,
    watched_name,
)


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


ENUMS = [
    (enum_choices.CHANNELS, messages.AcquisitionChannel),
    (enum_choices.CONTACT_CHANNELS, messages.ContactChannel),
    (enum_choices.PURPOSES, messages.PurchasePurpose),
    (enum_choices.SALES_PATHS, messages.SalesPath),
    (enum_choices.SOURCES, messages.PurchaseSource),
]


@pytest.mark.parametrize(("known", "enum"), ENUMS, ids=[enum_choices.PREFIXES[known] for known, _ in ENUMS])
def test_the_words_are_all_that_the_contract_has(known: tuple[str, ...], enum: object) -> None:
    in_contract = [name for name in enum.keys() if not name.endswith("_UNSPECIFIED")]  # type: ignore[attr-defined]  # noqa: SIM118
    assert [enum_choices.enum_name(known, word) for word in known] == in_contract


@pytest.mark.parametrize("text", ["own_use", "Own-Use", "OWN USE", " PURCHASE_PURPOSE_OWN_USE "])
def test_a_word_may_be_typed_in_several_ways(text: str) -> None:
    assert enum_choices.enum_name(enum_choices.PURPOSES, text) == "PURCHASE_PURPOSE_OWN_USE"


def test_another_word_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(enum_choices.UnknownChoice, match='"fun" is none of own_use, resale, business_use'):
        enum_choices.enum_name(enum_choices.PURPOSES, "fun")


def test_the_thresholds_are_those_of_the_contract() -> None:
    fields = messages.Policy.DESCRIPTOR.fields
    assert list(enum_choices.THRESHOLDS) == [field.name for field in fields if field.type == field.TYPE_INT32]

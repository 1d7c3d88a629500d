"""The registrations of nouns: what journal, feed and erasure read from them, and that none is left out."""

import pytest

from clientela.v1 import feed_pb2
from clientela_server.domain.purchases import Purchase
from clientela_server.nouns import NOUNS
from clientela_server.store.database.schema import metadata
from clientela_server.store.journal.nouns import LocatingRows, Noun, Nouns

FIELDS = {
    field.name
    for field in feed_pb2.Change.DESCRIPTOR.fields
    if field.message_type and field.message_type.file.package == "clientela.v1"
}


def test_each_field_of_the_feed_is_a_noun_and_each_noun_a_field() -> None:
    assert {noun.name for noun in NOUNS} == FIELDS


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("customers/ann", "customer"),
        ("customers/ann/purchases/p1", "purchase"),
        ("segments/best", "segment"),
        ("spends/s1", "spend"),
        ("policy", "policy"),
    ],
)
def test_a_resource_name_leads_to_its_noun(name: str, noun: str) -> None:
    assert NOUNS.of_resource(name).name == noun
    with pytest.raises(KeyError):
        NOUNS.of_resource(name + "/visits/v1")


def test_a_noun_without_resources_of_its_own_is_found_by_no_name() -> None:
    beside = Noun("beside", Purchase, NOUNS.codec(Purchase))
    with pytest.raises(KeyError):
        Nouns(beside).of_resource("")


def test_the_parts_of_a_pattern_are_columns_of_the_table() -> None:
    for noun in NOUNS:
        if noun.rows is not None:
            keys = dict.fromkeys(noun.rows.table.primary_key.columns.keys(), "x")
            assert noun.pattern.format(**keys).count("x") >= len(keys)
            assert noun.rows.table in metadata.sorted_tables


def test_what_is_stripped_is_a_customers_and_can_be_found() -> None:
    personal = [noun for noun in NOUNS if noun.strip is not None]
    assert {noun.name for noun in personal} >= {"customer", "purchase"}
    for noun in personal:
        assert noun.pattern.startswith("customers/{customer_id}")
        assert noun.rows is None or isinstance(noun.rows, LocatingRows)

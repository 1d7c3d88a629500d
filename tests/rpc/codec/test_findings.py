"""Findings put together as bytes are what serializing their messages gives, in every language."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.standing.findings import NEVER, Finding, Flip, Measure
from clientela_server.domain.standing.standing import standing_of
from clientela_server.rpc.codec.findings import encoded_finding
from clientela_server.rpc.locales import LANGUAGES
from tests.domain.random_clients import clients, day_of, facts_of, market_of, others, policies, todays
from tests.rpc.codec.naive_findings import to_finding

MANY = {"thorough": 5_000, "brief": 30}.get(settings.get_current_profile_name(), 60)


@settings(max_examples=MANY)
@given(st.data())
def test_the_bytes_are_those_of_the_message(data: Any) -> None:
    today, policy, among = data.draw(todays), data.draw(policies), data.draw(others)
    client = data.draw(clients(today))
    market = market_of(client, policy, among, today)
    for finding in standing_of(facts_of(client), policy, market, day_of(today), client.id).findings:
        for language in LANGUAGES:
            encoded = encoded_finding(finding, language)
            assert encoded == to_finding(finding, language).SerializeToString(), finding


MASS = Finding(
    "MASS",
    False,
    rule_id="kind.mass.quantity",
    measures=(Measure("median_quantity", "1", "4", "tea"),),
    flip=Flip("buy_quantity", purchases=1, category="tea", quantity="5"),
    says="mass.no",
    facts={"category": "tea", "clients": "1"},
)


@pytest.mark.parametrize("category", ["1 days", "1 new clients, 1 purchases", "0.1 years", "%(label)s %"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_category_may_read_like_a_sentence_or_a_pattern(category: str, language: str) -> None:
    finding = replace(
        MASS,
        measures=(replace(MASS.measures[0], unit=category),),
        flip=replace(MASS.flip, category=category),
        facts={**MASS.facts, "category": category},
    )
    assert encoded_finding(finding, language) == to_finding(finding, language).SerializeToString()


@pytest.mark.parametrize("length", [1, 127, 128, 16_383, 16_384])
def test_texts_may_be_of_any_length_and_alphabet(length: int) -> None:
    category = "ž" * length
    finding = replace(MASS, facts={**MASS.facts, "category": category}, flip=NEVER)
    finding = replace(finding, measures=(replace(MASS.measures[0], unit=category, threshold=None),))
    assert encoded_finding(finding, "lt") == to_finding(finding, "lt").SerializeToString()


def test_another_measure_gives_other_bytes() -> None:
    """The comparison above is not one of nothing with nothing."""
    other = replace(MASS, measures=(replace(MASS.measures[0], value="2"),))
    assert encoded_finding(MASS, "en") != to_finding(other, "en").SerializeToString()

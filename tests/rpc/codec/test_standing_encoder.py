"""A standing in parts, of which those of clients who are alike are kept, is the one that the rules give."""

from array import array
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.v1 import standing_pb2 as pb
from clientela_server.domain.standing.facts import Facts, with_purchase
from clientela_server.domain.standing.market import RankingThresholds
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.standing import standing_of
from clientela_server.rpc.codec.standing_encoder import StandingEncoder, encoded_standing, encoder_of
from clientela_server.rpc.locales import LANGUAGES
from tests.domain.naive import Client, Others
from tests.domain.random_clients import clients, day_of, facts_of, market_of, others, policies, todays

MANY = {"thorough": 5_000, "brief": 30}.get(settings.get_current_profile_name(), 60)
TODAY = date(2026, 5, 1)


def alone(facts: Facts, policy: Policy, market: RankingThresholds, today: date, language: str) -> pb.Standing:
    """Judge a client, and encode nothing but the findings of its own."""
    judged = standing_of(facts, policy, market, day_of(today), "m")
    return pb.Standing.FromString(encoded_standing(judged, market, language))


@settings(max_examples=MANY)
@given(st.data())
def test_the_parts_are_the_whole(data: Any) -> None:
    today, policy, among = data.draw(todays), data.draw(policies), data.draw(others)
    language = data.draw(st.sampled_from(LANGUAGES))
    encoder = encoder_of(policy, day_of(today), language)
    for client in data.draw(st.lists(clients(today), min_size=1, max_size=4)):
        facts, market = facts_of(client), market_of(client, policy, among, today)
        encoded = pb.Standing.FromString(encoder.encode("m", facts, market))
        assert encoded == alone(facts, policy, market, today, language)


# Clients of whom the next one differs from the first in one thing each.
BOUGHT = with_purchase(Facts(1, reachable=True), day_of(TODAY) - 9, "EUR", 10**9, purpose=1, sales_path=1)
ALMOST_ALIKE: dict[str, Callable[[Facts], Facts]] = {
    "nothing": lambda facts: facts,
    "party": lambda facts: changed(facts, party=2),
    "reachable": lambda facts: changed(facts, reachable=False),
    "prefers": lambda facts: changed(facts, prefers=True),
    "referrals": lambda facts: changed(facts, referrals=1),
    "own use": lambda facts: changed(facts, own_use=2),
    "business": lambda facts: changed(facts, business=1),
    "direct": lambda facts: changed(facts, direct=2),
    "partner": lambda facts: changed(facts, partner=1),
    "purchases": lambda facts: changed(facts, purchases=2),
    "the day": lambda _: with_purchase(
        Facts(1, reachable=True), day_of(TODAY) - 10, "EUR", 10**9, purpose=1, sales_path=1
    ),
    "the month": lambda facts: changed(facts, months=array("i", [facts.months[0] - 1])),
    "another day of the month": lambda facts: with_purchase(facts, facts.days[0] - 1, "EUR", 10**9),
    "another month": lambda facts: with_purchase(facts, facts.days[0] - 40, "EUR", 10**9),
    "the currency": lambda _: with_purchase(
        Facts(1, reachable=True), day_of(TODAY) - 9, "PLN", 10**9, purpose=1, sales_path=1
    ),
    "the amount": lambda _: with_purchase(
        Facts(1, reachable=True), day_of(TODAY) - 9, "EUR", 10**10, purpose=1, sales_path=1
    ),
    "what was bought": lambda facts: changed(facts, quantities={"tea": {"30": 1}}),
}


def changed(facts: Facts, **fields: Any) -> Facts:
    after = facts.copied()
    for name, value in fields.items():
        setattr(after, name, value)
    return after


def differing(encoder: StandingEncoder) -> list[str]:
    """Encode all of them by one encoder; return of whom it says what is not so."""
    market = market_of(Client(), Policy(), Others({"EUR": {"a": 5000}}, {"tea": []}), TODAY)
    wrong = []
    for name, change in ALMOST_ALIKE.items():
        facts = change(BOUGHT)
        encoded = pb.Standing.FromString(encoder.encode("m", facts, market))
        if encoded != alone(facts, Policy(), market, TODAY, "en"):
            wrong.append(name)
    return wrong


def test_no_part_is_taken_for_that_of_a_client_who_differs() -> None:
    assert differing(StandingEncoder(Policy(), day_of(TODAY), "en")) == []


@pytest.mark.parametrize(
    ("part", "forgotten", "wrong"),
    [
        ("_party", 2, "business"),
        ("_retail", 1, "partner"),
        ("_staying", 1, "reachable"),
        ("_stages_of_few", 1, "referrals"),
        ("_season_of_few", 0, "the month"),
    ],
)
def test_a_part_kept_without_one_of_its_facts_is_found_out(part: str, forgotten: int, wrong: str) -> None:
    encoder, kept = StandingEncoder(Policy(), day_of(TODAY), "en"), {}
    encode = getattr(encoder, part)

    def forgetful(*given: int) -> bytes:
        key = given[:forgotten] + given[forgotten + 1 :]
        return kept.setdefault(key, encode(*given))

    setattr(encoder, part, forgetful)
    assert wrong in differing(encoder)


def test_an_encoder_is_that_of_its_policy_day_and_language() -> None:
    encoder = encoder_of(Policy(), 20_000, "en")
    assert encoder_of(Policy(), 20_000, "en") is encoder
    others = (Policy(new_days=91), 20_000, "en"), (Policy(), 20_001, "en"), (Policy(), 20_000, "pl")
    assert all(encoder_of(*each) is not encoder for each in others)

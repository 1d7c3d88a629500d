"""Kinds turn exactly at the policy's percentages; nothing stated is no share at all."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.standing import kinds
from clientela_server.domain.standing.facts import ORGANIZATION, PERSON, Facts
from clientela_server.domain.standing.kinds import RELATIVE_BITS, Kind, kinds_of, reaches
from clientela_server.domain.standing.policy import Policy
from tests.domain.clients import POLICY, Bought, facts_of, ledgers
from tests.domain.random_clients import policies

COUNTS = st.integers(0, 300)
PERCENTS = st.integers(1, 100)


@given(COUNTS, COUNTS, PERCENTS)
def test_a_share_reaches_a_percentage_exactly(part: int, rest: int, percent: int) -> None:
    whole = part + rest
    assert reaches(part, whole, percent) == (part > 0 and Fraction(part, whole) >= Fraction(percent, 100))


@given(COUNTS, COUNTS, st.integers(1, 99), st.sampled_from([0, PERSON, ORGANIZATION]))
def test_business_and_individual_exclude_each_other(
    own: int, business: int, percent: int, party: int
) -> None:
    facts = Facts(party=party, own_use=own, business=business)
    policy = replace(POLICY, business_percent=percent)
    assert not (kinds.is_individual(facts, policy) and kinds.is_business(facts, policy))
    assert kinds.is_individual(facts, policy) or kinds.is_business(facts, policy) or party == 0
    most = own + business > 0 and Fraction(business, own + business) > Fraction(percent, 100)
    assert kinds.buys_for_business(facts, policy) == most


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        (kinds.is_b2c, ("own_use", "business", "b2c_percent")),
        (kinds.is_b2b, ("business", "own_use", "b2b_percent")),
        (kinds.is_retail, ("direct", "partner", "retail_percent")),
    ],
)
def test_a_kind_by_share_begins_at_its_percentage_and_not_before(
    rule: object, fields: tuple[str, str, str]
) -> None:
    part, rest, threshold = fields
    percent = 20
    policy = replace(POLICY, **{threshold: percent})
    assert rule(Facts(**{part: 20, rest: 80}), policy)  # type: ignore[operator]
    assert not rule(Facts(**{part: 19, rest: 80}), policy)  # type: ignore[operator]
    assert not rule(Facts(), policy)  # type: ignore[operator]


@given(ledgers, st.booleans(), st.booleans())
def test_who_bought_is_either_buyer_or_client(ledger: list[Bought], reachable: bool, prefers: bool) -> None:
    facts = facts_of(ledger, reachable=reachable, prefers=prefers)
    client, buyer = kinds.is_client(facts, POLICY), kinds.is_buyer(facts, POLICY)
    assert client + buyer == bool(ledger)
    if not (reachable or prefers):
        assert not client


@given(ledgers, st.sampled_from([0, PERSON, ORGANIZATION]))
def test_the_bits_are_the_rules_and_none_that_depends_on_others(ledger: list[Bought], party: int) -> None:
    facts = facts_of(ledger, party=party)
    bits = kinds_of(facts, Policy())
    rules = {kind: rule for kind in Kind if (rule := getattr(kinds, f"is_{kind.name.lower()}", None))}
    assert len(rules) == len(Kind) - 2  # but STRATEGIC and MASS
    for kind, rule in rules.items():
        assert bool(bits >> kind & 1) == rule(facts, Policy())
    assert not bits & RELATIVE_BITS
    assert kinds_of(facts, Policy(), same_days=bits) == bits


@given(policies)
def test_of_whom_nothing_is_known_is_of_no_kind_by_any_policy(policy: Policy) -> None:
    assert kinds_of(Facts(), policy) == 0

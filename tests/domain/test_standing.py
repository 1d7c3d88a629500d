"""Every label can be reached and left; a finding's flip, when it is followed, turns its label."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain import kinds, stages
from clientela_server.domain.facts import Facts, date_of
from clientela_server.domain.findings import NEVER, Finding
from clientela_server.domain.kinds import Kind, kinds_of
from clientela_server.domain.market import Market, QuantityLine, RevenueLine, is_mass, is_strategic
from clientela_server.domain.policy import Policy
from clientela_server.domain.seasons import is_seasonal
from clientela_server.domain.stages import Stage, due_day, stage_of
from clientela_server.domain.standing import standing_of
from tests.domain.clients import COIN, POLICY, TODAY, Bought, clients, facts_of, follow, policies

LABELS = {stage.name for stage in Stage if stage} | {kind.name for kind in Kind}
ME = "blue-door"
markets = st.builds(
    lambda amount, least: Market(
        TODAY,
        0,
        {"EUR": RevenueLine(amount * COIN, "m", 3, 10**9 * COIN)},
        {"tea": QuantityLine(least, 30), "cups": QuantityLine(None, 3)},
    ),
    st.integers(1, 300_000),
    st.sampled_from([Decimal(1), Decimal("2.5"), Decimal(10)]),
)
MARKET = Market(
    TODAY, 0, {"EUR": RevenueLine(5000 * COIN, "m", 3, 10**9)}, {"tea": QuantityLine(Decimal(4), 30)}
)


def findings(
    facts: Facts, policy: Policy = POLICY, market: Market = MARKET, day: int = TODAY
) -> dict[str, Finding]:
    return {each.label: each for each in standing_of(facts, policy, market, day, ME).findings}


STAGES = {
    "NEW": stages.is_new,
    "REGULAR": stages.is_regular,
    "LOYAL": stages.is_loyal,
    "LOST": stages.is_lost,
}
KINDS = {
    "INDIVIDUAL": kinds.is_individual,
    "BUSINESS": kinds.is_business,
    "B2C": kinds.is_b2c,
    "B2B": kinds.is_b2b,
    "SEASONAL": is_seasonal,
    "RETAIL": kinds.is_retail,
    "BUYER": kinds.is_buyer,
    "CLIENT": kinds.is_client,
}


def holds(label: str, facts: Facts, policy: Policy, market: Market, day: int) -> bool:
    """A label's rule by itself, without the reasons."""
    match label:
        case "POTENTIAL":
            return stages.is_potential(facts)
        case "STRATEGIC":
            return is_strategic(facts, policy, market, day, ME)
        case "MASS":
            return is_mass(facts, market)
    return STAGES[label](facts, policy, day) if label in STAGES else KINDS[label](facts, policy)


@settings(max_examples=500, deadline=None)
@given(clients, policies, markets)
def test_a_finding_holds_where_its_rule_does(facts: Facts, policy: Policy, market: Market) -> None:
    for label, finding in findings(facts, policy, market).items():
        assert finding.holds == holds(label, facts, policy, market, TODAY)


@pytest.mark.timeout(300)
@settings(max_examples=20 * settings.default.max_examples, deadline=None)
@given(clients, policies, markets)
def test_following_what_flips_a_label_flips_it(facts: Facts, policy: Policy, market: Market) -> None:
    found = findings(facts, policy, market)
    assert found.keys() == LABELS
    for label, finding in found.items():
        if finding.flip.says == "never":
            continue
        after, day = follow(finding.flip, facts, TODAY)
        assert holds(label, after, policy, market, day) != finding.holds, (label, finding)


@settings(max_examples=300, deadline=None)
@given(clients)
def test_with_the_default_policy_few_labels_can_not_be_turned(facts: Facts) -> None:
    found = findings(facts)
    stuck = {label for label, each in found.items() if each.flip == NEVER}
    bought = {"POTENTIAL", "NEW"} if facts.days else set()
    assert stuck <= bought | ({"MASS"} if "tea" not in facts.quantities else set())


@settings(max_examples=300, deadline=None)
@given(clients, policies, st.integers(1, 1000))
def test_nothing_changes_by_time_before_the_day_that_is_due(facts: Facts, policy: Policy, later: int) -> None:
    due = due_day(facts, policy, TODAY)
    if due is None or TODAY + later < due:
        assert stage_of(facts, policy, TODAY + later) == stage_of(facts, policy, TODAY)


@settings(max_examples=300, deadline=None)
@given(clients, policies, markets)
def test_the_kinds_are_those_whose_findings_hold(facts: Facts, policy: Policy, market: Market) -> None:
    standing = standing_of(facts, policy, market, TODAY, ME)
    held = {each.label for each in standing.findings if each.holds}
    assert {kind.name for kind in standing.kinds} == held & set(Kind.__members__)
    own = kinds_of(facts, policy)
    relative = {Kind.STRATEGIC, Kind.MASS}
    assert {kind for kind in Kind if own >> kind & 1} == set(standing.kinds) - relative


@settings(max_examples=300, deadline=None)
@given(clients)
def test_with_the_default_policy_at_most_one_stage_holds_besides_regular(facts: Facts) -> None:
    held = {label for label, each in findings(facts).items() if each.holds and label in Stage.__members__}
    stage = stage_of(facts, POLICY, TODAY).name
    assert held == {
        "BETWEEN": set(),
        "LOYAL": {"LOYAL", "REGULAR"},
    }.get(stage, {stage})


WEEKLY = [Bought(7 * week) for week in range(60)]
REACHED: list[tuple[str, Facts, Facts]] = [
    ("POTENTIAL", Facts(), facts_of([Bought(0)])),
    ("NEW", facts_of([Bought(90)]), facts_of([Bought(91)])),
    ("NEW", facts_of([Bought(20), Bought(10)]), facts_of([Bought(20), Bought(10), Bought(0)])),
    (
        "REGULAR",
        facts_of([Bought(80), Bought(60), Bought(40)]),
        facts_of([Bought(81), Bought(61), Bought(41)]),
    ),
    (
        "REGULAR",
        facts_of([Bought(120), Bought(90), Bought(60)]),
        facts_of([Bought(121), Bought(91), Bought(61)]),
    ),
    ("LOYAL", facts_of(WEEKLY), facts_of([each for each in WEEKLY if each.ago not in (21, 28)])),
    ("LOYAL", facts_of(WEEKLY[:5], referrals=1), facts_of(WEEKLY[:5])),
    ("LOST", facts_of([Bought(365)]), facts_of([Bought(364)])),
    ("LOST", facts_of([Bought(181), Bought(180)]), facts_of([Bought(180), Bought(179)])),
    ("LOST", facts_of([Bought(401), Bought(301)]), facts_of([Bought(400), Bought(300)])),
    ("INDIVIDUAL", facts_of([], party=1), facts_of([], party=2)),
    (
        "INDIVIDUAL",
        facts_of([Bought(1, purpose=1), Bought(1, purpose=2)], party=1),
        facts_of([Bought(1, purpose=2)], party=1),
    ),
    ("BUSINESS", facts_of([], party=2), facts_of([], party=1)),
    ("BUSINESS", facts_of([Bought(1, purpose=3)], party=1), facts_of([Bought(1, purpose=1)], party=1)),
    ("B2C", facts_of([Bought(1, purpose=1), Bought(1, purpose=2)]), facts_of([Bought(1, purpose=2)])),
    ("B2B", facts_of([Bought(1, purpose=1), Bought(1, purpose=2)]), facts_of([Bought(1, purpose=1)])),
    ("SEASONAL", facts_of([Bought(300), Bought(665)]), facts_of([Bought(300), Bought(665), Bought(120)])),
    ("STRATEGIC", facts_of([Bought(364, 5000)]), facts_of([Bought(365, 5000)])),
    (
        "MASS",
        facts_of([Bought(1, quantities=(("tea", "4"),))]),
        facts_of([Bought(1, quantities=(("tea", "3.9"),))]),
    ),
    (
        "RETAIL",
        facts_of([Bought(1, sales_path=1)] * 9 + [Bought(1, sales_path=2)]),
        facts_of([Bought(1, sales_path=1)] * 8 + [Bought(1, sales_path=2)]),
    ),
    ("BUYER", facts_of([Bought(1), Bought(2)]), facts_of([Bought(1), Bought(2)], reachable=True)),
    ("CLIENT", facts_of([Bought(1), Bought(2)], reachable=True), facts_of([Bought(1)], reachable=True)),
    ("CLIENT", facts_of([], prefers=True), facts_of([])),
]


@pytest.mark.parametrize(("label", "reached", "left"), REACHED)
def test_a_label_is_reached_and_left_where_business_md_says(label: str, reached: Facts, left: Facts) -> None:
    assert findings(reached)[label].holds
    assert not findings(left)[label].holds


def test_every_label_is_reached_and_left() -> None:
    assert {label for label, _, _ in REACHED} == LABELS


def test_a_lost_client_who_buys_is_regular_again() -> None:
    lost = facts_of([Bought(900), Bought(890), Bought(880)])
    assert stage_of(lost, POLICY, TODAY) == Stage.LOST
    after, day = follow(findings(lost)["LOST"].flip, lost, TODAY)
    assert stage_of(after, POLICY, day) == Stage.REGULAR


def test_what_keeps_a_label_is_dated() -> None:
    flip = findings(facts_of([Bought(40), Bought(20), Bought(0)]))["REGULAR"].flip
    assert (flip.says, date_of(flip.until or 0)) == ("keep", date_of(TODAY + 41))


def test_a_season_is_named_also_over_the_turn_of_the_year() -> None:
    december, january = TODAY - date_ago("2023-12-20"), TODAY - date_ago("2023-01-05")
    found = findings(facts_of([Bought(TODAY - december), Bought(TODAY - january)]))["SEASONAL"]
    assert (found.holds, found.facts) == (True, {"from": "12", "to": "1"})


def date_ago(text: str) -> int:
    from datetime import date

    return TODAY - (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_before_the_lines_are_found_nobody_is_strategic_or_mass() -> None:
    found = findings(facts_of([Bought(1, quantities=(("tea", "4"),))]), market=Market())
    assert [found[label].says for label in ("STRATEGIC", "MASS")] == ["market.unknown"] * 2


def test_the_policy_decides() -> None:
    facts = facts_of([Bought(40), Bought(50), Bought(60)])
    assert stage_of(facts, POLICY, TODAY) == Stage.BETWEEN
    assert stage_of(facts, replace(POLICY, regular_gap_floor_days=40), TODAY) == Stage.REGULAR

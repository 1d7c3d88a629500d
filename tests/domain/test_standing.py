"""Every label can be reached and left where docs/business.md says; of random clients see test_naive."""

from dataclasses import replace
from decimal import Decimal

import pytest

from clientela_server.domain.facts import Facts, date_of
from clientela_server.domain.findings import Finding
from clientela_server.domain.kinds import Kind
from clientela_server.domain.market import Market, QuantityLine, revenue_line
from clientela_server.domain.policy import Policy
from clientela_server.domain.stages import Stage, stage_of
from clientela_server.domain.standing import standing_of
from tests.domain.clients import COIN, POLICY, TODAY, Bought, facts_of

LABELS = {stage.name for stage in Stage if stage} | {kind.name for kind in Kind}
ME = "blue-door"
LINE = revenue_line("mno", [5000 * COIN, 3000 * COIN, 2000 * COIN], POLICY)
MARKET = Market(TODAY, 0, {"EUR": LINE}, {"tea": QuantityLine(30, Decimal(4), Decimal(4), Decimal(3))})


def findings(
    facts: Facts, policy: Policy = POLICY, market: Market = MARKET, day: int = TODAY
) -> dict[str, Finding]:
    return {each.label: each for each in standing_of(facts, policy, market, day, ME).findings}


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

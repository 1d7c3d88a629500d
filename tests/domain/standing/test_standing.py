"""Every label can be reached and left where docs/business.md says; of random clients see test_naive."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from clientela_server.domain.days import date_of
from clientela_server.domain.standing.facts import Facts
from clientela_server.domain.standing.findings import Finding
from clientela_server.domain.standing.kinds import Kind
from clientela_server.domain.standing.market import QuantityThreshold, RankingThresholds, revenue_threshold
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.seasons import is_seasonal
from clientela_server.domain.standing.stages import Stage, stage_of
from clientela_server.domain.standing.standing import standing_of
from tests.domain.clients import COIN, POLICY, TODAY, Bought, facts_of

LABELS = {stage.name for stage in Stage if stage} | {kind.name for kind in Kind}
ME = "blue-door"
LINE = revenue_threshold("mno", [5000 * COIN, 3000 * COIN, 2000 * COIN], POLICY)
MARKET = RankingThresholds(
    TODAY, 0, {"EUR": LINE}, {"tea": QuantityThreshold(30, Decimal(4), Decimal(4), Decimal(3))}
)


def findings(
    facts: Facts, policy: Policy = POLICY, market: RankingThresholds = MARKET, day: int = TODAY
) -> dict[str, Finding]:
    return {each.label: each for each in standing_of(facts, policy, market, day, ME).findings}


WEEKLY = [Bought(7 * week) for week in range(60)]
# On the 20th of December, five years in a row.
DECEMBERS = [Bought(289 + 365 * year) for year in range(5)]
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
    ("SEASONAL", facts_of(DECEMBERS), facts_of([*DECEMBERS, Bought(120), Bought(140)])),
    ("SEASONAL", facts_of(DECEMBERS), facts_of(DECEMBERS[:4])),
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
    ("CLIENT", facts_of([Bought(1)], prefers=True), facts_of([], prefers=True)),
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
    days = [f"{year}-{day}" for year in range(2019, 2024) for day in ("12-20", "01-05")]
    found = findings(facts_of([Bought(date_ago(day)) for day in days]))["SEASONAL"]
    assert (found.holds, found.facts) == (True, {"from": "12", "to": "1"})


def test_days_at_random_make_a_season_no_oftener_than_is_allowed() -> None:
    """Clients who buy on any day of different times; and one who buys before Christmas."""
    chance = random.Random(20261130)
    for span in (400, 730, 1826):
        seasonal = 0
        for _ in range(400):
            days = chance.sample(range(span), chance.choice([5, 6, 8, 12]))
            seasonal += is_seasonal(facts_of([Bought(each) for each in days]), POLICY)
        assert 100 * seasonal <= POLICY.seasonal_chance_percent * 400
    assert is_seasonal(facts_of(DECEMBERS), POLICY)


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (["2023-12-20", "2022-12-20"], "seasonal.few"),
        (["2023-12-20", "2022-12-20", "2022-12-22", "2023-12-21", "2022-12-24"], "seasonal.chance"),
        (["2023-12-20", "2022-12-20", "2022-03-20", "2023-05-21", "2022-08-24"], "seasonal.no"),
    ],
)
def test_why_there_is_no_season_is_said(days: list[str], says: str) -> None:
    found = findings(facts_of([Bought(date_ago(day)) for day in days]))["SEASONAL"]
    assert (found.holds, found.says) == (False, says)


def test_who_has_stated_preferences_is_a_client_with_the_first_purchase() -> None:
    prospect, buyer = findings(facts_of([], prefers=True)), findings(facts_of([Bought(1)], prefers=True))
    assert not prospect["CLIENT"].holds and not prospect["BUYER"].holds
    assert (prospect["CLIENT"].says, prospect["CLIENT"].flip.says) == ("no_purchase", "buy")
    assert prospect["CLIENT"].flip.purchases == 1
    assert buyer["CLIENT"].holds and buyer["CLIENT"].says == "client.preferences"
    assert findings(facts_of([]))["CLIENT"].flip.says == "buy_and_state_preferences"


def date_ago(text: str) -> int:
    return TODAY - (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_before_the_lines_are_found_nobody_is_strategic_or_mass() -> None:
    found = findings(facts_of([Bought(1, quantities=(("tea", "4"),))]), market=RankingThresholds())
    assert [found[label].says for label in ("STRATEGIC", "MASS")] == ["market.unknown"] * 2


def test_the_policy_decides() -> None:
    facts = facts_of([Bought(40), Bought(50), Bought(60)])
    assert stage_of(facts, POLICY, TODAY) == Stage.BETWEEN
    assert stage_of(facts, replace(POLICY, regular_gap_floor_days=40), TODAY) == Stage.REGULAR

"""The server's standing equals a second, naive implementation of the rules, at every change.

`make test` tries some hundred random clients, `make torture` ten thousand.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from clientela_server.domain.standing.findings import NEVER, Finding, Flip
from clientela_server.domain.standing.kinds import Kind
from clientela_server.domain.standing.market import top_places
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.stages import Stage, due_day
from clientela_server.domain.standing.standing import Standing, labels_of, standing_of
from clientela_server.rpc.locales import LANGUAGES
from clientela_server.rpc.locales.standing import explanation, flips_if
from tests.domain import naive
from tests.domain.naive import Bought, Client, Others
from tests.domain.random_clients import (
    CATEGORIES,
    COIN,
    PARTIES,
    PATHS,
    PURPOSES,
    clients,
    date_of,
    day_of,
    facts_of,
    fewer,
    follow,
    market_of,
    others,
    policies,
    todays,
)

MANY = {"thorough": 10_000, "brief": 60}.get(settings.get_current_profile_name(), 200)


def judged(client: Client, policy: Policy, among: Others, today: date) -> Standing:
    """What the server says."""
    market = market_of(client, policy, among, today)
    return standing_of(facts_of(client), policy, market, day_of(today), client.id)


@settings(max_examples=MANY)
@given(st.data())
def test_every_label_is_as_the_rules_read(data: Any) -> None:
    today, policy, among = data.draw(todays), data.draw(policies), data.draw(others)
    client = data.draw(clients(today))
    standing = judged(client, policy, among, today)
    held = {each.label for each in standing.findings if each.holds}

    assert held == naive.labels(client, policy, among, today)
    assert Stage(standing.stage).name == naive.stage(client, policy, today)
    assert {kind.name for kind in standing.kinds} == held - set(Stage.__members__)
    market = market_of(client, policy, among, today)
    bare = labels_of(facts_of(client), policy, market, day_of(today), client.id)
    assert bare == replace(standing, findings=())


@settings(max_examples=max(MANY // 10, min(MANY, 200)))
@given(st.data())
def test_every_reason_can_be_said_in_every_language(data: Any) -> None:
    today, policy, among = data.draw(todays), data.draw(policies), data.draw(others)
    for finding in judged(data.draw(clients(today)), policy, among, today).findings:
        for language in LANGUAGES:
            assert explanation(finding, language) and flips_if(finding, language)


@settings(max_examples=MANY)
@given(st.data())
def test_what_flips_a_label_does_and_nothing_less(data: Any) -> None:
    today, policy, among = data.draw(todays), data.draw(policies), data.draw(others)
    client = data.draw(clients(today))
    for finding in judged(client, policy, among, today).findings:
        event(f"{finding.label} {finding.holds}: {finding.flip.says}")
        if finding.flip == NEVER:
            continue
        assert turned(finding, finding.flip, client, policy, among, today), finding
        for less in fewer(finding.flip):
            assert not turned(finding, less, client, policy, among, today) or tied(
                less, client, policy, among, today
            ), (finding, less)
        if finding.flip.says == "keep":
            assert kept_by_a_purchase(finding, client, policy, among), finding


def turned(finding: Finding, flip: Flip, client: Client, policy: Policy, among: Others, today: date) -> bool:
    """Follow a flip; return whether the label is the other way, by the naive rules."""
    after, day = follow(flip, client, today)
    return (finding.label in naive.labels(after, policy, among, day)) != finding.holds


def tied(flip: Flip, client: Client, policy: Policy, among: Others, today: date) -> bool:
    """Return whether another has the same revenue then: the id decides, on which no flip counts."""
    after, day = follow(flip, client, today)
    return any(
        naive.revenue_of(after, policy, currency, day) in paid.values()
        for currency, paid in among.revenue.items()
    )


def kept_by_a_purchase(finding: Finding, client: Client, policy: Policy, among: Others) -> bool:
    """Buy on the day before; return whether the label is still there on the day itself."""
    until = date_of(finding.flip.until or 0)
    after = replace(client, ledger=(*client.ledger, Bought(until - timedelta(1))))
    return finding.label in naive.labels(after, policy, among, until)


@settings(max_examples=MANY)
@given(st.data())
def test_what_is_said_to_turn_nothing_is_turned_by_nothing(data: Any) -> None:
    today, policy, among = data.draw(todays), data.draw(policies), data.draw(others)
    client = data.draw(clients(today))
    stuck = {each.label: each for each in judged(client, policy, among, today).findings if each.flip == NEVER}
    flip = data.draw(anything(day_of(today)))
    after, day = follow(flip, client, today)
    held = naive.labels(after, policy, among, day)
    turned = {label for label, each in stuck.items() if (label in held) != each.holds}
    # A tenth client of a category makes a place in its top: of that nothing is said to those before it.
    assert turned <= {"MASS"}
    if turned:
        assert flip.category and not top_places(len(among.medians.get(flip.category, [])), policy)


def anything(day: int) -> st.SearchStrategy[Flip]:
    """Some purchases, some change of who the client is, some time."""
    return st.builds(
        Flip,
        st.just("anything"),
        purchases=st.sampled_from([0, 1, 1, 2, 5]),
        day=st.integers(day, day + 200),
        until=st.one_of(st.none(), st.integers(day + 1, day + 1500)),
        referrals=st.integers(0, 3),
        party=st.sampled_from([None, *range(len(PARTIES))]),
        reachable=st.sampled_from([None, True, False]),
        prefers=st.sampled_from([None, True, False]),
        purpose=st.integers(0, len(PURPOSES) - 1),
        sales_path=st.integers(0, len(PATHS) - 1),
        category=st.sampled_from(["", *CATEGORIES]),
        quantity=st.sampled_from(["0.1", "1", "1000"]),
        amount=st.sampled_from([COIN, 1000 * COIN, 10**7 * COIN]),
        currency=st.sampled_from(["", "EUR", "PLN"]),
    )


@settings(max_examples=MANY)
@given(st.data())
def test_a_label_that_is_reached_leaves_again(data: Any) -> None:
    today, policy, among = data.draw(todays), data.draw(policies), data.draw(others)
    client = data.draw(clients(today))
    for first in judged(client, policy, among, today).findings:
        if first.holds or first.flip == NEVER:
            continue
        reached, day = follow(first.flip, client, today)
        again = next(
            each for each in judged(reached, policy, among, day).findings if each.label == first.label
        )
        assert again.holds, (first, again)
        assert again.flip != NEVER or first.label == "MASS", again
        if again.flip != NEVER:
            assert turned(again, again.flip, reached, policy, among, day), (first, again)


AMONG = Others({"EUR": {"b": 5000}}, {"tea": [Decimal(each) for each in range(1, 21)]})


@pytest.mark.parametrize("label", sorted({*Stage.__members__, *Kind.__members__} - {"BETWEEN", "POTENTIAL"}))
def test_whoever_is_new_reaches_every_label_and_leaves_it(label: str) -> None:
    """From a client of whom nothing is known, by doing what its findings say."""
    client, day, held = Client(), date(2026, 1, 31), []
    for _ in range(3):
        finding = next(each for each in judged(client, Policy(), AMONG, day).findings if each.label == label)
        held.append(finding.holds)
        client, day = follow(finding.flip, client, day)
    assert held == [False, True, False]


def test_a_client_goes_through_all_stages_and_back_by_what_the_findings_say() -> None:
    """POTENTIAL, NEW, REGULAR, LOYAL, LOST, REGULAR: at each step the flip of the next one is followed."""
    client, day, seen = Client(), date(2024, 2, 28), []
    for wanted in ("NEW", "REGULAR", "LOYAL", "LOST", "REGULAR"):
        found = {each.label: each for each in judged(client, Policy(), Others(), day).findings}
        seen.append(naive.stage(client, Policy(), day))
        client, day = follow(found[wanted].flip, client, day)
    seen.append(naive.stage(client, Policy(), day))
    assert seen[:-1] == ["POTENTIAL", "NEW", "REGULAR", "LOYAL", "LOST"]
    assert seen[-1] in ("REGULAR", "LOYAL")


@settings(max_examples=MANY)
@given(st.data())
def test_no_stage_changes_by_time_before_the_day_that_is_due(data: Any) -> None:
    today, policy = data.draw(todays), data.draw(policies)
    client = data.draw(clients(today))
    now, due = naive.stage(client, policy, today), due_day(facts_of(client), policy, day_of(today))
    later = data.draw(st.integers(1, 1500)) if due is None else due - 1 - day_of(today)
    for days in {later, data.draw(st.integers(0, later))}:
        assert naive.stage(client, policy, today + timedelta(days)) == now


def test_who_is_lost_is_nothing_else_whatever_the_policy_is() -> None:
    today, policy = date(2026, 5, 1), Policy(new_days=300, lost_one_time_days=100)
    client = Client((Bought(today - timedelta(200)),))
    found = {each.label: each for each in judged(client, policy, Others(), today).findings}
    assert (found["LOST"].holds, found["NEW"].holds) == (True, False)
    assert explanation(found["NEW"], "en") == "A client who is lost is not new; last bought on 2025-10-13."
    assert turned(found["NEW"], found["NEW"].flip, client, policy, Others(), today)

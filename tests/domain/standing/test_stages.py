"""Stages turn on the day that the policy says, and by time alone only on days that `due_day` names."""

from array import array
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.standing import stages
from clientela_server.domain.standing.facts import Facts, seen_on
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.stages import Stage, due_day, stage_of
from tests.domain.clients import POLICY

# At random, and at about the same gap for long: without these few would be loyal.
HISTORIES = st.sets(st.integers(0, 900), min_size=1, max_size=12).map(sorted) | st.builds(
    lambda gap, count, odd: sorted({gap * each + odd * (each % 3 == 1) for each in range(count)}),
    st.integers(2, 40),
    st.integers(3, 25),
    st.integers(0, 3),
)
POLICIES = st.builds(
    Policy,
    new_days=st.integers(1, 200),
    regular_purchase_days=st.integers(2, 6),
    regular_gap_floor_days=st.integers(1, 90),
    loyal_days=st.integers(1, 200),
    loyal_gap_floor_days=st.integers(1, 60),
    lost_silence_days=st.integers(1, 300),
    lost_one_time_days=st.integers(1, 500),
)


def bought_on(days: list[int], referrals: int = 0) -> Facts:
    return seen_on(array("i", days), len(days), referrals)


@given(st.integers(1, 400), st.integers(1, 400))
def test_after_one_purchase_new_ends_after_its_days_and_lost_begins_on_its_day(new: int, lost: int) -> None:
    policy = replace(POLICY, new_days=new, lost_one_time_days=lost)
    facts = bought_on([1000])
    expected = {
        1000 + each: Stage.LOST if each >= lost else Stage.NEW if each <= new else Stage.BETWEEN
        for each in (0, new, new + 1, lost - 1, lost)
    }
    assert {day: stage_of(facts, policy, day) for day in expected} == expected


@settings(max_examples=10 * settings.default.max_examples)
@given(HISTORIES, POLICIES, st.integers(0, 3))
def test_between_two_due_days_no_stage_changes(days: list[int], policy: Policy, referrals: int) -> None:
    facts = bought_on(days, referrals)
    day = days[-1]
    for _ in range(8):
        due = due_day(facts, policy, day)
        until = due if due is not None else day + 400
        stage = stage_of(facts, policy, day)
        assert {stage_of(facts, policy, each) for each in range(day, until)} == {stage}
        if due is None:
            return
        day = due
    raise AssertionError("time alone changes a stage at most as often as there are limits")


@given(HISTORIES, POLICIES)
def test_whoever_bought_is_lost_in_the_end_and_stays_so(days: list[int], policy: Policy) -> None:
    facts = bought_on(days)
    end = days[-1] + stages.lost_after(facts, policy)
    assert stage_of(facts, policy, end - 1) is not Stage.LOST or end - 1 < days[-1]
    assert {stage_of(facts, policy, end + each) for each in (0, 1, 100, 10_000)} == {Stage.LOST}


@given(HISTORIES, POLICIES, st.integers(0, 400))
def test_more_referrals_never_make_a_loyal_client_less(days: list[int], policy: Policy, silence: int) -> None:
    day = days[-1] + silence
    order = [stage_of(bought_on(days, referrals), policy, day) for referrals in range(4)]
    first_loyal = next((at for at, each in enumerate(order) if each is Stage.LOYAL), len(order))
    assert set(order[:first_loyal]) <= {order[0]}
    assert set(order[first_loyal:]) <= {Stage.LOYAL}


@given(HISTORIES, POLICIES)
def test_a_purchase_of_tomorrow_is_no_silence(days: list[int], policy: Policy) -> None:
    facts = bought_on(days)
    assert stages.silence(facts, days[-1] - 1) == 0
    assert stage_of(facts, policy, days[-1] - 1) is not Stage.POTENTIAL


def test_who_bought_nothing_is_potential_on_every_day() -> None:
    assert {stage_of(Facts(), POLICY, day) for day in (-1, 0, 20_000)} == {Stage.POTENTIAL}
    assert due_day(Facts(), POLICY, 0) is None

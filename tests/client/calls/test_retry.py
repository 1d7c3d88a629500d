"""The rules of retry.py, told by what a call does when the server answers this or that."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1.customers_pb2 import (
    CreateCustomerRequest,
    Customer,
    DeleteCustomerRequest,
    GetCustomerRequest,
)
from clientela_client._sync.calls import SyncCalls
from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.calls.retry_limits import RetryPolicy
from clientela_client.errors import PROOFS_OF_REFUSAL, InDoubt, Refused, SettingsError, Unavailable
from clientela_client.failure import Failure
from tests.client.rehearsal import Rehearsal, StageClock, rehearse, session

Ask: TypeAlias = Callable[[SyncCalls], Customer]
DONE = Reply(Customer(name="customers/ann").SerializeToString())
FINAL = (1, Refused)

# code -> what becomes of a read, and of a write: how often it is sent, and how it ends.
TABLE: dict[str, tuple[tuple[int, Any], tuple[int, Any]]] = {
    "OK": ((1, None), (1, None)),
    "CANCELLED": ((5, Unavailable), (5, InDoubt)),
    "UNKNOWN": ((1, Unavailable), (5, InDoubt)),
    "INVALID_ARGUMENT": (FINAL, FINAL),
    "DEADLINE_EXCEEDED": ((1, Unavailable), (5, InDoubt)),
    "NOT_FOUND": (FINAL, FINAL),
    "ALREADY_EXISTS": (FINAL, FINAL),
    "PERMISSION_DENIED": (FINAL, FINAL),
    "RESOURCE_EXHAUSTED": ((1, Unavailable), (5, InDoubt)),
    "FAILED_PRECONDITION": (FINAL, FINAL),
    "ABORTED": (FINAL, FINAL),
    "OUT_OF_RANGE": (FINAL, FINAL),
    "UNIMPLEMENTED": (FINAL, FINAL),
    "INTERNAL": ((1, Unavailable), (5, InDoubt)),
    "UNAVAILABLE": ((5, Unavailable), (5, InDoubt)),
    "DATA_LOSS": ((1, Unavailable), (5, InDoubt)),
    "UNAUTHENTICATED": (FINAL, FINAL),
}


def read(calls: SyncCalls) -> Customer:
    return calls.unary(GetCustomerRequest(name="customers/ann"), Customer)


def write(calls: SyncCalls) -> Customer:
    return calls.unary(DeleteCustomerRequest(name="customers/ann"), Customer)


def failure(code: str, *, left: bool = True) -> Failure:
    return Failure(code, f"it is {code}", left=left)


def run(ask: Ask, *outcomes: Outcome, took_s: float = 0.0, **settings: Any) -> Rehearsal:
    """Rehearse a call; the last outcome is repeated."""
    clock = StageClock()
    waiting = list(outcomes)

    def server(attempt: Attempt) -> tuple[Outcome, float]:
        return (waiting.pop(0) if len(waiting) > 1 else waiting[0]), took_s

    return rehearse(ask, session(clock=clock, **settings), server, clock)


def test_the_table_holds_every_status_code() -> None:
    assert set(TABLE) == {code.name for code in grpc.StatusCode}


@pytest.mark.parametrize("code", TABLE)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_what_a_code_means_when_it_is_always_the_answer(code: str, kind: str) -> None:
    times, ending = TABLE[code][kind == "write"]
    outcome = DONE if code == "OK" else failure(code)
    seen = run(write if kind == "write" else read, outcome)
    assert len(seen.sent) == times
    if ending is None:
        assert seen.answer == Customer(name="customers/ann")
    else:
        assert type(seen.error) is ending
        assert seen.error is not None
        assert (seen.error.code, seen.error.attempts) == (code, times)


@pytest.mark.parametrize("code", sorted(set(TABLE) - PROOFS_OF_REFUSAL - {"OK"}))
def test_a_write_in_doubt_is_resolved_by_asking_again(code: str) -> None:
    seen = run(write, failure(code), DONE)
    assert seen.answer == Customer(name="customers/ann")
    assert len(seen.sent) == 2


def test_every_attempt_of_a_write_carries_the_same_request_id() -> None:
    seen = run(write, failure("UNAVAILABLE"), failure("INTERNAL"), failure("CANCELLED"), DONE)
    ids = {DeleteCustomerRequest.FromString(sent.attempt.call.messages[0]).request_id for sent in seen.sent}
    assert ids == {"00000000-0000-4000-8000-000000000001"}
    assert len(seen.sent) == 4


def test_a_given_request_id_is_kept_and_told() -> None:
    request = DeleteCustomerRequest(name="customers/ann", request_id="5f4e0f3a-45ab-4d55-9f0a-0a4d83b5a7f1")
    seen = run(lambda calls: calls.unary(request, Customer), failure("INTERNAL"))
    assert isinstance(seen.error, InDoubt)
    assert seen.error.request_id == "5f4e0f3a-45ab-4d55-9f0a-0a4d83b5a7f1"
    assert "5f4e0f3a-45ab-4d55-9f0a-0a4d83b5a7f1" in str(seen.error)


def test_a_dry_run_is_a_read() -> None:
    request = CreateCustomerRequest(customer=Customer(display_name="Ann"), validate_only=True)
    seen = run(lambda calls: calls.unary(request, Customer), failure("INTERNAL"))
    assert isinstance(seen.error, Unavailable)
    assert seen.error.request_id is None


def test_a_call_that_never_left_waits_for_the_server_and_counts_no_attempt() -> None:
    seen = run(write, *[failure("UNAVAILABLE", left=False)] * 9, DONE)
    assert seen.answer == Customer(name="customers/ann")
    assert seen.pauses == [1.0] * 9


def test_a_write_that_never_left_by_its_deadline_is_proven_not_done() -> None:
    seen = run(write, failure("UNAVAILABLE", left=False), timeout_s=3.0)
    assert isinstance(seen.error, Unavailable)
    assert seen.error.attempts == 0
    assert (seen.pauses, seen.ended_at) == ([1.0, 1.0, 1.0], 1003.0)
    assert str(seen.error) == "not done: no server was reached at server.example:50051 (UNAVAILABLE)"


def test_without_waiting_a_call_that_never_left_ends_at_once() -> None:
    seen = run(write, failure("UNAVAILABLE", left=False), policy=RetryPolicy(wait_for_server=False))
    assert isinstance(seen.error, Unavailable)
    assert len(seen.sent) == 1


def test_once_in_doubt_a_server_that_is_gone_leaves_the_doubt() -> None:
    seen = run(write, failure("UNAVAILABLE"), failure("UNAVAILABLE", left=False))
    assert isinstance(seen.error, InDoubt)
    assert seen.error.attempts == 1


@pytest.mark.parametrize("code", ["UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED"])
def test_a_refusal_of_the_caller_does_not_resolve_an_earlier_doubt(code: str) -> None:
    assert isinstance(run(write, failure("UNAVAILABLE"), failure(code)).error, InDoubt)


def test_a_refusal_of_the_request_resolves_an_earlier_doubt() -> None:
    assert isinstance(run(write, failure("UNAVAILABLE"), failure("NOT_FOUND")).error, Refused)


def test_an_attempt_of_a_write_leaves_time_to_ask_again() -> None:
    seen = run(write, failure("DEADLINE_EXCEEDED"), failure("DEADLINE_EXCEEDED"), DONE, took_s=4.0)
    assert [sent.attempt.timeout_s for sent in seen.sent] == pytest.approx([4.0, 4.0, 10 - 8 - 0.3])


def test_a_deadline_that_is_over_is_reported_in_seconds() -> None:
    seen = run(read, failure("DEADLINE_EXCEEDED"), timeout_s=2.5)
    assert str(seen.error) == "not done: no answer came within 2.5 s (DEADLINE_EXCEEDED)"


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, float("nan")])
def test_a_deadline_that_is_none_is_refused(timeout_s: float) -> None:
    with pytest.raises(SettingsError, match="timeout_s must be more than 0"):
        run(read, DONE, timeout_s=timeout_s)


def test_an_attempt_of_a_read_has_all_the_time() -> None:
    assert run(read, DONE).sent[0].attempt.timeout_s == 10.0


def test_pauses_double_up_to_two_seconds() -> None:
    seen = run(read, failure("UNAVAILABLE"), timeout_s=60.0, policy=RetryPolicy(max_attempts=8))
    assert seen.pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0])


def test_an_answer_that_is_no_message_is_in_doubt_until_asked_again() -> None:
    assert run(write, Reply(b"\xff\xff"), DONE).answer == Customer(name="customers/ann")
    assert isinstance(run(write, Reply(b"\xff\xff")).error, InDoubt)


def test_when_most_calls_fail_retries_stop_and_answers_bring_them_back() -> None:
    clock = StageClock()
    shared = session(clock=clock, policy=RetryPolicy(budget=10, budget_ratio=1.0))

    def ask(outcome: Outcome) -> Rehearsal:
        return rehearse(read, shared, lambda _: (outcome, 0.0), clock)

    assert [len(ask(failure("UNAVAILABLE")).sent) for _ in range(3)] == [5, 1, 1]
    for _ in range(10):
        ask(DONE)
    assert len(ask(failure("UNAVAILABLE")).sent) == 5


HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(sorted(TABLE)), st.booleans(), st.floats(0, 5, allow_nan=False), st.floats(0, 1)
    ),
    min_size=1,
    max_size=40,
)
POLICIES = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 8),
    backoff_s=st.floats(0, 1),
    backoff_max_s=st.floats(0, 3),
    attempt_timeout_s=st.floats(0.1, 5),
)


@given(history=HISTORIES, policy=POLICIES, timeout_s=st.floats(0.1, 30), writes=st.booleans())
def test_whatever_the_server_does_the_rules_hold(
    history: list[tuple[str, bool, float, float]], policy: RetryPolicy, timeout_s: float, writes: bool
) -> None:
    clock = StageClock()
    turns = iter(history * 400)
    draws = iter([turn[3] for turn in history] * 400)

    def server(attempt: Attempt) -> tuple[Outcome, float]:
        code, left, took_s, _ = next(turns)
        assert attempt.timeout_s is not None
        if code == "OK":
            return DONE, min(took_s, attempt.timeout_s)
        never_left = code == "UNAVAILABLE" and not left
        return failure(code, left=not never_left), min(took_s, attempt.timeout_s)

    own = session(
        clock=clock, policy=policy, timeout_s=timeout_s, jitter=lambda seconds_max: seconds_max * next(draws)
    )
    seen = rehearse(write if writes else read, own, server, clock)
    assert broken_rules(seen, policy, 1000.0 + timeout_s) == []


def broken_rules(seen: Rehearsal, policy: RetryPolicy, until: float) -> list[str]:
    """Name the rules that what was seen breaks."""
    slack_s = 1e-6
    outcomes = [sent.outcome for sent in seen.sent]
    left = [one for one in outcomes if isinstance(one, Reply) or one.left]
    refusals = [one for one in outcomes if isinstance(one, Failure) and one.code in PROOFS_OF_REFUSAL]
    doubts = [one for one in left if isinstance(one, Failure) and one not in refusals]
    writes = seen.sent[0].attempt.call.writes
    rules = {
        "no more attempts than allowed": len(left) <= policy.max_attempts,
        "no attempt past the deadline": all(
            sent.at + (sent.attempt.timeout_s or 0) <= until + slack_s for sent in seen.sent
        ),
        "over by the deadline": seen.ended_at <= until + slack_s,
        "the same bytes in every attempt": len({sent.attempt.call.messages for sent in seen.sent}) == 1,
        "nothing after a refusal": not any(one in refusals for one in outcomes[:-1]),
        "nothing after an answer": not any(isinstance(one, Reply) for one in outcomes[:-1]),
        "refused only by proof": not isinstance(seen.error, Refused) or bool(refusals),
        "not done only if no write is in doubt": not isinstance(seen.error, Unavailable)
        or not (writes and doubts),
        "in doubt only if a write left": not isinstance(seen.error, InDoubt) or (writes and bool(doubts)),
    }
    return [rule for rule, holds in rules.items() if not holds]


def test_the_checker_sees_planted_faults() -> None:
    policy = RetryPolicy(max_attempts=2)
    right = run(write, failure("UNAVAILABLE"), policy=policy)
    assert broken_rules(right, policy, 1010.0) == []
    other_id = replace(right.sent[1].attempt.call, messages=(b"another",))
    planted = {
        "no more attempts than allowed": replace(right, sent=right.sent * 2),
        "over by the deadline": replace(right, ended_at=1011.0),
        "the same bytes in every attempt": replace(
            right,
            sent=[
                right.sent[0],
                replace(right.sent[1], attempt=replace(right.sent[1].attempt, call=other_id)),
            ],
        ),
        "nothing after a refusal": replace(
            right, sent=[replace(right.sent[0], outcome=failure("NOT_FOUND")), right.sent[1]]
        ),
        "not done only if no write is in doubt": replace(right, error=_as(Unavailable, right.error)),
        "refused only by proof": replace(right, error=_as(Refused, right.error)),
    }
    for rule, wrong in planted.items():
        assert rule in broken_rules(wrong, policy, 1010.0)


def _as(kind: Any, error: Any) -> Any:
    return kind(error.facts, method=error.method, request_id=error.request_id, attempts=error.attempts)

"""The policy is changed where its etag is current, and all are reviewed where a threshold changed."""

from dataclasses import replace

import pytest

from clientela_server.domain.standing.policy import Policy, PolicyState
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.due_customers import has_due
from clientela_server.store.aggregates.policy import policy_record
from clientela_server.usecases.policy import PolicyWrites
from tests.store.bare_ledger import NOW_US, Ledger
from tests.usecases.left_behind import reason_of

pytestmark = pytest.mark.sqlite
POLICY = PolicyWrites(NOUNS)


def etag(ledger: Ledger) -> str:
    record = policy_record(ledger.connection)
    assert record is not None
    return NOUNS.codec(PolicyState).decode(record).etag


def wider(policy: Policy) -> Policy:
    return replace(policy, mass_percent=policy.mass_percent + 1)


def test_a_threshold_that_changes_has_all_reviewed_and_one_that_stays_has_nobody(ledger: Ledger) -> None:
    assert reason_of(ledger, POLICY.update(lambda known: known, "")) == ""
    assert not has_due(ledger.connection, NOW_US)
    assert reason_of(ledger, POLICY.update(wider, "")) == ""
    assert has_due(ledger.connection, NOW_US)


def test_an_etag_that_is_not_current_is_refused(ledger: Ledger) -> None:
    assert reason_of(ledger, POLICY.update(wider, '"1"')) == "ETAG_MISMATCH"
    ledger.commit([POLICY.update(wider, "")])
    first = etag(ledger)
    assert reason_of(ledger, POLICY.update(wider, first)) == ""
    assert reason_of(ledger, POLICY.update(wider, first)) == "ETAG_MISMATCH"


def test_a_threshold_out_of_bounds_is_refused(ledger: Ledger) -> None:
    assert reason_of(ledger, POLICY.update(lambda known: replace(known, mass_percent=-1), "")) == (
        "THRESHOLD_INVALID"
    )

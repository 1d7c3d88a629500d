"""Each check of standings fails where a bug is planted in the server.

Each bug is one that somebody could write. Those of what is kept are looked for in random ledgers, those of
what is said in random clients.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clientela_server.domain.days import DAY_US
from clientela_server.domain.standing import facts as domain
from clientela_server.domain.standing import market, seasons, stage_findings, stages
from clientela_server.domain.standing.facts import Facts
from clientela_server.store.aggregates import customer_aggregates as rows
from clientela_server.store.aggregates import due_customers, policy, stage_changes
from clientela_server.store.journal.entries import SERVER_CONTEXT
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases import customer_aggregates as store
from clientela_server.usecases.due_stage_job import DueStageJob
from tests.domain.standing import test_naive
from tests.usecases.test_standings import run

pytestmark = pytest.mark.sqlite
SEEDS = 40


@dataclass(frozen=True)
class Bug:
    """What is put in the place of what, given that it is there."""

    place: Any
    name: str
    instead: Callable[[Any], Any]

    def plant(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(self.place, self.name, self.instead(getattr(self.place, self.name)))


def _gap_not_split(facts: Facts, day: int, place: int) -> None:
    known = list(facts.gaps)
    _ADD_DAY(facts, day, place)
    if 0 < place < len(facts.days) - 1:
        facts.gaps = domain.array("i", sorted([*known, day - facts.days[place - 1]]))
        facts.twice_median_gap = domain.twice_median(facts.gaps)


_ADD_DAY = domain._add_day


def _anew_forgotten(transaction: Transaction, key: str, value: bytes | None) -> None:
    if key != policy.REVIEW_ALL:
        _PUT(transaction, key, value)


_PUT = policy.put_meta


def _told_without_need(self: DueStageJob, transaction: Transaction, customer_id: str, day: int) -> None:
    before = rows.load(transaction, customer_id)
    _LOOK(self, transaction, customer_id, day)
    if rows.load(transaction, customer_id) is not before:
        transaction.append(
            SERVER_CONTEXT,
            stage_changes.NOUN,
            f"customers/{customer_id}",
            b"\x0a\x0dcustomers/ann",
        )


_LOOK = DueStageJob._review

KEPT = {
    "a silence that is a day too long": Bug(stages, "silence", lambda right: lambda *of: right(*of) + 1),
    "a year of one day less": Bug(
        stages, "run_start", lambda right: lambda facts, policy: right(facts, policy) - 1
    ),
    "a refund that counts for nothing": Bug(store, "with_refund", lambda _: lambda before, *_: before),
    "a refund on the day on which it was made": Bug(
        store, "with_refund", lambda right: lambda before, day, *of: right(before, day + 30, *of)
    ),
    "a gap that a back-dated purchase does not split": Bug(domain, "_add_day", lambda _: _gap_not_split),
    "a median that is the lower one of two": Bug(
        domain, "twice_median", lambda _: lambda gaps: 2 * gaps[(len(gaps) - 1) // 2] if gaps else 0
    ),
    "a day that begins an hour too late": Bug(
        store, "day_of", lambda _: lambda us: (us - DAY_US // 24) // DAY_US
    ),
    "currencies that are added up": Bug(
        market,
        "window_revenue",
        lambda right: (
            lambda facts, policy, _, day: sum(
                right(facts, policy, each, day) for each in facts.revenue.currencies()
            )
        ),
    ),
    "a recommendation that outlives whom it brought": Bug(
        store, "_referrer_of", lambda _: lambda customer: customer.acquisition.referrer if customer else None
    ),
    "a sweep that never runs": Bug(due_customers, "has_due", lambda _: lambda *_: False),
    "a sweep that is a day late": Bug(
        due_customers, "has_due", lambda right: lambda connection, now_us: right(connection, now_us - DAY_US)
    ),
    "a policy after which nobody is looked at": Bug(policy, "put_meta", lambda _: _anew_forgotten),
    "a change of stage that is told of nobody": Bug(DueStageJob, "_review", lambda _: _told_without_need),
    "a change of stage that no write tells": Bug(store, "keep_change", lambda _: lambda *_, **__: None),
}
SAID = {
    "a label that ends a day before it does": Bug(
        stage_findings,
        "_from_new",
        lambda right: (
            lambda *of: replace(flip, until=flip.until - 1) if (flip := right(*of)).says == "wait" else flip
        ),
    ),
    "a label that ends a day after it does": Bug(
        stage_findings,
        "_from_new",
        lambda right: (
            lambda *of: replace(flip, until=flip.until + 1) if (flip := right(*of)).says == "wait" else flip
        ),
    ),
    "one purchase more than it takes": Bug(
        stage_findings,
        "buying",
        lambda right: (
            lambda facts, day, purchases=1, referrals=0: right(
                facts, day, purchases + (purchases > 0), referrals
            )
        ),
    ),
    "a top that does not move with who enters it": Bug(
        market.QuantityThreshold, "entry_quantity", lambda _: property(lambda line: line.least)
    ),
    "a set that does not grow with its revenue": Bug(
        market.RevenueThreshold, "entry_revenue", lambda _: lambda line, _: line.amount + 1
    ),
    "a season that knows no turn of the year": Bug(
        seasons,
        "sums",
        lambda right: (
            lambda of_year, longest: [
                [days if start + length < 12 else of_year[start] for start, days in enumerate(held)]
                for length, held in enumerate(right(of_year, longest))
            ]
        ),
    ),
}


@pytest.mark.parametrize("bug", KEPT)
def test_a_bug_in_what_is_kept_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    KEPT[bug].plant(monkeypatch)

    def caught(seed: int) -> bool:
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            run(folder, seed)
        except AssertionError:
            return True
        return False

    assert any(caught(seed) for seed in range(SEEDS))


RARE = {"a top that does not move with who enters it"}


@pytest.mark.parametrize(
    "bug", [pytest.param(bug, marks=pytest.mark.long if bug in RARE else ()) for bug in SAID]
)
def test_a_bug_in_what_is_said_is_found(monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    SAID[bug].plant(monkeypatch)
    quick = settings(
        max_examples=5000,  # the rarest took some 2,000
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    checks = (
        test_naive.test_what_flips_a_label_does_and_nothing_less,
        test_naive.test_every_label_is_as_the_rules_read,
    )

    def caught(check: Any) -> bool:
        try:
            quick(given(st.data())(check.hypothesis.inner_test))()
        except AssertionError:
            return True
        return False

    assert any(caught(check) for check in checks)

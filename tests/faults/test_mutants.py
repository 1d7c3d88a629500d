"""A server with a bug is caught by the checker, each by the promise that it breaks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clientela_lab.checking.checker import Kind
from clientela_lab.patience import HANG_S
from tests.faults import cuts, duplicates, lost_replies
from tests.faults.kills import kill_amid
from tests.faults.planted import MUTANTS
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.stores import new_url

# By which broken promise each is known, and how many kills it takes.
CAUGHT = {
    "no_key_table": (Kind.DOUBLED, 0),
    "key_saved_later": (Kind.FOREIGN, 3),
    "answer_before_commit": (Kind.LOST, 3),
    "event_dropped": (Kind.FEED_WRONG, 0),
    "digest_ignored": (Kind.KEY_REUSED, 0),
    "etag_ignored": (Kind.OVERWRITTEN, 0),
    "feed_skips_one": (Kind.FEED_WRONG, 0),
}

# Caught without a kill; that each other kind is told is shown in the tests' own process by `test_checker`.
QUICK = {"etag_ignored"}

# Where the moment of a kill is chance, one storm may miss the bug: what counts is that several do not.
_STORMS = 5


# More of what is rare, so that a short while is long enough.
MIX = {
    "buy": 35,
    "buy_twice": 15,
    "buy_wrong": 5,
    "reuse_key": 15,
    "refund": 5,
    "read": 5,
    "update": 10,
    "update_stale": 10,
}


def stormy(trial: Trial, within_s: float) -> Result:
    """Load, so many kills, load; and what watchers have not seen in time, they miss."""
    with trial, trial.load(mix=MIX) as load:
        load.start()
        load.wait_for(20 if trial.tries else 120)
        for _ in range(trial.tries):
            kill_amid(load, trial.server, trial.chance)
            trial.server.revive()
        load.stop()
        load.settle(within_s=within_s)
    return trial.verdict(load.watches)


@pytest.mark.parametrize(
    "mutant", [pytest.param(each, marks=() if each in QUICK else pytest.mark.long) for each in MUTANTS]
)
def test_a_planted_bug_is_caught(tmp_path: Path, mutant: str) -> None:
    kind, kills = CAUGHT[mutant]

    def caught(seed: int) -> bool:
        folder = tmp_path / f"{mutant}-{seed}"
        result = stormy(
            Trial(mutant, folder, seed=seed, tries=kills, planted=mutant, database=new_url()), 1.0
        )
        return kind in {violation.kind for violation in result.violations}

    assert any(caught(seed) for seed in range(1, _STORMS + 1))


@pytest.mark.long
@pytest.mark.parametrize("run", [lost_replies.run, duplicates.run, cuts.run])
def test_a_bad_line_shows_that_keys_are_not_looked_up(tmp_path: Path, run: Callable[[Trial], Result]) -> None:
    result = run(
        Trial("keys", tmp_path / "keys", seed=1, tries=10, planted="no_key_table", database=new_url())
    )

    assert Kind.DOUBLED in {violation.kind for violation in result.violations}


def test_the_server_without_a_planted_bug_is_not(tmp_path: Path) -> None:
    result = stormy(Trial("none", tmp_path / "none", seed=1, tries=0, database=new_url()), HANG_S)

    assert result.kept, result.complaints()

"""Under each fault of the disk, a few times, nothing is lost; and if it were, that would be seen.

`make torture` does the same many times over. Where it fails, the folder that is named holds all there is.
"""

from pathlib import Path

import pytest

from clientela_lab.checking.checker import Kind
from tests.faults import disks, power_cuts, strace
from tests.faults.catalogue import DISK_FAULTS, Fault, each
from tests.faults.patient import Patient
from tests.faults.planted import log_not_settled, no_syncs
from tests.faults.table import Result
from tests.faults.torn_log import killed, opens_whole
from tests.faults.trial import Trial

SEED = 1
pytestmark = pytest.mark.sqlite


@each(DISK_FAULTS)
def test_every_promise_is_kept_under(fault: Fault, tmp_path: Path) -> None:
    if why := fault.missing():
        pytest.skip(why)

    result = fault.attempt(tmp_path / fault.name, SEED, fault.small)

    assert result.kept, [f"see {tmp_path}", *result.complaints()]


def lost(result: Result) -> int:
    return sum(violation.kind is Kind.LOST for violation in result.violations)


@disks.needed
def test_a_server_that_does_not_sync_loses_what_it_answered_to_a_power_cut(tmp_path: Path) -> None:
    trial = Trial("no syncs", tmp_path / "trial", SEED, tries=1)

    assert lost(power_cuts.at_rest(trial, no_syncs.__name__)) > 0


@pytest.mark.long
@disks.needed
@strace.needed
def test_a_server_that_shows_what_only_memory_holds_loses_it_to_a_power_cut(tmp_path: Path) -> None:
    trial = Trial("not settled", tmp_path / "trial", SEED, tries=1)

    assert lost(power_cuts.after_a_kill(trial, log_not_settled.__name__)) == 1


def test_a_commit_that_is_missing_from_a_log_would_be_noticed(tmp_path: Path) -> None:
    with Patient(Trial("a commit is missing", tmp_path / "trial", SEED, tries=1)) as patient:
        found = killed(patient)
    without = found.log[: found.commits[-2]]

    assert opens_whole(tmp_path, found, without, entries=len(found.rows) - 1) == []
    assert opens_whole(tmp_path, found, without, entries=len(found.rows)) != []

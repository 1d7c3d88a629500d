"""Backups under load, of long ago, of damaged files, and killed half-way: as make torture, a few times."""

from pathlib import Path

import pytest

from tests.faults.catalogue import BACKUP_FAULTS, Fault

SEED = 1


@pytest.mark.parametrize("fault", BACKUP_FAULTS, ids=lambda fault: fault.name)
def test_every_promise_is_kept_under(fault: Fault, tmp_path: Path) -> None:
    if why := fault.missing():
        pytest.skip(why)

    result = fault.attempt(tmp_path / fault.name, SEED, fault.small)

    assert result.kept, [f"see {tmp_path}", *result.complaints()]

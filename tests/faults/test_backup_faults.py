"""Backups under load, of long ago, of damaged files, and killed half-way: as make torture, a few times."""

from pathlib import Path

import pytest

from clientela_lab.checking.history import Row
from clientela_server.store.database.head import Head
from clientela_server.store.integrity.backups import Made
from tests.faults.backups import differences
from tests.faults.catalogue import BACKUP_FAULTS, Fault, each
from tests.faults.ledger import Ledger

SEED = 1


@each(BACKUP_FAULTS)
def test_every_promise_is_kept_under(fault: Fault, tmp_path: Path) -> None:
    if why := fault.missing():
        pytest.skip(why)

    result = fault.attempt(tmp_path / fault.name, SEED, fault.small)

    assert result.kept, [f"see {tmp_path}", *result.complaints()]


def row(revision: int, amount: int) -> Row:
    return Row(revision, f"customers/a/purchases/{revision}", f"key {revision}", "a", amount)


LEDGER = ([row(1, 10), row(2, 20), row(3, 5)], {"a": 35})


@pytest.mark.parametrize(
    ("revision", "kept", "said"),
    [
        (2, ([row(1, 10), row(2, 20)], {"a": 30}), ""),
        (3, ([row(1, 10), row(2, 20)], {"a": 30}), "holds revision 2, and says 3"),
        (1, ([row(1, 10)], {"a": 10}), "revision 2 was acknowledged"),
        (2, ([row(1, 10), row(2, 21)], {"a": 31}), "not the beginning of the ledger"),
        (3, ([row(1, 10), row(3, 5)], {"a": 15}), "not the beginning of the ledger"),
        (2, ([row(1, 10), row(2, 20)], {"a": 35}), "not the sums of its rows"),
        (0, ([], {}), "revision 2 was acknowledged"),
    ],
)
def test_the_judge_of_backups_sees_what_is_wrong(revision: int, kept: Ledger, said: str) -> None:
    found = differences(Made(Head(revision, b""), 1), 2, kept, LEDGER)
    assert found == [] if not said else any(said in fault for fault in found)

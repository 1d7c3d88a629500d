"""A log that ends too early, or in rubbish: every whole commit before that is there, and nothing else.

A server is killed, its two files are copied, and the copy of the log is hurt. One purchase at a time was
bought, so commit and entry are one: how many entries a copy must hold is counted in the log itself.
Source of the format: sqlite.org/fileformat2.html, 4.1 "WAL File Format".
"""

import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from clientela_lab.checking.history import Row
from clientela_lab.checking.money import NANOS
from tests.faults.ledger import read_ledger
from tests.faults.patient import OK, Patient
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.victim import Victim

_PURCHASES = 6
_HEADER, _FRAME_HEADER = 32, 24
_SECTOR = 512


@dataclass(frozen=True)
class Killed:
    """The files of a server that was killed, and what was answered for."""

    database: Path
    log: bytes
    rows: list[Row]

    @property
    def commits(self) -> list[int]:
        """Where in the log each commit ends: behind a frame that says how large the file is then."""
        [page] = struct.unpack(">I", self.log[8:12])
        frame = _FRAME_HEADER + page
        starts = range(_HEADER, len(self.log) - frame + 1, frame)
        return [at + frame for at in starts if self.log[at + 4 : at + 8] != bytes(4)]

    def entries_in(self, size: int) -> int:
        """How many entries must be there if the log is whole up to a size."""
        return len(self.rows) - sum(end > size for end in self.commits)


def run(trial: Trial) -> Result:
    """Cut the log at every sector of its last commits, and at their very ends; put rubbish there instead."""
    with Patient(trial) as patient:
        found = killed(patient)
        patient.broken += opens_whole(trial.folder, found, None, 1)
        tears = [hurt for size in _sizes(found) for hurt in _hurt(found.log, size)]
        trial.tries = min(trial.tries, len(tears))
        for size, log in trial.chance.sample(tears, trial.tries):
            patient.broken += opens_whole(trial.folder, found, log, found.entries_in(size))
        torn = found.commits[-2] + _SECTOR
        patient.broken += serves(trial.folder / "torn", found, found.log[:torn], found.entries_in(torn))
        return patient.verdict()


def killed(patient: Patient) -> Killed:
    """Buy, kill, and look."""
    with patient.life():
        pass  # the customer is registered; the next server begins its log anew
    with patient.life() as life:
        assert [life.buy() for _ in range(_PURCHASES)] == [OK] * _PURCHASES
    database = patient.trial.server.file
    rows, _ = read_ledger(database)
    found = Killed(database, database.with_name("ledger.db-wal").read_bytes(), rows)
    assert (len(rows), len(found.commits)) == (_PURCHASES + 1, _PURCHASES)
    return found


def _sizes(found: Killed) -> Iterator[int]:
    """Every sector from the beginning of the last commit but two, and a byte to each side of each end."""
    ends = found.commits[-4:]
    yield from range(ends[0], len(found.log), _SECTOR)
    for before, end in pairwise(ends):
        yield from (before + 1, end - 1)


def _hurt(log: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    """A log that ends at a place, one that is rubbish from there on, and one of which a few bytes are."""
    yield size, log[:size]
    for length in (len(log) - size, 8):
        rubbish = bytes(byte ^ 0x5A for byte in log[size : size + length])
        yield size, log[:size] + rubbish + log[size + length :]


def opens_whole(folder: Path, found: Killed, log: bytes | None, entries: int) -> list[str]:
    """Open a copy with this log, without the index that SQLite makes of it; tell what is wrong with it."""
    copy = folder / "copy.db"
    for path in folder.glob("copy.db*"):
        path.unlink()
    shutil.copyfile(found.database, copy)
    if log is not None:
        copy.with_name("copy.db-wal").write_bytes(log)
    wrong = []
    rows, totals = read_ledger(copy)
    if rows != found.rows[:entries]:
        wrong.append(f"{len(rows)} entries in the place of {entries}")
    if sum(totals.values()) != sum(row.amount for row in rows):
        wrong.append(
            f"half a commit: totals of {totals}, entries of {sum(row.amount for row in rows) / NANOS}"
        )
    return [f"log of {len(log or b'')} bytes: {each}" for each in wrong]


def serves(folder: Path, found: Killed, log: bytes, entries: int) -> list[str]:
    """Start a server on such a copy; tell what is wrong with it."""
    folder.mkdir()
    shutil.copyfile(found.database, folder / "ledger.db")
    (folder / "ledger.db-wal").write_bytes(log)
    with Victim(folder) as server:
        wanted = f"revision={entries}"
        return [] if wanted in server.ready_line.split() else [f"served {server.ready_line}, not {wanted}"]

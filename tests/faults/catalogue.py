"""The faults, each once: `make test-all` tries all of them a few times, `make torture` many times.

To add one: write a function that takes a `Trial` and returns its `Result` (trial.py shows the shape, kills.py
is the shortest), and enter it here. Nothing else is to be done: the test, the table and the command line
follow this list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults import (
    backups,
    cuts,
    disk_errors,
    disks,
    duplicates,
    first_starts,
    flapping,
    flipped_bytes,
    full_disk,
    killed_upkeep,
    kills,
    lost_replies,
    old_backup,
    postgres_faults,
    power_cuts,
    rolling_restarts,
    second_server,
    stalls,
    stopped,
    strace,
    torn_log,
    two_servers,
)
from tests.faults.planted import disk_stalls
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.stores import postgres


def nothing() -> str:
    """What most faults need of the machine."""
    return ""


@dataclass(frozen=True)
class Fault:
    """A fault: its name for the command line, what it is in words, how it is tried, and how often.

    planted: what of planted.py the server runs with. missing: tells why it can't be tried on this machine,
    such as "needs root"; empty where it can. on_postgres: with the data there, and not in a file.
    """

    name: str
    about: str
    run: Callable[[Trial], Result]
    small: int
    full: int
    planted: str = ""
    missing: Callable[[], str] = nothing
    on_postgres: bool = False

    def attempt(self, folder: Path, seed: int, tries: int) -> Result:
        """Try it; what it leaves is in the folder."""
        database = postgres().new_ledger() if self.on_postgres else None
        return self.run(Trial(self.about, folder, seed, tries, self.planted, database))


PROCESS_FAULTS = (
    Fault("kills", "kill -9 at a random moment", kills.run, 3, 200),
    Fault("lost-replies", "the answer is lost after the write", lost_replies.run, 20, 1000),
    Fault("duplicates", "one request eight times at once", duplicates.run, 20, 1000),
    Fault("cuts", "the line is cut after N bytes of a call", cuts.run, 30, 10_000),
    Fault("flapping", "the line breaks every half second", flapping.run, 3, 100),
    Fault("restarts", "SIGTERM and a new start under load", rolling_restarts.run, 2, 20),
    Fault("stalls", "SIGTERM while the store hangs", stalls.run, 3, 30, planted=disk_stalls.__name__),
    Fault("second-server", "a second server on the same data", second_server.run, 1, 10),
)
# More than there are, so all.
_ALL = 1000


_BY_STRACE: dict[str, Any] = {"missing": strace.unusable}
_ON_A_DISK: dict[str, Any] = {"missing": disks.unusable}

DISK_FAULTS = (
    Fault("calls-killed", "kill -9 at each write and sync", disk_errors.kills, 2, _ALL, **_BY_STRACE),
    Fault("first-starts-killed", "kill -9 in the first start", first_starts.run, 1, 40, **_BY_STRACE),
    Fault("syncs-fail", "a sync fails", disk_errors.syncs_fail, 1, _ALL, **_BY_STRACE),
    Fault("writes-fail", "a write fails", disk_errors.writes_fail, 1, _ALL, **_BY_STRACE),
    Fault("writes-cut-short", "a write ends half-way", disk_errors.writes_cut_short, 1, 40),
    Fault("no-space", "a write finds no space", disk_errors.no_space, 2, _ALL, **_BY_STRACE),
    Fault("disk-full", "the disk is full, then is not", full_disk.fillings, 3, 50, **_ON_A_DISK),
    Fault("disk-full-kills", "kill -9 on a full disk", full_disk.kills, 1, 10, **_ON_A_DISK),
    Fault("power-cuts", "the power is cut", power_cuts.run, 2, 50, **_ON_A_DISK),
    Fault("kills-power-cuts", "kill -9, then a power cut", power_cuts.after_a_kill, 1, 10, **_ON_A_DISK),
    Fault("torn-log", "the end of the log is torn or garbled", torn_log.run, 100, _ALL),
    Fault("standstill", "the process stands still", stopped.run, 1, 30),
)

_ON_POSTGRES: dict[str, Any] = {"on_postgres": True}

POSTGRES_FAULTS = (
    Fault("pg-kills", "kill -9 of the server, on PostgreSQL", kills.run, 1, 100, **_ON_POSTGRES),
    Fault("pg-lost-replies", "the answer is lost, on PostgreSQL", lost_replies.run, 10, 500, **_ON_POSTGRES),
    Fault("pg-duplicates", "eight times at once, on PostgreSQL", duplicates.run, 10, 500, **_ON_POSTGRES),
    Fault("pg-restarts", "SIGTERM under load, on PostgreSQL", rolling_restarts.run, 1, 20, **_ON_POSTGRES),
    Fault(
        "pg-stalls", "SIGTERM while PostgreSQL hangs", stalls.run, 1, 30, disk_stalls.__name__, **_ON_POSTGRES
    ),
    Fault("pg-two-servers", "kill -9 of one server of two", two_servers.run, 2, 100, **_ON_POSTGRES),
    Fault(
        "pg-connections",
        "PostgreSQL ends the connections",
        postgres_faults.connections_ended,
        20,
        500,
        **_ON_POSTGRES,
    ),
    Fault("pg-killed", "kill -9 of PostgreSQL", postgres_faults.killed, 1, 20, **_ON_POSTGRES),
)
BACKUP_FAULTS = (
    Fault("backups", "a backup while clients write", backups.run, 3, 100),
    Fault("old-backup", "an old backup is restored", old_backup.run, 1, 20),
    Fault("flipped-bytes", "a byte changes on the disk", flipped_bytes.run, 20, 500),
    Fault("upkeep-killed", "kill -9 in migrate, restore, backup", killed_upkeep.run, 1, 150, **_BY_STRACE),
)
FAULTS = (*PROCESS_FAULTS, *DISK_FAULTS, *POSTGRES_FAULTS, *BACKUP_FAULTS)
# Of each kind some that are quick; the others are left to `make test-all`.
QUICK = {"kills", "duplicates", "lost-replies", "backups"}


def each(faults: Sequence[Fault]) -> pytest.MarkDecorator:
    """Give a test each of some faults."""
    cases = [
        pytest.param(fault, id=fault.name, marks=() if fault.name in QUICK else pytest.mark.long)
        for fault in faults
    ]
    return pytest.mark.parametrize("fault", cases)

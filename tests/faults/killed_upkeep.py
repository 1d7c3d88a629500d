"""`migrate`, `restore` and `backup` are killed at one of their calls to the disk: what there was is there, or
what was to be, never anything between; and the same command again does it.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from clientela_lab.patience import HANG_S
from clientela_server.nouns import NOUNS
from clientela_server.store.database.files.page_checks import has_checksums
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.upgrade import upgrade_database
from clientela_server.store.integrity.backups import back_up, restore
from tests.faults.flipped_bytes import is_whole
from tests.faults.ledger import Ledger, read_ledger
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.workload import connection
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer
from tests.upkeep.some_of_everything import fill

_CALLS = ("pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink")
_WITHIN_S = HANG_S


@dataclass(frozen=True)
class Command:
    """A command that is killed: its words, and what to do about it afterwards."""

    words: tuple[str, ...]
    again: Callable[[Path], object]
    target: str = "ledger.db"


COMMANDS = (
    Command(
        ("migrate", "--database", "unchecked.db"),
        lambda folder: upgrade_database(folder / "unchecked.db"),
        "unchecked.db",
    ),
    Command(
        ("restore", "backup.db", "--force", "--database", "ledger.db"),
        lambda folder: restore(folder / "backup.db", folder / "ledger.db", NOUNS, lambda _: None, force=True),
    ),
    Command(
        ("backup", "backup.db", "--force", "--database", "ledger.db"),
        lambda folder: back_up(folder / "ledger.db", folder / "backup.db"),
        "backup.db",
    ),
)


def run(trial: Trial) -> Result:
    """Kill a command at `trial.tries` of its calls, or at all of them if there are not so many."""
    ground = trial.folder / "ground"
    _prepare(trial, ground)
    states = {name: read_ledger(ground / name) for name in ("backup.db", "ledger.db")}
    points = [
        (command, call, number)
        for command in COMMANDS
        for call, count in _calls(trial, ground, command).items()
        for number in range(1, count + 1)
    ]
    chosen = trial.chance.sample(points, min(trial.tries, len(points)))
    broken = [fault for point in chosen for fault in _faults(trial, ground, states, *point)]
    return Result(
        trial.fault, len(chosen), len(states["ledger.db"][0]), broken=broken, note=f"{len(points)} calls"
    )


def _prepare(trial: Trial, ground: Path) -> None:
    """Make a ledger, an older backup of it, and the same ledger as a server of before checksums kept it."""
    ground.mkdir()
    with trial, connection(trial.server.address) as channel:
        admin = Caller(channel, trial.server.token)
        fill(admin)
        back_up(trial.server.file, ground / "backup.db")
        new_customer(admin)
        trial.server.stop()
    shutil.copy(trial.server.file, ground / "ledger.db")
    without_checksums(ground / "ledger.db", ground / "unchecked.db")


def without_checksums(path: Path, made: Path) -> None:
    """Copy a ledger into a file as servers wrote it before pages had checksums."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(made)) as copy:
        copy.executescript("\n".join(source.iterdump()))
        copy.execute("PRAGMA journal_mode=WAL")
    assert not has_checksums(made)


def _calls(trial: Trial, ground: Path, command: Command) -> Counter[str]:
    """Count the calls that a command makes when nobody kills it."""
    folder, log = _fresh(trial, ground), trial.folder / "calls"
    ended = _traced(folder, command, "-o", str(log), "-e", f"trace={','.join(_CALLS)}")
    assert ended.returncode == 0, ended.stderr
    lines = log.read_text().splitlines()
    return Counter(line.split()[1].partition("(")[0] for line in lines if "(" in line)


def _fresh(trial: Trial, ground: Path) -> Path:
    folder = trial.folder / "killed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ground, folder)
    return folder


def _traced(folder: Path, command: Command, *options: str) -> subprocess.CompletedProcess[str]:
    words = ["strace", "-f", "-qq", *options, sys.executable, "-m", "clientela_server", *command.words]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=_WITHIN_S, check=False)


def _faults(
    trial: Trial, ground: Path, states: dict[str, Ledger], command: Command, call: str, number: int
) -> list[str]:
    """Kill a command at a call, and say what is wrong then, and after the same command once more."""
    folder, faults = _fresh(trial, ground), []
    rule = f"inject={call}:signal=SIGKILL:when={number}"
    ended = _traced(folder, command, "-o", "/dev/null", "-e", f"trace={call}", "-e", rule)
    if ended.returncode == 0:
        faults.append("it was not killed")
    if _recovered(folder / command.target) not in states.values():
        faults.append("it left neither what there was nor what was to be")
    command.again(folder)
    wanted = states["backup.db" if command.words[0] == "restore" else "ledger.db"]
    if read_ledger(folder / command.target) != wanted or not is_whole(folder / command.target):
        faults.append("once more did not do it")
    return [f"{command.words[0]} killed at {call} {number}: {fault}" for fault in faults]


def _recovered(path: Path) -> Ledger:
    """Read what a server would find: first it takes up what a dead process left beside the file."""
    SqliteConnection(path).close()
    return read_ledger(path)

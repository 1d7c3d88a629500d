"""A server killed in the middle of its first start: the next one begins as if it had never been, or goes on.

It is stopped before it does anything, so that strace can take hold of it. Read next: strace.py.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clientela_lab.patience import HANG_S
from tests.faults.disk_errors import KILL
from tests.faults.intents import create, new_key
from tests.faults.planted import stands_still_at_first
from tests.faults.strace import counted, injected
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.victim import ROOT, Victim
from tests.faults.workload import connection
from tests.rpc.callers import Caller
from tests.rpc.processes import first_line, private
from tests.rpc.waiting import wait_for


def run(trial: Trial) -> Result:
    """Kill it as it is about to make a write or sync; start it again; see that it has an administrator."""
    broken, slowest_s = [], 0.0
    with _standing_still(trial.folder / "counted") as first, counted(first.pid) as calls:
        os.kill(first.pid, signal.SIGCONT)
        assert first_line(first)
    points = sorted((call, at + 1) for call, most in calls.items() for at in range(most))
    trial.tries = min(trial.tries, len(points))
    for number, (call, at) in enumerate(trial.chance.sample(points, trial.tries)):
        folder = trial.folder / f"{number}"
        with _standing_still(folder) as first, injected(first.pid, call, KILL, at):
            os.kill(first.pid, signal.SIGCONT)
            if first.wait(HANG_S) != -signal.SIGKILL:
                broken.append(f"{call} {at}: not killed")
        begun = time.monotonic()
        with Victim(folder) as server:
            slowest_s = max(slowest_s, time.monotonic() - begun)
            broken += _takes_a_write(trial, server)
    trial.history.close()
    return Result(trial.fault, trial.tries, trial.tries - len(broken), (), slowest_s, broken)


def _takes_a_write(trial: Trial, server: Victim) -> list[str]:
    with connection(server.address) as channel:
        intent = create(Caller(channel, server.token), "blue-door", new_key(trial.chance))
        written = intent.method.with_call(intent.request)[1].trailing_metadata()
    return [] if dict(written)["clientela-revision"] == "1" else [f"not the first write: {written}"]


@contextmanager
def _standing_still(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A server that is about to start for the first time, where a Victim of this folder will be."""
    folder.mkdir()
    planted = f"--planted={stands_still_at_first.__name__}"
    given = ["--listen", "127.0.0.1:0", "--web", "off", "--database", str(folder / "ledger.db"), planted]
    with (folder / "server.log").open("ab") as log:
        popen = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.planted", *given],
            env=private(folder),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        wait_for(lambda: _state(popen.pid) == "T")
        yield popen
    finally:
        popen.kill()
        popen.wait(HANG_S)
        assert popen.stdout
        popen.stdout.close()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

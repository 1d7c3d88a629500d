"""Power cuts: what was answered is on the disk, also where the system's memory held it a moment ago.

A power cut takes the machine and the disk at the same moment. Ours takes some milliseconds, in which a sync
that is under way may succeed although its data are lost (as in 8 of 200 cuts of a program that does nothing
but write and sync). So the process is stopped first, amid whatever it does, and answers nobody any more.
Read next: disks.py, patient.py.
"""

import os
import signal
from pathlib import Path

from tests.faults.disk_errors import KILL
from tests.faults.disks import PowerCutDisk, power_cut_disk
from tests.faults.patient import OK, Patient, integrity
from tests.faults.strace import SYNCS, injected
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.victim import Victim
from tests.rpc.waiting import wait_for

_PURCHASES = 20


def run(trial: Trial) -> Result:
    """Cut the power `trial.tries` times under four writers and two watchers."""
    with power_cut_disk(trial.server.folder) as disk, trial:
        with trial.load() as load:
            load.start()
            for _ in range(trial.tries):
                load.wait_for(trial.chance.randrange(1, 60))
                cut(disk, trial.server)
                disk.come_back()
                trial.server.revive()
            load.wait_for(10)
            load.stop()
            load.settle()
        trial.server.kill()
        return trial.verdict(load.watches, integrity(trial.server))


def cut(disk: PowerCutDisk, server: Victim) -> None:
    """Cut the power of a server and its disk."""
    os.kill(server.pid, signal.SIGSTOP)
    wait_for(lambda: _stands_still(server.pid))
    disk.cut()
    server.kill()


def _stands_still(pid: int) -> bool:
    """Return whether every thread waits for the disk."""
    stats = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat"))
    return all(stat.rpartition(")")[2].split()[0] in {"T", "D"} for stat in stats)


def after_a_kill(trial: Trial, planted: str = "") -> Result:
    """Kill the server as it is about to sync; ask the next one again, and cut its power once it has answered.

    planted: what of planted.py that next one runs with. Needs strace too.
    """
    with Patient(trial) as patient, power_cut_disk(trial.server.folder) as disk:
        for _ in range(trial.tries):
            with patient.life() as life, injected(life.pid, SYNCS[0], KILL, 1):
                patient.expect(life.buy() != OK, "answered by the dead")
                life.server.exit_code()
            with patient.life(planted) as life:
                cut(disk, life.server)
            disk.come_back()
        return patient.verdict()


def at_rest(trial: Trial, planted: str) -> Result:
    """Let one client buy, then cut the power: for a server that is to lose something by it."""
    with Patient(trial) as patient, power_cut_disk(trial.server.folder) as disk:
        with patient.life():
            pass  # the customer is registered, on disk
        with patient.life(planted) as life:
            for _ in range(_PURCHASES):
                patient.expect(life.buy() == OK, "the disk was whole, and yet it was not recorded")
            cut(disk, life.server)
        disk.come_back()
        return patient.verdict()

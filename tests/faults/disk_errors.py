"""A disk that fails at one write or sync of a purchase, or a kill at that point: at each of them in turn.

Which calls a purchase makes is not written down here: they are counted. Each is tried on a server that has
written before; and where all are wanted, on one that has just started, which begins its log anew, and on one
that copies its log into the file after each commit. Read next: strace.py, patient.py.
"""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.faults.patient import OK, Life, Patient
from tests.faults.planted import log_copied_at_once
from tests.faults.strace import SYNCS, WRITE, counted, injected
from tests.faults.table import Result
from tests.faults.trial import Trial

EAGER = log_copied_at_once.__name__
KILL, EIO, NO_SPACE, NOTHING_WRITTEN = "signal=SIGKILL", "error=EIO", "error=ENOSPC", "retval=0"
FULL = "DISK_FULL"
# A purchase writes no more than so much to the log.
_BYTES = 24_000
# A checkpoint stops where a reader is in its way, and then makes fewer calls than it was counted to.
_PURCHASES_MAX = 20


@dataclass(frozen=True)
class Point:
    """The Nth call of a kind in a purchase: the first one after a start, or a later one."""

    planted: str
    later: bool
    call: str
    number: int

    def __str__(self) -> str:
        server = f", {self.planted}" if self.planted else ""
        return f"{self.call} {self.number} of a {'later' if self.later else 'first'} purchase{server}"


def kills(trial: Trial) -> Result:
    """Kill the server as it is about to make a call."""
    with Patient(trial) as patient:
        for point in _chosen(patient, (WRITE, *SYNCS)):
            with _at(patient, point) as life, injected(life.pid, point.call, KILL, point.number):
                came = _until_it_is_met(life, point.planted == EAGER)
                patient.expect(came != OK, f"{point}: answered by the dead")
                patient.expect(life.server.exit_code() == -signal.SIGKILL, f"{point}: not killed")
        return patient.verdict()


def syncs_fail(trial: Trial) -> Result:
    """Let a sync fail, by turns once and for ever."""
    return _fail(trial, SYNCS)


def writes_fail(trial: Trial) -> Result:
    """Let a write fail, by turns once and for ever."""
    return _fail(trial, (WRITE,))


def _fail(trial: Trial, calls: tuple[str, ...]) -> Result:
    """Let calls fail: a server that has seen that must write no more, and end."""
    with Patient(trial) as patient:
        for at, point in enumerate(_chosen(patient, calls)):
            when = f"{point.number}{'+' * (at % 2)}"
            with _at(patient, point) as life, injected(life.pid, point.call, EIO, when):
                _ends_by_itself(life, f"{point}", committed=point.planted == EAGER)
        return patient.verdict()


def writes_cut_short(trial: Trial) -> Result:
    """Let a write end after some of its bytes, and the next one fail, by a limit to the size of files."""
    log = trial.server.file.with_name("ledger.db-wal")
    with Patient(trial) as patient:
        for _ in range(trial.tries):
            with patient.life() as life:
                life.buy()
                offset = trial.chance.randrange(1, _BYTES * 3 // 4)
                _, most = resource.prlimit(life.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(life.pid, resource.RLIMIT_FSIZE, (log.stat().st_size + offset, most))
                _ends_by_itself(life, f"cut after {offset} bytes", committed=False)
        return patient.verdict()


def _ends_by_itself(life: Life, where: str, *, committed: bool) -> None:
    """The purchase that meets the failure is not answered for, unless it was committed; none after is."""
    expect = life.patient.expect
    with life.told_health() as healths:
        expect(next(healths) == "SERVING", f"{where}: it did not serve")
        came = _until_it_is_met(life, committed)
        expect(came == "STORE_FAILED" or (committed and came != OK), f"{where}: answered {came}")
        later = [life.buy() for _ in range(3)]
        expect(OK not in later, f"{where}: {later} after the failure")
        expect(list(healths) == ["NOT_SERVING"], f"{where}: the health service does not tell")
    code = life.server.exit_code()
    expect(code == 1, f"{where}: ended with {code}")


def _until_it_is_met(life: Life, committed: bool) -> str:
    """Buy; where the failure may come after the commit, buy until a purchase is not answered for."""
    came = life.buy()
    for _ in range(_PURCHASES_MAX if committed else 0):
        if came != OK:
            break
        came = life.buy()
    return came


def no_space(trial: Trial) -> Result:
    """Let a write find no space, by turns once and for long: it is refused, reads go on, then writes too."""
    with Patient(trial) as patient:
        for at, point in enumerate(_chosen(patient, (WRITE,))):
            fault = (NO_SPACE, NOTHING_WRITTEN)[at // 2 % 2]
            with _at(patient, point) as life:
                with injected(life.pid, point.call, fault, f"{point.number}{'+' * (at % 2)}"):
                    came = {life.buy() for _ in range(3 if at % 2 else 1)}
                    patient.expect(life.read() == OK, f"{point}, {fault}: no reads")
                    patient.expect(life.health() == "SERVING", f"{point}, {fault}: not serving")
                refused = came == {FULL} or point.planted == EAGER
                patient.expect(refused, f"{point}, {fault}: answered {came}")
                patient.expect(life.buy() == OK, f"{point}, {fault}: no writes when there is space")
                life.resolve()
        return patient.verdict()


def _chosen(patient: Patient, calls: tuple[str, ...]) -> list[Point]:
    """Points of a purchase: as many as are to be tried, or all, by chance and so not in their order."""
    trial = patient.trial
    with patient.life() as life:
        life.buy()
        points = _points_of_the_next(life, "", later=True)
    if trial.tries > len(points):
        with patient.life() as life:
            points += _points_of_the_next(life, "", later=False)
        with patient.life(EAGER) as life:
            points += _points_of_the_next(life, EAGER, later=True)
    points = [point for point in points if point.call in calls]
    trial.tries = min(trial.tries, len(points))
    return trial.chance.sample(points, trial.tries)


def _points_of_the_next(life: Life, planted: str, *, later: bool) -> list[Point]:
    with counted(life.pid) as calls:
        life.buy()
    return [Point(planted, later, call, at + 1) for call, most in sorted(calls.items()) for at in range(most)]


@contextmanager
def _at(patient: Patient, point: Point) -> Iterator[Life]:
    """A server of which the next purchase is the one that is meant."""
    if not point.later and patient.begins_with_writing:
        with patient.life():
            pass
    with patient.life(point.planted) as life:
        if point.later:
            life.buy()
        yield life

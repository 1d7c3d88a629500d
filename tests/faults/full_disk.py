"""A disk that is full, and then is not: nothing is lost, reads go on, writes too as soon as there is room.

The disk is one in memory. It ends where it ends, in the middle of a write: so these are honest short writes
too. Read next: disks.py, trial.py.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.faults.disk_errors import FULL
from tests.faults.disks import small_disk
from tests.faults.patient import OK, Life, Patient
from tests.faults.table import Result
from tests.faults.trial import Trial

_SIZE_KIB = 8 * 1024
_PAGE = 4096
_PURCHASES_MAX = 1000
_WRITES_AGAIN_WITHIN_S = 5.0


def fillings(trial: Trial) -> Result:
    """Fill the disk up to some pages, buy until there is no room, make room, and see how soon it goes on."""
    slowest_s = 0.0
    with Patient(trial) as patient, small_disk(trial.server.folder, _SIZE_KIB) as disk:
        with patient.life() as life:
            for _ in range(trial.tries):
                with _filled(disk, all_but_pages=trial.chance.randrange(8)):
                    _buy_until_full(life)
                slowest_s = max(slowest_s, life.seconds_until_a_write())
            life.resolve()
        late = [f"no write for {slowest_s:.1f} s of room"] if slowest_s > _WRITES_AGAIN_WITHIN_S else []
        return patient.verdict(late=late, note=f"writes again after {slowest_s:.2f} s")


def kills(trial: Trial) -> Result:
    """Kill a server on a full disk, start it there, and only then make room."""
    with Patient(trial) as patient, small_disk(trial.server.folder, _SIZE_KIB) as disk:
        for _ in range(trial.tries):
            with ExitStack() as stack:
                with patient.life() as life:
                    stack.enter_context(_filled(disk, all_but_pages=trial.chance.randrange(8)))
                    _buy_until_full(life)
                with patient.life(resolving=False) as life:
                    _buy_until_full(life)
                    stack.close()
                    life.seconds_until_a_write()
                    life.resolve()
        return patient.verdict()


@contextmanager
def _filled(disk: Path, all_but_pages: int) -> Iterator[None]:
    """Take up the disk's room, all but some pages, with a file of somebody else."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(_PAGE)) == _PAGE:
                pass
        except OSError:
            file.truncate(max(0, file.tell() - all_but_pages * _PAGE))
    try:
        yield
    finally:
        ballast.unlink()


def _buy_until_full(life: Life) -> None:
    expect = life.patient.expect
    for _ in range(_PURCHASES_MAX):
        if (came := life.buy()) != OK:
            break
    expect(came == FULL, f"on a full disk a purchase was answered {came}")
    expect(life.read() == OK, "no reads on a full disk")
    expect(life.health() == "SERVING", "the health service does not tell that there are reads")

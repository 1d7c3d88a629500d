"""SIGTERM while the store does not answer: the server is gone within its grace and two seconds all the same.

Three kinds, in turn: a disk that never returns; the same and a second SIGTERM, which waits for nobody; and
another program that holds the database's lock. Whoever was not answered is in doubt, and asks again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from clientela_lab.patience import HANG_S
from tests.faults.planted import STALLED_GRACE_S
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.rpc.waiting import wait_for

_GONE_WITHIN_S = STALLED_GRACE_S + 2
_GONE_AT_ONCE_S = 1.0


def run(trial: Trial) -> Result:
    """Stop a stalled server `trial.tries` times."""
    late, took = [], [0.0]
    with trial, trial.load() as load:
        load.start()
        for number in range(trial.tries):
            load.wait_for(20)
            stall, insist = ((disk, False), (disk, True), (lock, False))[number % 3]
            with stall(trial):
                took.append(seconds_to_stop(trial, insist))
            if took[-1] > (_GONE_AT_ONCE_S if insist else _GONE_WITHIN_S):
                late.append(f"{stall.__name__}, told {1 + insist} times: gone after {took[-1]:.1f} s")
            trial.server.revive()
        load.stop()
        load.settle()
    note = f"gone after at most {max(took):.1f} s, of which {STALLED_GRACE_S:.0f} s are grace"
    return trial.verdict(load.watches, note=note, late=late)


def seconds_to_stop(trial: Trial, insist: bool) -> float:
    """Send SIGTERM once or twice; return the seconds from the last one to the exit."""
    if insist:
        trial.server.ask_to_stop()
    begun = time.monotonic()
    trial.server.stop()
    return time.monotonic() - begun


@contextmanager
def disk(trial: Trial) -> Iterator[None]:
    """A disk on which a commit hangs, from now on until the server is gone."""
    stall, stalled = (trial.server.folder / name for name in ("stall", "stalled"))
    stall.touch()
    wait_for(stalled.exists)
    yield
    stall.unlink()
    stalled.unlink()


@contextmanager
def lock(trial: Trial) -> Iterator[None]:
    """Another program that has begun to write, and does not end. SQLite's log it leaves to the server."""
    if isinstance(trial.server.database, str):
        import psycopg

        with psycopg.connect(trial.server.database, connect_timeout=round(HANG_S)) as other:
            other.execute("LOCK TABLE journal IN ACCESS EXCLUSIVE MODE")
            yield
            other.rollback()
        return
    file = apsw.Connection(str(trial.server.database))
    file.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    file.set_busy_timeout(5000)
    file.execute("BEGIN IMMEDIATE")
    yield
    file.close()

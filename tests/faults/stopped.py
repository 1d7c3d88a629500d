"""A server that stands still, as when its machine swaps: clients see their deadline, and nothing is lost."""

import os
import signal
import threading
import time

from tests.faults.patient import OK, Life, Patient
from tests.faults.table import Result
from tests.faults.trial import Trial

DEADLINE_S = 1.0
_SLACK_S = 1.0
_CLIENTS = 4


def run(trial: Trial) -> Result:
    """Stop the process while each client makes `trial.tries` calls; let it go on; see that all is as told."""
    waited: list[float] = []
    with Patient(trial) as patient:
        with patient.life() as life:
            _stand_still(life, trial.tries, waited)
            life.resolve()
            patient.expect(life.buy() == OK, "it does not go on")
        longest = max(waited)
        late = [f"a client waited for {longest:.1f} s"] if longest > DEADLINE_S + _SLACK_S else []
        return patient.verdict(
            late=late, note=f"waited for at most {longest:.2f} s, of a deadline of {DEADLINE_S:.0f} s"
        )


def _stand_still(life: Life, calls: int, waited: list[float]) -> None:
    buyers = [threading.Thread(target=_buy, args=(life, calls, waited)) for _ in range(_CLIENTS)]
    os.kill(life.pid, signal.SIGSTOP)
    try:
        for buyer in buyers:
            buyer.start()
        for buyer in buyers:
            buyer.join()
    finally:
        os.kill(life.pid, signal.SIGCONT)


def _buy(life: Life, calls: int, waited: list[float]) -> None:
    for _ in range(calls):
        begun = time.monotonic()
        came = life.buy(DEADLINE_S)
        waited.append(time.monotonic() - begun)
        life.patient.expect(came == "DEADLINE_EXCEEDED", f"answered {came} while it stood still")

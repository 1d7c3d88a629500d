"""kill -9 at a random moment, again and again, while clients write and watch."""

import threading

from tests.faults.crew import Crew
from tests.faults.table import Result
from tests.faults.trial import Trial

# What must be answered between two kills, and how long after that the moment may be: a time, and no event.
_ANSWERS = 10
_MOMENT_S = 0.1


def run(trial: Trial) -> Result:
    """Kill the server `trial.tries` times under four writers and two watchers."""
    with trial, trial.load() as load:
        load.start()
        for _ in range(trial.tries):
            kill_amid(trial, load)
        load.stop()
        load.settle()
    return trial.verdict(load.watches)


def kill_amid(trial: Trial, load: Crew) -> None:
    """Kill the server once its clients are at it again, and start it again."""
    load.wait_for(_ANSWERS)
    threading.Event().wait(trial.chance.uniform(0, _MOMENT_S))
    trial.server.kill()
    trial.server.revive()

"""kill -9 at a random moment, again and again, while clients write and watch.

Of the starts that follow, some are killed too: a server that is just taking up what the last one left.
"""

import random
import threading

from tests.faults.crew import Crew
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.victim import Victim

# What must be answered between two kills, and how long after that the moment may be: a time, and no event.
_ANSWERS = 10
_MOMENT_S = 0.1
# How many of the starts are killed, and the longest time after which: a start takes about a second.
_STARTS_KILLED = 0.15
_START_S = 1.0


def run(trial: Trial) -> Result:
    """Kill the server `trial.tries` times under four writers and two watchers."""
    with trial, trial.load() as load:
        load.start()
        for _ in range(trial.tries):
            kill_amid(load, trial.server, trial.chance)
            if trial.chance.random() < _STARTS_KILLED:
                trial.server.kill_while_starting(trial.chance.uniform(0, _START_S))
            trial.server.revive()
        load.stop()
        load.settle()
    return trial.verdict(load.watches)


def kill_amid(load: Crew, server: Victim, chance: random.Random) -> None:
    """Kill a server once its clients are at it again, at most a moment later."""
    load.wait_for(_ANSWERS)
    threading.Event().wait(chance.uniform(0, _MOMENT_S))
    server.kill()

"""Two servers on one PostgreSQL, one or the other killed, while every client calls both by turns.

So a key is asked again of the other server, a read goes to another than the write before it, and a watch goes
on at whichever is there.
"""

from tests.faults.kills import kill_amid
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.victim import Victim


def run(trial: Trial) -> Result:
    """Kill one of them `trial.tries` times."""
    second = Victim(trial.folder / "second", str(trial.server.database))
    second.folder.mkdir()
    with trial, second, trial.load(also=second.address) as load:
        load.start()
        for _ in range(trial.tries):
            server = trial.chance.choice([trial.server, second])
            kill_amid(load, server, trial.chance)
            load.wait_for(5)  # the other one goes on
            server.revive()
        load.stop()
        load.settle()
    trial.server.restarts += second.restarts
    return trial.verdict(load.watches)

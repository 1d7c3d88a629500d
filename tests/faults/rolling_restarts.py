"""SIGTERM and a new start, again and again, under clients that use the SDK: not one of their calls fails."""

from tests.faults.table import Result
from tests.faults.trial import Trial

_ANSWERS_BETWEEN = 40


def run(trial: Trial) -> Result:
    """Restart the server `trial.tries` times."""
    exits = []
    with trial, trial.sdk_load() as load:
        load.start()
        for _ in range(trial.tries):
            load.wait_for(_ANSWERS_BETWEEN)
            exits.append(trial.server.stop())
            trial.server.revive()
        load.stop()
        load.settle()
    broken = [f"a call failed: {failure!r}" for failure in load.failures]
    broken += [f"the server ended with {code}" for code in exits if code]
    calls = sum(event["ev"] == "invoke" for event in trial.history.events)
    return trial.verdict(load.watches, broken, f"{len(load.failures)} of {2 * calls} calls failed")

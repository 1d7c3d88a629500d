"""A second server on a database that is served: it exits with an error, and the first one goes on."""

import subprocess
import sys
import time

from clientela_lab.patience import HANG_S
from tests.faults.table import Result
from tests.faults.trial import Trial

_WITHIN_S = HANG_S


def run(trial: Trial) -> Result:
    """Start a second one `trial.tries` times, under load."""
    broken, took = [], [0.0]
    with trial, trial.load() as load:
        load.start()
        for _ in range(trial.tries):
            begun = time.monotonic()
            second = _second(trial)
            took.append(time.monotonic() - begun)
            if second.returncode != 1 or "another server has it open" not in second.stderr:
                broken.append(f"the second one ended with {second.returncode}: {second.stderr}")
            load.wait_for(20)
        load.stop()
        load.settle()
    return trial.verdict(load.watches, broken, f"refused after at most {max(took):.1f} s")


def _second(trial: Trial) -> subprocess.CompletedProcess[str]:
    arguments = ["--listen", "127.0.0.1:0", "--web", "off", "--database", str(trial.server.database)]
    return subprocess.run(
        [sys.executable, "-m", "clientela_server", *arguments],
        env=trial.server.env,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )

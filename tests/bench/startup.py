"""How long the command line takes to show its help, beside a bare interpreter started in turn with it."""

import statistics
import subprocess
import sys
import time

from report import Check

from clientela_lab.patience import HANG_S

WITHIN_S = HANG_S
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "clientela --help": [sys.executable, "-m", "clientela_client", "--help"],
}


def time_startups(times: int) -> dict[str, list[float]]:
    """Starts each command in turn, `times` times, and returns the seconds that each start took."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(times):
        for name, command in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=True)
            seconds[name].append(time.perf_counter() - started)
    return seconds


def checks(seconds: dict[str, list[float]]) -> list[Check]:
    """Returns the medians in seconds; the help must be there within 0.3 s."""
    bare, shown = seconds["python -c pass"], seconds["clientela --help"]
    return [
        Check(
            "clientela --help", statistics.median(shown), min(shown), max(shown), 0.3, unit="s", better="less"
        ),
        Check("bare python", statistics.median(bare), min(bare), max(bare), unit="s", better="less"),
    ]

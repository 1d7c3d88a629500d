"""How long the command line takes from its start to an answer, and to its help.

Each is started in turn with the yardsticks: a bare interpreter, and one that imports gRPC.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

from report import Check

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer

WITHIN_S = HANG_S
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import grpc'": [sys.executable, "-c", "import grpc"],
    "clientela --help": [sys.executable, "-m", "clientela_client", "--help"],
    "clientela customers get": [sys.executable, "-m", "clientela_client", "customers", "get", "blue-door"],
}
_REGISTER = [*COMMANDS["clientela --help"][:-1], "customers", "create", "--id=blue-door", "--name=Blue Door"]


def time_startups(times: int) -> dict[str, list[float]]:
    """Starts each command in turn, `times` times, and returns the seconds that each start took."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with LocalServer() as server:
        env = {**os.environ, **server.env, "CLIENTELA_SERVER": server.address}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # each start would compile all modules again
        _run(_REGISTER, env)
        for _ in range(times):
            for name, command in COMMANDS.items():
                started = time.perf_counter()
                _run(command, env)
                seconds[name].append(time.perf_counter() - started)
    return seconds


def checks(seconds: dict[str, list[float]]) -> list[Check]:
    """Returns the medians in seconds: the help must be there within 0.3 s, an answer within 0.15 s."""
    return [
        _check("clientela customers get", seconds, goal=0.10, floor=0.15),
        _check("clientela --help", seconds, goal=0.3),
        _check("python -c 'import grpc'", seconds),
        _check("python -c pass", seconds),
    ]


def _run(command: list[str], env: Mapping[str, str]) -> None:
    subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=True, env=env)


def _check(
    name: str, seconds: dict[str, list[float]], goal: float | None = None, floor: float | None = None
) -> Check:
    took = seconds[name]
    return Check(name, statistics.median(took), min(took), max(took), goal, floor, unit="s", better="less")

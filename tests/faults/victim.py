"""The server that is hurt: killed, stopped, started again on the same port and data, and timed.

It serves again once its health says so; `restarts` tells how long that took from the start of each process.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer, ServerDidNotStart
from tests.faults.workload import connection
from tests.rpc.callers import Caller
from tests.rpc.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
_SERVING = health_pb2.HealthCheckResponse.SERVING


def _serves(check: Any) -> bool:
    try:
        return bool(check(health_pb2.HealthCheckRequest(), timeout=HANG_S).status == _SERVING)
    except grpc.RpcError:
        return False


class Victim(LocalServer):
    """A server process that may run planted.py in the server's place; see LocalServer for the rest."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        super().__init__(folder=folder, database=database)
        self.restarts: list[float] = []
        self.env["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.env["VICTIM_FOLDER"] = str(folder)

    def plant(self, name: str) -> None:
        """From the next start on, run the server with something of planted.py; with "" run it as it is."""
        self._module = "tests.faults.planted" if name else "clientela_server"
        self._arguments = (f"--planted={name}",) if name else ()

    def exit_code(self, within_s: float = HANG_S) -> int:
        """Wait until it has ended by itself; return its exit code."""
        return self._running().wait(within_s)

    def revive(self) -> None:
        """Start it again, and note how long it took to serve."""
        begun = time.monotonic()
        self.start()
        self.wait_until_it_serves()
        self.restarts.append(time.monotonic() - begun)

    def kill_while_starting(self, moment_s: float) -> None:
        """Start it, and kill it after a moment, wherever it has come to by then."""
        within_s, self._within_s = self._within_s, moment_s
        with suppress(ServerDidNotStart):
            self.start()
        self.kill()
        self._within_s = within_s

    def wait_until_it_serves(self, within_s: float = HANG_S) -> None:
        """Ask for its health; grpc.RpcError where there is no answer in time."""
        with connection(self.address) as channel:
            check = Caller(channel, None).health.Check
            answer = check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=within_s)
        assert answer.status == _SERVING

    def ask_to_stop(self) -> None:
        """Send SIGTERM, and wait until it is heeded: the health says no, or nothing any more."""
        os.kill(self.pid, signal.SIGTERM)
        with connection(self.address) as channel:
            check = Caller(channel, None).health.Check
            wait_for(lambda: not _serves(check))

    @property
    def slowest_restart_s(self) -> float | None:
        """The longest that it took to serve again; None where it was not started again."""
        return max(self.restarts, default=None)

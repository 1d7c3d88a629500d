"""A siege: a real server, an attack on it, and what it costs others.

Others are a healthy client (healthy.py), who is to see no error and hardly a delay, and the machine: the
server's memory at its highest, and the files that it has open when the attack is over.
Read next: any attack, such as rapid_reset.py; attacks.py is the list of all.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from clientela_lab.servers.local_server import LocalServer
from clientela_server.admin import create_token
from tests.rpc.callers import fresh
from tests.rpc.processes import log_lines
from tests.rpc.waiting import wait_for

GROWTH_MAX_MIB = 64
SLOWER_MAX = 5
_SAMPLE_S = 0.02


@dataclass(frozen=True)
class Target:
    """What an attacker knows: where the server is, and maybe a token, of a clerk."""

    address: str
    token: str


@dataclass(frozen=True)
class Attack:
    """An attack: `run` does it so many times, and asserts what becomes of it; every test run does `small`."""

    name: str
    run: Callable[[Target, int], None]
    small: int
    big: int


@dataclass
class Outcome:
    """What an attack cost others. A quiet time comes before each attack, for comparison."""

    attack: str
    tries: int
    errors: list[str] = field(default_factory=list)
    quiet_p99_ms: float = 0.0
    attacked_p99_ms: float = 0.0
    grown_mib: float = 0.0
    files_left: int = 0
    faults: list[str] = field(default_factory=list)

    def harm(self) -> list[str]:
        """What must not be, whatever the machine has to do beside."""
        found = [f"the healthy client: {error}" for error in self.errors[:3]]
        if self.grown_mib > GROWTH_MAX_MIB:
            found.append(f"the server grew by {self.grown_mib:.0f} MiB")
        if self.files_left > 0:
            found.append(f"the server has {self.files_left} more files open than before")
        return found + [f"a fault in the server's log: {fault}" for fault in self.faults[:3]]

    def delay(self) -> list[str]:
        """What must not be on a machine that does nothing else."""
        if self.attacked_p99_ms <= SLOWER_MAX * self.quiet_p99_ms:
            return []
        return [f"p99 {self.quiet_p99_ms:.1f} ms became {self.attacked_p99_ms:.1f} ms"]


class Siege:
    """A server with a healthy client beside it, to be attacked any number of times."""

    def __init__(self, server: LocalServer, healthy: subprocess.Popen[str]) -> None:
        self.server = server
        self._healthy = healthy
        self._process = psutil.Process(server.pid)
        self.target = Target(server.address, create_token(server.database, fresh("eve"), "clerk", None))

    def suffer(self, attack: Attack, size: int, *, quiet_s: float, at_least_s: float = 0) -> Outcome:
        """Make an attack, again and again for a time, and tell what it cost; its own assertions pass."""
        self._pause(quiet_s)
        quiet = self._end_phase()
        outcome = Outcome(attack.name, 0, quiet_p99_ms=quiet["p99_ms"])
        before, files, log = self._memory(), self._files(), len(self._log())
        end = time.monotonic() + at_least_s
        with self._highest() as highest:
            while not outcome.tries or time.monotonic() < end:
                attack.run(self.target, size)
                outcome.tries += size
        attacked = self._end_phase()
        outcome.errors = [*quiet["errors"], *attacked["errors"]]
        outcome.attacked_p99_ms = attacked["p99_ms"]
        outcome.grown_mib = (max(highest) - before) / 2**20
        outcome.files_left = self._files_left(files)
        outcome.faults = [line["event"] for line in self._log()[log:] if line.get("level") == "error"]
        return outcome

    def _pause(self, quiet_s: float) -> None:
        self._end_phase()
        threading.Event().wait(quiet_s)

    def _end_phase(self) -> dict[str, "float | list[str]"]:
        assert self._healthy.stdin
        assert self._healthy.stdout
        self._healthy.stdin.write("\n")
        self._healthy.stdin.flush()
        figures: dict[str, Any] = json.loads(self._healthy.stdout.readline())
        return figures

    def _memory(self) -> int:
        return int(self._process.memory_info().rss)

    def _files(self) -> int:
        """How much is open beside the files of the database, which readers keep open for each other."""
        return self._process.num_fds() - len(self._process.open_files())

    @contextmanager
    def _highest(self) -> Iterator[list[int]]:
        """Sample the server's memory meanwhile."""
        over = threading.Event()
        samples = [self._memory()]

        def sample() -> None:
            while not over.wait(_SAMPLE_S):
                samples.append(self._memory())

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            yield samples
        finally:
            over.set()
            sampler.join()

    def _files_left(self, before: int) -> int:
        """How many more files are open than before, when the server has had time to close them.

        Of a connection that was cut at the wrong moment gRPC knows only by its next ping.
        """
        try:
            wait_for(lambda: self._files() <= before)
        except AssertionError:
            return self._files() - before
        return 0

    def _log(self) -> list[dict[str, object]]:
        return log_lines(Path(self.server.folder) / "server.log")


@contextmanager
def siege() -> Iterator[Siege]:
    """A server and a healthy client that has made its first calls."""
    with LocalServer() as server:
        token = create_token(server.database, "honest", "clerk", None)
        command = [sys.executable, "-m", "tests.attacks.healthy", server.address, token]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as healthy:
            try:
                yield Siege(server, healthy)
            finally:
                healthy.kill()

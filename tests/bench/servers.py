"""Starts the yardstick (echo_server.py) and the peer as processes; ours is clientela_lab's LocalServer.

Read next: rounds.py.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clientela_lab.patience import HANG_S
from clientela_server.before_grpc import configure_grpc

STOP_WITHIN_S = HANG_S


@dataclass(frozen=True)
class Running:
    """A server that serves: where, and as which process."""

    address: str
    pid: int


@contextmanager
def echo_server(answers: dict[str, bytes], folder: Path) -> Iterator[Running]:
    """Runs the bare server for {method path: encoded answer}, handed over as files in `folder`."""
    configure_grpc()  # on the terms on which the real one runs
    arguments = []
    for number, (path, encoded) in enumerate(answers.items()):
        file = folder / f"answer-{number}.bin"
        file.write_bytes(encoded)
        arguments.append(f"{path}={file}")
    command = [sys.executable, str(Path(__file__).with_name("echo_server.py")), *arguments]
    with started(command, "echo ready grpc=") as running:
        yield running


@contextmanager
def started(command: list[str], ready: str) -> Iterator[Running]:
    """Runs a server whose first line is `ready` and its address."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith(ready):
            raise RuntimeError(f"a server did not start: it printed {line!r} in place of {ready!r}")
        yield Running(line.strip().removeprefix(ready), process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=STOP_WITHIN_S)

"""Starts the yardstick (echo_server.py) as a process; clientela_lab.servers.local_server starts the real one.

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
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("echo ready grpc="):
            raise RuntimeError(f"the echo server did not start: it printed {line!r}")
        yield Running(line.strip().split("=", 1)[1], process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=STOP_WITHIN_S)

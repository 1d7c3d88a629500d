"""Servers as processes, where a test is about the process itself: how it starts, fails to, and ends.

LocalServer is for all else. Everything is waited for with a deadline, and nothing outlives its context.
"""

import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import orjson

from clientela_lab.patience import HANG_S
from tests.rpc.callers import Caller
from tests.stores import ON_POSTGRES, database_in

WITHIN_S = HANG_S
# What is not said here, a server takes the ports for that a user's own may have.
FREE_PORTS = ("--listen", "127.0.0.1:0", "--web", "off")
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Process:
    """A server that printed its ready line; `facts` are the words of that line."""

    popen: subprocess.Popen[str]
    folder: Path
    ready_line: str

    @property
    def facts(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in self.ready_line.split() if "=" in word)

    @property
    def address(self) -> str:
        return self.facts["grpc"]

    @property
    def token(self) -> str:
        [file] = (self.folder / "data").rglob("*.token")
        return file.read_text().strip()

    @contextmanager
    def admin(self) -> Iterator[Caller]:
        """The administrator, on a channel that is closed at the end."""
        with grpc.insecure_channel(self.address) as channel:
            yield Caller(channel, self.token)

    def log_lines(self) -> list[dict[str, Any]]:
        """The log so far; every whole line of it must be JSON."""
        return log_lines(self.folder / "log")

    def stop(self, signal: int) -> int:
        """Send a signal and wait; return the exit code."""
        self.popen.send_signal(signal)
        return self.popen.wait(WITHIN_S)


def log_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a log, each of which must be JSON."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line[-1:] == b"\n"]


def private(folder: Path) -> dict[str, str]:
    """An environment in which a process finds nothing of the user's own folders."""
    own = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("STATE", "DATA", "CONFIG", "CACHE")}
    return {**os.environ, **own}


def command(*arguments: str, module: str = "clientela_server") -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the server's command to its end."""
    return subprocess.run(
        command(*arguments),
        env=private(folder),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


@contextmanager
def serving(
    folder: Path, *arguments: str, module: str = "clientela_server", stderr: int | None = None
) -> Iterator[Process]:
    """Serve on a free port from `folder`/data/ledger.db until the context is left; log to a file there."""
    data = folder / "data"
    if ON_POSTGRES:  # a file's folder is made by the server
        data.mkdir(exist_ok=True)
    given = [*FREE_PORTS, "--database", str(database_in(data)), *arguments]
    with (folder / "log").open("ab") as log:
        popen = subprocess.Popen(
            command(*given, module=module),
            env=private(folder),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log if stderr is None else stderr,
            text=True,
        )
    try:
        yield Process(popen, folder, first_line(popen))
    finally:
        popen.kill()
        popen.wait(WITHIN_S)
        assert popen.stdout
        popen.stdout.close()


def first_line(popen: subprocess.Popen[str]) -> str:
    """Read the ready line, or fail where it does not come in time."""
    assert popen.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(popen.stdout, selectors.EVENT_READ)
        assert selector.select(WITHIN_S), "no ready line"
    return popen.stdout.readline().strip()

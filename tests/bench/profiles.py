"""Looks at a running server by perf (libraries, the kernel) and by yappi (Python functions).

Why not a profiler that samples Python frames: py-spy saw a third of the time that our functions took here,
and put the rest on uvloop, below which everything runs.
Rule: nothing in the server is changed. yappi adds to each call of a function: read its figures as shares.
Read next: profile_server.py, hook/sitecustomize.py.
"""

import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clientela_lab.patience import HANG_S

WRITES_WITHIN_S = HANG_S
PARTS = {  # by what the names of libraries begin with
    "[kernel": "kernel",
    "libpython": "Python",
    "python": "Python",
    "libc.": "C library, for all of these",
    "cygrpc.": "gRPC",
    "loop.": "uvloop",
    "_message.": "protobuf",
    "_protovalidate.": "protovalidate",
    "__init__.cpython": "SQLite (apsw)",
    "orjson.": "orjson",
}
_HOOK = Path(__file__).with_name("hook")


@dataclass(frozen=True)
class Function:
    """What a function took on one thread, in seconds of processor time: in all, and by itself."""

    thread: str
    name: str
    calls: int
    total_s: float
    own_s: float


def prepare(folder: Path) -> None:
    """Sets this process's environment so that a server started from now on can be profiled by yappi."""
    paths = [str(_HOOK), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.environ["PROFILE_TO"] = str(_file(folder))


def by_function(pid: int, work: Callable[[], object], folder: Path) -> list[Function]:
    """Does `work` with the process under yappi, and returns what its functions took meanwhile."""
    os.kill(pid, signal.SIGUSR1)
    work()
    os.kill(pid, signal.SIGUSR2)
    deadline = time.monotonic() + WRITES_WITHIN_S
    while not _file(folder).exists():
        if time.monotonic() > deadline:
            raise TimeoutError("the server did not write its profile")
        time.sleep(0.05)
    rows = (line.split("\t") for line in _file(folder).read_text(encoding="utf-8").splitlines())
    return [
        Function(thread, name, int(calls), float(total), float(own))
        for thread, name, calls, total, own in rows
    ]


def by_part(pid: int, seconds: int, folder: Path) -> list[tuple[str, float]]:
    """Returns (part, share of processor time) by perf, all threads together, the greatest first."""
    data = str(folder / "perf.data")
    watch = ["perf", "record", "-q", "-p", str(pid), "-e", "cpu-clock", "-F", "999", "-o", data]
    _run([*watch, "sleep", str(seconds)])
    said = _run(["perf", "report", "-i", data, "--sort", "dso", "--stdio", "-t", "|", "-q"])
    shares: dict[str, float] = defaultdict(float)
    for line in said.splitlines():
        if "%" in line:
            share, library = line.split("|")
            shares[_part(library.strip())] += float(share.strip(" %")) / 100
    return sorted(shares.items(), key=lambda one: -one[1])


def _part(library: str) -> str:
    return next((part for begin, part in PARTS.items() if library.startswith(begin)), library)


def _file(folder: Path) -> Path:
    return folder / "profile.tsv"


def _run(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

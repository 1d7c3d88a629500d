"""Looks at a running process from outside, by perf (libraries, the kernel) and by py-spy (Python functions).

Rule: nothing in the process is changed. Both only sample: their shares are right, their slowing down is not.
Read next: profile_server.py.
"""

import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

SAMPLES_PER_S = 250
STARTS_WITHIN_S = 60.0

Stacks = Counter[tuple[str, ...]]


class Place(NamedTuple):
    """A function, or a line of it, on one thread."""

    thread: str
    frame: str


def by_library(pid: int, seconds: int, folder: Path) -> list[tuple[float, str, str]]:
    """Returns (share of processor time, thread, library) by perf, the greatest first."""
    data = str(folder / "perf.data")
    watch = ["perf", "record", "-q", "-p", str(pid), "-e", "cpu-clock", "-F", "999", "-o", data]
    _run([*watch, "sleep", str(seconds)], seconds)
    said = _run(["perf", "report", "-i", data, "--sort", "comm,dso", "--stdio", "-t", "|", "-q"], seconds)
    rows = [line.split("|") for line in said.splitlines() if "%" in line]
    return [
        (float(share.strip(" %")) / 100, thread.strip(), library.strip()) for share, thread, library in rows
    ]


def by_function(pid: int, seconds: int, folder: Path, *, lines: bool) -> Stacks:
    """Returns how often py-spy saw each stack: the thread, then frames from the outermost in."""
    file = folder / "stacks.txt"
    command = ["py-spy", "record", "--pid", str(pid), "--duration", str(seconds)]
    command += ["--rate", str(SAMPLES_PER_S), "--format", "raw", "--threads", "--output", str(file)]
    _run(command if lines else [*command, "--function"], seconds)
    stacks: Stacks = Counter()
    for line in file.read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        thread, *frames = stack.split(";")
        stacks[thread.partition(": ")[2] or thread, *frames] += int(count)
    return stacks


def threads(stacks: Stacks) -> Counter[str]:
    """Returns how often each thread was seen at work."""
    seen = Counter[str]()
    for (thread, *_), count in stacks.items():
        seen[thread] += count
    return seen


def totals(stacks: Stacks, part: str) -> Counter[Place]:
    """Returns how often each function with `part` in its file's path was on a stack."""
    seen = Counter[Place]()
    for (thread, *frames), count in stacks.items():
        for frame in {frame for frame in frames if part in frame}:
            seen[Place(thread, frame)] += count
    return seen


def own(stacks: Stacks) -> Counter[Place]:
    """Returns how often each function was the innermost one: at work itself, or in C code that it called."""
    seen = Counter[Place]()
    for (thread, *frames), count in stacks.items():
        seen[Place(thread, frames[-1] if frames else "")] += count
    return seen


def _run(command: list[str], seconds: int) -> str:
    timeout = seconds + STARTS_WITHIN_S
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True).stdout

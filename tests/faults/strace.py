"""Faults put into a running server from outside: the Nth write or sync of a thread fails, or kills it.

By `strace -e inject=...`, so nothing of the server is changed. N counts each thread's own calls from when
strace takes hold; the database is written by one thread. And by pwrite64, which nothing else here uses: the
lines of the log are not hurt.
"""

import functools
import os
import selectors
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from clientela_lab.patience import HANG_S

_LETS_GO_S = 10.0
WRITE = "pwrite64"
# Which of the two SQLite uses depends on how it was built.
SYNCS = ("fdatasync", "fsync")


@functools.cache
def unusable() -> str:
    """Why strace can't be used here; nothing where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    if os.geteuid() != 0:
        return "only root may take hold of any process"
    tried = subprocess.run(
        ["strace", "-qq", "-o", os.devnull, "-e", "inject=getppid:error=EIO", "true"],
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    return f"strace can't take hold of processes here: {tried.stderr.strip()}" if tried.returncode else ""


needed = pytest.mark.skipif(bool(unusable()), reason=unusable())


@contextmanager
def counted(pid: int) -> Iterator[Counter[str]]:
    """Count the writes and syncs that a process makes; the figures are there when the context has ended."""
    counts: Counter[str] = Counter()
    with tempfile.NamedTemporaryFile("r", prefix="calls-") as log:
        with _held(pid, "-o", log.name, "-e", f"trace={','.join((WRITE, *SYNCS))}"):
            yield counts
        counts.update(line.split()[1].partition("(")[0] for line in log if "(" in line)


@contextmanager
def injected(pid: int, call: str, fault: str, when: int | str) -> Iterator[None]:
    """Let a system call fail in a process, from now to the end of the context.

    fault: as strace has it, such as error=EIO or signal=SIGKILL. when: N for the Nth call of a thread, "N+"
    for it and all that follow.
    """
    rule = f"inject={call}:{fault}:when={when}"
    with _held(pid, "-o", os.devnull, "-e", f"trace={call}", "-e", rule):
        yield


@contextmanager
def _held(pid: int, *options: str) -> Iterator[None]:
    """Let strace hold a process. In the end strace lets go of it, and it goes on.

    A process that is to be killed should be dead by then: to let go of a dying one, strace may wait for ever.
    """
    with subprocess.Popen(
        ["strace", "-f", *options, "-p", str(pid)], stderr=subprocess.PIPE, text=True
    ) as tracer:
        try:
            _wait_for_hold(tracer)
            yield
        finally:
            tracer.terminate()
            with suppress(subprocess.TimeoutExpired):
                tracer.wait(_LETS_GO_S)
            tracer.kill()


def _wait_for_hold(tracer: subprocess.Popen[str]) -> None:
    assert tracer.stderr
    with selectors.DefaultSelector() as selector:
        selector.register(tracer.stderr, selectors.EVENT_READ)
        assert selector.select(HANG_S), "strace does not take hold"
    line = tracer.stderr.readline()
    assert "attached" in line, line

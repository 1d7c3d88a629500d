"""The processor time of processes, as Linux counts it, in hundredths of a second."""

import os
from pathlib import Path

_PROC = Path("/proc")


def is_known() -> bool:
    """Return whether this system tells it."""
    return (_PROC / "self/stat").exists()


def processor_s(pid: int) -> float:
    """Return the processor time that a process has taken so far, in seconds."""
    user, system = _fields(_PROC / str(pid) / "stat")[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def family_processor_s(parent: int) -> float:
    """Return that of a process and its children, those that have ended included, in seconds."""
    while True:
        children = (_PROC / f"{parent}/task/{parent}/children").read_text().split()
        try:
            living = sum(processor_s(int(pid)) for pid in children)
        except (FileNotFoundError, ProcessLookupError):
            continue  # one has ended meanwhile: now it counts among those
        ended = sum(int(ticks) for ticks in _fields(_PROC / str(parent) / "stat")[13:15])
        return processor_s(parent) + living + ended / os.sysconf("SC_CLK_TCK")


def all_processors_s() -> float:
    """Return how long all processors together were busy so far, in seconds; what the host stole counts."""
    line = (_PROC / "stat").read_text().partition("\n")[0].split()[1:9]
    user, nice, system, _idle, _waiting, *rest = map(int, line)
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def _fields(stat: Path) -> list[str]:
    """Return the fields behind the command's name, which may hold spaces."""
    return stat.read_text().rpartition(")")[2].split()

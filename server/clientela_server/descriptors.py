"""How many files and connections the process may have open, and who gets how many of them.

The rule: connections, which strangers make too, take no more than their part; the rest is kept for what
answers those who are inside: the database's files, exports, reports, the log.
"""

import resource
from typing import NamedTuple

# More is asked of no system: a connection takes memory as well.
_WANTED = 65_536
# 100 exports at once hold two files each; the database, threads, and what Python loads, the rest.
_INSIDE = 512
_GRPC_MAX = 10_000
WEB_MAX = 1_000


class Budget(NamedTuple):
    """How many connections each of the two ports may have."""

    grpc: int
    web: int


def share_out() -> Budget:
    """Raise the limit of the process to what the system allows, and share it out."""
    return shared(_raised())


def shared(limit: int) -> Budget:
    """Share out so many descriptors."""
    for_connections = limit - min(_INSIDE, limit // 2)
    web = min(WEB_MAX, for_connections // 3)
    return Budget(min(_GRPC_MAX, for_connections - web), web)


def _raised() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _WANTED if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # some systems allow less than they say
        return soft
    return wanted

"""What the servers' committers do while they write to PostgreSQL, by looking at it every few milliseconds.

A committer holds the row `writer` of `meta` from the begin of its transaction to the end; another one waits
for it. PostgreSQL shows both, and what the one that has the turn is busy with. So the wait that gapless
revisions cost is measured where it happens, without a line of code in the server.
Read next: throughput.py, and server/clientela_server/store/database/postgres.py, where turns are taken.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from clientela_lab.patience import HANG_S

WAITS = "waits for its turn"
RULES = "has it: the server works"
STATEMENTS = "has it: PostgreSQL works"
DISK = "has it: the commit waits for the disk"
IDLE = "no transaction"
DOINGS = (WAITS, RULES, STATEMENTS, DISK, IDLE)
_LOOK_S = 0.01
# Only committers lock a row of meta, and its table with it.
_COMMITTERS = (
    "SELECT state, coalesce(wait_event_type, ''), query FROM pg_stat_activity JOIN pg_locks USING (pid) "
    "WHERE relation IN (SELECT oid FROM pg_class WHERE relname = 'meta') AND mode = 'RowShareLock'"
)


def doing(state: str, wait: str, query: str) -> str:
    """Return what a committer in a transaction does, by its row of pg_stat_activity."""
    if wait == "Lock":
        return WAITS
    if state != "active":
        return RULES
    return DISK if query == "COMMIT" else STATEMENTS


class Turns:
    """Watches the committers of so many servers on a thread of its own, as a context manager."""

    def __init__(self, urls: Collection[str], servers: int) -> None:
        self._urls = urls
        self._servers = servers
        self._seen: Counter[str] = Counter()
        self._failure: BaseException | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="turns")

    def shares(self) -> dict[str, float]:
        """Return the share of the committers' time that each doing took; together 1."""
        total = self._seen.total() or 1
        return {one: self._seen[one] / total for one in DOINGS}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        import psycopg

        try:
            with ExitStack() as stack:
                connections = [
                    stack.enter_context(psycopg.connect(url, connect_timeout=round(HANG_S), autocommit=True))
                    for url in self._urls
                ]
                while not self._ended.wait(_LOOK_S):
                    self.count(row for one in connections for row in one.execute(_COMMITTERS).fetchall())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._failure = error

    def count(self, committers: Iterable[tuple[str, str, str]]) -> None:
        """Count one look at the committers that are in a transaction; the others are in none."""
        found = [doing(*row) for row in committers]
        self._seen.update(found)
        self._seen[IDLE] += max(0, self._servers - len(found))

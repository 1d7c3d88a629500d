"""Writers and watchers on threads: begun, waited for, and brought to an end, each with a deadline.

A writer has `step()`, a watcher what `Watching` says. Read next: workload.py, sdk_load.py.
"""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from clientela_lab.checking.checker import Seen
from clientela_lab.patience import HANG_S


class Writing(Protocol):
    """Somebody who does one thing after another."""

    def step(self) -> None:
        """Do the next thing to its end."""


class Watching(Protocol):
    """Somebody who watches the feed from its beginning."""

    saw: list[Seen]

    def run(self) -> None:
        """Watch until told to end."""

    def wait_for(self, revision: int, within_s: float) -> bool:
        """Wait until the bookmark has come to a revision; False where it does not in time."""

    def end(self) -> None:
        """Let `run` return."""


class Tally:
    """Counts answers, and lets others wait for more."""

    def __init__(self) -> None:
        self.count = 0
        self._grown = threading.Condition()

    def add(self) -> None:
        """Count one."""
        with self._grown:
            self.count += 1
            self._grown.notify_all()

    def wait_for(self, more: int, within_s: float) -> bool:
        """Wait for so many more than there are now; False where they do not come in time."""
        with self._grown:
            wanted = self.count + more
            return self._grown.wait_for(lambda: self.count >= wanted, within_s)


class Crew:
    """Runs writers and watchers. `acks` are to be counted by whoever writes, `stopping` to be heeded."""

    def __init__(self, acks: Tally, stopping: threading.Event) -> None:
        self.acks = acks
        self.stopping = stopping
        self.failed: list[BaseException] = []
        self._watchers: Sequence[Watching] = ()
        self._writing: list[threading.Thread] = []
        self._watching: list[threading.Thread] = []

    @property
    def watches(self) -> list[list[Seen]]:
        """What each watcher saw."""
        return [watcher.saw for watcher in self._watchers]

    def begin(self, writers: Sequence[Writing], watchers: Sequence[Watching]) -> None:
        """Let everybody begin."""
        self._watchers = watchers
        self._writing = [threading.Thread(target=self._write, args=(each,)) for each in writers]
        self._watching = [threading.Thread(target=self._watch, args=(each,)) for each in watchers]
        for thread in (*self._watching, *self._writing):
            thread.start()

    def wait_for(self, acks: int, within_s: float = HANG_S) -> None:
        """Wait for so many more answers than there are now; AssertionError where they do not come in time."""
        assert self.acks.wait_for(acks, within_s), f"no progress; {self.failed}"

    def stop(self, within_s: float = HANG_S) -> None:
        """Let the writers finish what they began, and no more. The server must run."""
        self.stopping.set()
        for thread in self._writing:
            thread.join(within_s)
            assert not thread.is_alive(), "a writer does not come to its end"
        assert not self.failed, self.failed

    def end_watchers_at(self, revision: int, within_s: float) -> None:
        """Wait until watchers have come so far, and end them; what one did not see, the checker will tell."""
        for watcher in self._watchers:
            watcher.wait_for(revision, within_s)
        self._end_watchers()

    def _end_watchers(self) -> None:
        for watcher in self._watchers:
            watcher.end()
        for thread in self._watching:
            thread.join(HANG_S)

    def _write(self, writer: Writing) -> None:
        try:
            while not self.stopping.is_set():
                writer.step()
        except BaseException as error:  # noqa: BLE001  whatever it is, it is told at the end
            self.failed.append(error)

    def _watch(self, watcher: Watching) -> None:
        try:
            watcher.run()
        except BaseException as error:  # noqa: BLE001  whatever it is, it is told at the end
            self.failed.append(error)

    def close(self) -> None:
        """Let go of whatever still runs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._end_watchers()
        self.close()
        for thread in self._writing:
            thread.join(HANG_S)

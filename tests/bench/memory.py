"""Watches how much memory processes hold while something runs.

Rule: "flat" means that after the first tenth of the time no process grows by more than FLAT_WITHIN_MIB.
"""

import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psutil

SAMPLE_EVERY_S = 0.1
FLAT_WITHIN_MIB = 64.0


@dataclass
class MemoryWatch:
    """Samples the resident memory of processes ({name: pid}) from entering to leaving the context."""

    pids: dict[str, int]
    samples: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def peak_mib(self, name: str) -> float:
        """Returns the most that a process held."""
        return max(self.samples[name])

    def growth_mib(self, name: str) -> float:
        """Returns the most that a process held beyond what it held after the first tenth of the time."""
        samples = self.samples[name]
        settled = len(samples) // 10
        return max(samples[settled:]) - samples[settled]

    def _run(self) -> None:
        watched = {name: psutil.Process(pid) for name, pid in self.pids.items()}
        self.samples = {name: [] for name in watched}
        while True:
            for name, process in watched.items():
                self._sample(name, process)
            if self._ended.wait(SAMPLE_EVERY_S):
                return

    def _sample(self, name: str, process: psutil.Process) -> None:
        try:
            held = process.memory_info().rss / 2**20
        except psutil.NoSuchProcess:
            return
        if held:  # A process that has ended and was not waited for yet holds none.
            self.samples[name].append(held)

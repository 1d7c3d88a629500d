"""Time limits for blocks of calls: as `asyncio.timeout`, but with one timer for all blocks of equal duration.

A timer for each call costs more than reading a customer. Blocks of equal duration expire in the order in
which they began, so one timer that waits for the oldest is as exact.
"""

import asyncio
from types import TracebackType
from typing import Any, Self

from clientela_server.clock import monotonic

# The event loop's timers are rounded to milliseconds.
_ROUNDING_S = 0.001


class TimeLimits:
    """Makes time limits. Used on the event loop."""

    def __init__(self) -> None:
        self._running: dict[float, _Running] = {}

    def within(self, limit_s: float) -> "TimeLimit":
        """Return a context manager that raises TimeoutError once its block has run for `limit_s` seconds."""
        running = self._running.get(limit_s)
        if running is None:
            running = self._running[limit_s] = _Running(limit_s)
        return TimeLimit(running)


class TimeLimit:
    """The limit of one block; cancels the task, as `asyncio.timeout` does."""

    __slots__ = ("_cancelling", "_running", "_task", "deadline_s", "expired")

    def __init__(self, running: "_Running") -> None:
        self._running = running
        self._task: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self.deadline_s = 0.0
        self.expired = False

    def __enter__(self) -> Self:
        self._task = task = asyncio.current_task()
        assert task is not None
        self._cancelling = task.cancelling()
        self._running.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.discard(self)
        task, self._task = self._task, None  # or the task and its limit were a reference cycle
        if not self.expired or task is None:
            return
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Cancel the block."""
        self.expired = True
        if self._task is not None:
            self._task.cancel()


class _Running:
    """The running blocks of one duration, the oldest first, and the timer that waits for it."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._limits: dict[TimeLimit, None] = {}
        self._is_timed = False

    def add(self, limit: TimeLimit) -> None:
        limit.deadline_s = monotonic() + self._limit_s
        self._limits[limit] = None
        if not self._is_timed:
            self._wait(self._limit_s)

    def discard(self, limit: TimeLimit) -> None:
        self._limits.pop(limit, None)

    def _wait(self, left_s: float) -> None:
        self._is_timed = True
        asyncio.get_running_loop().call_later(left_s, self._expire)

    def _expire(self) -> None:
        """Expire all that are due, then wait for the oldest that is left."""
        self._is_timed = False
        while self._limits:
            oldest = next(iter(self._limits))
            left_s = oldest.deadline_s - monotonic()
            if left_s > _ROUNDING_S:
                self._wait(left_s)
                return
            del self._limits[oldest]
            oldest.expire()

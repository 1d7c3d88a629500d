"""The one clock: nothing else in the SDK asks what time it is, or sleeps.

It is passed in, so that a test or a simulation can bring its own.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

# Also for what takes no clock, as the time since a look or an import's figures.
monotonic: Callable[[], float] = time.monotonic
sleep: Callable[[float], None] = time.sleep


class Clock(Protocol):
    """Seconds that only grow, and two ways to let some pass."""

    def now(self) -> float:
        """Return the seconds since some fixed moment; never set back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        ...

    async def sleep_aio(self, seconds: float) -> None:
        """Let other tasks run meanwhile."""
        ...


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Return the machine's monotonic seconds."""
        return monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        sleep(seconds)

    async def sleep_aio(self, seconds: float) -> None:
        """Let other tasks run meanwhile; 0 lets each that is ready run once."""
        await asyncio.sleep(seconds)

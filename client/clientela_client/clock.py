"""The one clock: nothing else in the SDK asks what time it is, or sleeps.

It is passed in, so that a test or a simulation can bring its own.
"""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds that only grow, and two ways to let some pass."""

    def now(self) -> float:
        """Tell the seconds since some fixed moment; never set back."""
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
        """Tell the machine's monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        time.sleep(seconds)

    async def sleep_aio(self, seconds: float) -> None:
        """Let other tasks run meanwhile; 0 lets each that is ready run once."""
        await asyncio.sleep(seconds)

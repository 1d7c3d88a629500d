"""The one clock of the lab: nothing else in it reads the time, or blocks a thread for some.

Durations are monotonic seconds; a clock for them is passed in where a test sets it.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

Monotonic = Callable[[], float]

monotonic: Monotonic = time.monotonic
sleep: Callable[[float], None] = time.sleep
# The processor time of the calling thread, in seconds.
thread_time: Monotonic = time.thread_time


def utc_now() -> str:
    """Return the time as RFC 3339: "2026-11-22T09:30:00.123456Z"."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def today() -> date:
    """Return the current day in UTC."""
    return datetime.now(UTC).date()

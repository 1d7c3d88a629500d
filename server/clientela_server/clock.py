"""The one clock: nothing else in the server reads the time, or blocks a thread for some.

Times are whole microseconds since 1970-01-01T00:00:00Z; durations are monotonic seconds. Both are passed in
where a test sets them.
"""

import time
from collections.abc import Callable

Clock = Callable[[], int]
Monotonic = Callable[[], float]

# For durations, in seconds that are never set back; aliases, for a wrapper would cost a call more each time.
monotonic: Monotonic = time.monotonic
sleep: Callable[[float], None] = time.sleep


def now_us() -> int:
    """Return the time in microseconds since the epoch. It may be set back: never order by it."""
    return time.time_ns() // 1000

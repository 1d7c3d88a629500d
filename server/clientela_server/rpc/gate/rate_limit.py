"""How fast one may call: a bucket of tokens for each, which fills steadily and is empty after a burst.

Kept as one number a caller, the time at which the bucket is full again (the "generic cell rate algorithm"):
so it costs a fraction of a microsecond. Read next: `gate`, `auth_throttle`.
"""

from clientela_server.domain.errors import ResourceExhausted

# How long a caller may go at twice the pace.
BURST_S = 2.0


class RateLimit:
    """Keeps every caller to `limit` calls a second; each may be ahead by a burst."""

    def __init__(self, limit: float, burst_s: float = BURST_S) -> None:
        self._limit = limit
        self._each_s = 1.0 / limit
        self._burst_s = burst_s
        self._full_at: dict[str, float] = {}

    def take(self, who: str, now: float) -> None:
        """Let one call in at a time in seconds, or refuse it with how long to wait: ResourceExhausted."""
        full_at = self._full_at.get(who, now)
        full_at = max(full_at, now)
        ahead = full_at + self._each_s - now - self._burst_s
        if ahead > 0:
            raise ResourceExhausted("CALLS_TOO_FAST", retry_after_s=ahead, limit=f"{self._limit:g}")
        self._full_at[who] = full_at + self._each_s

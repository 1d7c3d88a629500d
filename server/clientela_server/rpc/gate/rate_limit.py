"""Rate limit by caller: a token bucket, implemented by the generic cell rate algorithm (GCRA).

GCRA keeps one number for each caller, the time at which its bucket is full again, and costs a fraction of a
microsecond (ITU-T I.371). Read next: `gate`, `auth_throttle`.
"""

from clientela_server.domain.errors import ResourceExhausted

# The bucket's size, in seconds of the limit: so many calls a caller may make at once.
BURST_S = 2.0


class RateLimit:
    """Limits each caller to `limit` calls a second, with bursts of `limit * burst_s` calls."""

    def __init__(self, limit: float, burst_s: float = BURST_S) -> None:
        self._limit = limit
        self._each_s = 1.0 / limit
        self._burst_s = burst_s
        self._full_at: dict[str, float] = {}

    def take(self, who: str, now: float) -> None:
        """Count a call of `who` at `now`, in seconds; raise ResourceExhausted with the time to wait."""
        full_at = self._full_at.get(who, now)
        full_at = max(full_at, now)
        ahead = full_at + self._each_s - now - self._burst_s
        if ahead > 0:
            raise ResourceExhausted("CALLS_TOO_FAST", retry_after_s=ahead, limit=f"{self._limit:g}")
        self._full_at[who] = full_at + self._each_s

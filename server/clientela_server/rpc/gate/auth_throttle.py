"""Throttle failed authentication by client address, with a token bucket for each.

Nobody guesses 256 random bits; this bounds the load of the attempts, since each queries the database. Tokens
that were valid a moment ago are not throttled by failures from the same address, which may be a proxy's.
Read next: `authentication`.
"""

from clientela_server.clock import Monotonic, monotonic
from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate.peer_address import address_of_peer

# Failures that one address may make: a burst, and then so many a second.
FAILURES_BURST = 500
FAILURES_PER_S = 10.0
_ADDRESSES_MAX = 10_000


class AuthThrottle:
    """Counts the failures of each address; GCRA, as in `rate_limit`."""

    def __init__(self, clock: Monotonic = monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def check(self, peer: str) -> None:
        """Raise ResourceExhausted if the peer's address made too many failures. peer: as gRPC writes it."""
        if not self._full_at:
            return
        ahead = (
            self._full_at.get(address_of_peer(peer), 0.0) - self._clock() - FAILURES_BURST / FAILURES_PER_S
        )
        if ahead > 0:
            raise ResourceExhausted("TOKENS_TOO_MANY_WRONG", retry_after_s=ahead)

    def record_failure(self, peer: str) -> None:
        """Count a failure of the peer's address."""
        address = address_of_peer(peer)
        full_at = max(self._full_at.pop(address, 0.0), self._clock())
        if len(self._full_at) >= _ADDRESSES_MAX:
            del self._full_at[next(iter(self._full_at))]  # the one whose last failure is oldest
        self._full_at[address] = full_at + 1 / FAILURES_PER_S

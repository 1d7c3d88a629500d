"""Wrong tokens: who sends many is not listened to for a while, by the address that the calls come from.

Nobody guesses 256 random bits; what this keeps low is the work that the attempts make, for each asks the
database. Tokens that were good a moment ago are not held up by others' wrong ones from the same address,
which may be a proxy's. Read next: `authentication`.
"""

from clientela_server.clock import Monotonic, monotonic
from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate.peer_address import address_of_peer

# Wrong tokens of one address: so many at once, and so many a second after that.
FAILURES_BURST = 500
FAILURES_PER_S = 10.0
_ADDRESSES_MAX = 10_000


class AuthThrottle:
    """Remembers the addresses that wrong tokens came from; each is a bucket, as in `rate_limit`."""

    def __init__(self, clock: Monotonic = monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def check(self, peer: str) -> None:
        """Refuse to look a token up where too many from there were wrong: ResourceExhausted."""
        if not self._full_at:
            return
        ahead = (
            self._full_at.get(address_of_peer(peer), 0.0) - self._clock() - FAILURES_BURST / FAILURES_PER_S
        )
        if ahead > 0:
            raise ResourceExhausted("TOKENS_TOO_MANY_WRONG", retry_after_s=ahead)

    def record_failure(self, peer: str) -> None:
        """Note a wrong token."""
        place = address_of_peer(peer)
        full_at = max(self._full_at.pop(place, 0.0), self._clock())
        if len(self._full_at) >= _ADDRESSES_MAX:
            del self._full_at[next(iter(self._full_at))]  # the one that has been quiet for longest
        self._full_at[place] = full_at + 1 / FAILURES_PER_S

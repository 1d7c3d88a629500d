"""An LRU cache of serialized standings, as judging and explaining dominates the time of GetStanding.

A response is reused only while all of its inputs are the same: the client's row, the policy, the market, the
day and the language. So the cache needs no expiry and never serves a stale response.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from clientela_server.domain.standing.market import RankingThresholds
from clientela_server.domain.standing.policy import Policy
from clientela_server.store.database.connection import Row

# Some 4 KiB each.
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class CacheInputs:
    """The inputs of a response, except the language."""

    row: Row
    policy: Policy
    market: RankingThresholds
    day: int

    def matches(self, others: "CacheInputs") -> bool:
        """Return whether all inputs are the same; policy and market by identity: a change makes new ones."""
        return (
            self.policy is others.policy
            and self.market is others.market
            and self.day == others.day
            and self.row == others.row
        )


class StandingCache:
    """Caches the most recently used responses. Not thread-safe: used on the event loop."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[str, str], tuple[CacheInputs, bytes]] = OrderedDict()

    def get_or_make(
        self, customer_id: str, language: str, inputs: CacheInputs, make: Callable[[], bytes]
    ) -> bytes:
        """Return the answer; `make` it unless one of the same inputs is cached."""
        key = (customer_id, language)
        known = self._cache.get(key)
        if known is None or not known[0].matches(inputs):
            known = self._cache[key] = (inputs, make())
            if len(self._cache) > _KEPT:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return known[1]

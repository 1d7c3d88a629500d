"""Standings that were told just now: to judge a client and say why takes longer than all else of the call.

An answer is given again as long as all that it follows from is the same: the client's row, the policy, the
market, the day and the language. So it is never older than an answer made anew. Answers are kept as bytes.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from clientela_server.domain.standing.market import RankingThresholds
from clientela_server.domain.standing.policy import Policy
from clientela_server.store.database.connection import Row

_KEPT = 2000


@dataclass(frozen=True, slots=True)
class CacheInputs:
    """All that an answer follows from, but the language."""

    row: Row
    policy: Policy
    market: RankingThresholds
    day: int

    def matches(self, others: "CacheInputs") -> bool:
        """Tell whether they are the same; policy and market by identity, for each change makes new ones."""
        return (
            self.policy is others.policy
            and self.market is others.market
            and self.day == others.day
            and self.row == others.row
        )


class StandingCache:
    """Holds answers, those that were asked for last. Used on the event loop."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[str, str], tuple[CacheInputs, bytes]] = OrderedDict()

    def get_or_make(
        self, customer_id: str, language: str, inputs: CacheInputs, make: Callable[[], bytes]
    ) -> bytes:
        """Return the answer; `make` it unless one of the same inputs is cached."""
        key = (customer_id, language)
        known = self._cache.pop(key, None)
        if known is None or not known[0].matches(inputs):
            known = (inputs, make())
        self._cache[key] = known
        if len(self._cache) > _KEPT:
            self._cache.popitem(last=False)
        return known[1]

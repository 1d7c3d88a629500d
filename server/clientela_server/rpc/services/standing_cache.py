"""An LRU cache of serialized standings: who is asked about again is not judged again.

A response is reused only while all of its inputs are the same: the client's row, the policy, the day, the
language, and the market. So the cache needs no expiry and never serves a stale response. Seconds after any
client bought the market is another one: of the other clients only what depends on it is then made anew.
"""

from collections import OrderedDict
from dataclasses import dataclass

from clientela_server.domain.standing.market import RankingThresholds
from clientela_server.rpc.codec.standing_encoder import StandingEncoder
from clientela_server.store.aggregates.aggregate_rows import aggregates_of_row
from clientela_server.store.database.connection import Row

# Some 4 KiB each.
_KEPT = 10_000


@dataclass(slots=True, kw_only=True)
class _Known:
    """A standing in pieces, and what it was made of; a change makes another encoder, or another market."""

    encoder: StandingEncoder
    row: Row
    before: bytes
    after: bytes
    market: RankingThresholds
    relative: bytes


class StandingCache:
    """Caches the most recently used responses. Not thread-safe: used on the event loop."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[str, str], _Known] = OrderedDict()

    def encoded(
        self, customer_id: str, row: Row, encoder: StandingEncoder, market: RankingThresholds
    ) -> bytes:
        """Return the message of a standing without its moment; a cached one if all inputs are the same."""
        key = (customer_id, encoder.language)
        known = self._cache.get(key)
        if known is None or known.encoder is not encoder or known.row != row:
            facts = aggregates_of_row(row).facts
            before, after = encoder.encode_own(customer_id, facts)
            relative = encoder.encode_relative(customer_id, facts, market)
            known = self._cache[key] = _Known(
                encoder=encoder, row=row, before=before, after=after, market=market, relative=relative
            )
            if len(self._cache) > _KEPT:
                self._cache.popitem(last=False)
        elif known.market is not market:
            facts = aggregates_of_row(row).facts
            known.market, known.relative = market, encoder.encode_relative(customer_id, facts, market)
        self._cache.move_to_end(key)
        return known.before + known.relative + known.after

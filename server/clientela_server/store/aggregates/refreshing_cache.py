"""A stale-while-revalidate cache over a full scan of all customers (the idea of RFC 5861).

Readers get the last result at once. The scan runs on a thread; its duty cycle is at most 1/50 while there are
writes, and at most 1/5 once they have ended, as after an import, so that the result is current within
seconds. A scan cheaper than `quick_s` is repeated for the reader. Used on the event loop.
Read next: `ranking_thresholds` and `rfm_cutpoints`, the two caches.
"""

import asyncio
from abc import ABC, abstractmethod

from clientela_server.clock import Clock, Monotonic, monotonic
from clientela_server.domain.days import day_of
from clientela_server.store.journal.journal import Journal

# Duty cycles: at most 1/5 of the time for readers and when writes have ended, else 1/50.
_SHARE, _SHARE_OF_BUSY = 5, 50
_LEAST_S = 2.0


class RefreshingCache(ABC):
    """Tracks the age and cost of a cached result, and decides when to recompute it.

    quick_s: a result that took less is recomputed for a reader, who waits for it.
    """

    def __init__(
        self, journal: Journal, clock: Clock, quick_s: float, monotonic: Monotonic = monotonic
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._monotonic = monotonic
        self._quick_s = quick_s
        self._revision, self._day = -1, -1
        # Treated as fresh at start: the first reader triggers the scan, not the start of the server.
        self._refreshed_s, self._took_s = self._monotonic(), 0.0
        self._refreshing: asyncio.Future[None] | None = None
        self._head_seen, self._written_s = -1, self._refreshed_s

    @abstractmethod
    async def _compute(self, now_us: int) -> int:
        """Compute and store the result; return the revision it is as of."""

    def is_stale(self) -> bool:
        """Return whether the journal has grown, or a new day has begun, since the last refresh."""
        return self._revision < self._journal.head or self._day != day_of(self._clock())

    def is_due(self) -> bool:
        """Return whether it is stale and the duty cycle allows a refresh; sooner once writes have ended."""
        now_s = self._monotonic()
        if self._head_seen != self._journal.head:
            self._head_seen, self._written_s = self._journal.head, now_s
        ended = now_s >= self._written_s + max(_LEAST_S, self._took_s)
        rest_s = max(_LEAST_S, (_SHARE if ended else _SHARE_OF_BUSY) * self._took_s)
        return self.is_stale() and now_s >= self._refreshed_s + rest_s

    async def refresh_if_cheap(self) -> None:
        """Refresh if stale, the last scan was cheap, and it was not run just now."""
        idle_s = self._monotonic() - self._refreshed_s
        if self._took_s < self._quick_s and idle_s > _SHARE * self._took_s and self.is_stale():
            await self.refresh()

    async def refresh(self) -> None:
        """Refresh; concurrent callers share one scan."""
        if self._refreshing is None:
            self._refreshing = asyncio.ensure_future(self._refresh())
            self._refreshing.add_done_callback(self._clear_refreshing)
        await asyncio.shield(self._refreshing)

    async def _refresh(self) -> None:
        begun, now_us = self._monotonic(), self._clock()
        self._revision = await self._compute(now_us)
        self._day, self._refreshed_s = day_of(now_us), self._monotonic()
        self._took_s = self._refreshed_s - begun

    def _clear_refreshing(self, _: object) -> None:
        self._refreshing = None

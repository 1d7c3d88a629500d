"""What is found of all clients at once, now and then: who asks is given what was found last.

Finding it reads all clients, so it is done on a thread: while there are writes in a fiftieth of the time at
most, and when these have ended, as after an import, in a fifth, so that it is right within seconds. What
takes so short a time that it can be waited for is found again for who asks. Used on the event loop.
Read next: `ranking_thresholds` and `rfm_cutpoints`, which are such.
"""

import asyncio
from abc import ABC, abstractmethod

from clientela_server.clock import Clock, Monotonic, monotonic
from clientela_server.domain.days import day_of
from clientela_server.store.journal.journal import Journal

# For who asks, and when writes have ended, in at most a fifth of the time; else in a fiftieth.
_SHARE, _SHARE_OF_BUSY = 5, 50
_LEAST_S = 2.0


class RefreshingCache(ABC):
    """Knows as of when something was found, and when it is to be found again.

    quick_s: what is found in less is found again for who asks.
    """

    def __init__(
        self, journal: Journal, clock: Clock, quick_s: float, monotonic: Monotonic = monotonic
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._monotonic = monotonic
        self._quick_s = quick_s
        self._revision, self._day = -1, -1
        # As if found just now: who asks has it found, and a server that starts has other things to do.
        self._refreshed_s, self._took_s = self._monotonic(), 0.0
        self._refreshing: asyncio.Future[None] | None = None
        self._head_seen, self._written_s = -1, self._refreshed_s

    @abstractmethod
    async def _compute(self, now_us: int) -> int:
        """Find it, keep it, and give the revision that it is as of."""

    def is_stale(self) -> bool:
        """Tell whether anything was written, or a day has begun, since it was found."""
        return self._revision < self._journal.head or self._day != day_of(self._clock())

    def is_due(self) -> bool:
        """Tell whether it is behind, and it is time to find it again; sooner where writes have ended."""
        now_s = self._monotonic()
        if self._head_seen != self._journal.head:
            self._head_seen, self._written_s = self._journal.head, now_s
        ended = now_s >= self._written_s + max(_LEAST_S, self._took_s)
        rest_s = max(_LEAST_S, (_SHARE if ended else _SHARE_OF_BUSY) * self._took_s)
        return self.is_stale() and now_s >= self._refreshed_s + rest_s

    async def refresh_if_cheap(self) -> None:
        """Find it again where that is quickly done and was not done just now."""
        idle_s = self._monotonic() - self._refreshed_s
        if self._took_s < self._quick_s and idle_s > _SHARE * self._took_s and self.is_stale():
            await self.refresh()

    async def refresh(self) -> None:
        """Find it; who asks while it is being found waits for the same."""
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

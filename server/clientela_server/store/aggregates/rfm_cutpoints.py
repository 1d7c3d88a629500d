"""The cached RFM cutpoints by currency, for the scores in lists and filters.

Computing them scans all clients, so they are cached like the thresholds of `ranking_thresholds`, and only
refreshed while scores were requested within the last hour. A client's own values are read from its row, as
they are now.
"""

from collections.abc import Awaitable, Callable, Mapping

from clientela_server.clock import Clock
from clientela_server.domain.days import day_of
from clientela_server.domain.errors import FailedPrecondition, Unavailable
from clientela_server.domain.rfm import Cutpoints, Scorer
from clientela_server.store.aggregates.refreshing_cache import RefreshingCache
from clientela_server.store.journal.journal import Journal

# As of a day: the cutpoints by currency, and the revision that they are as of.
FetchCutpoints = Callable[[int], Awaitable[tuple[Mapping[str, Cutpoints], int]]]
_QUICK_S = 0.05
_WANTED_S = 3600.0


class RfmCutpointsCache(RefreshingCache):
    """Caches one scorer per currency; `changes` counts the refreshes with a different result."""

    def __init__(self, journal: Journal, clock: Clock, find: FetchCutpoints) -> None:
        super().__init__(journal, clock, _QUICK_S)
        self._find_cutpoints = find
        self._last: Mapping[str, Scorer] | None = None
        self._missing = False
        self._wanted_s = -_WANTED_S
        self.changes = 0

    def scorer(self, currency: str) -> Scorer | None:
        """Return the scorer of a currency, None without purchases in it; a refusal before the first scan.

        Thread-safe.
        """
        self._wanted_s = self._monotonic()
        if self._missing:
            raise FailedPrecondition("MODELS_NOT_INSTALLED")
        if self._last is None:
            raise Unavailable("STORE_BUSY", retry_after_s=1)
        return self._last.get(currency)

    async def current(self) -> Mapping[str, Scorer]:
        """Return all scorers, refreshed if cheap; empty if numpy is not installed."""
        self._wanted_s = self._monotonic()
        if self._last is None:
            await self.refresh()
        elif not self._missing:
            await self.refresh_if_cheap()
        return self._last or {}

    def is_due(self) -> bool:
        """Return whether scores were requested recently and a refresh is due."""
        wanted = self._monotonic() - self._wanted_s < _WANTED_S
        return wanted and not self._missing and super().is_due()

    async def _compute(self, now_us: int) -> int:
        day = day_of(now_us)
        try:
            cutpoints, revision = await self._find_cutpoints(day)
        except FailedPrecondition:
            # numpy is not going to appear in a running server: the import is not retried.
            self._missing, self._last = True, {}
            return self._journal.head
        found = {currency: Scorer(day, cuts) for currency, cuts in cutpoints.items()}
        self.changes += found != self._last
        self._last = found
        return revision

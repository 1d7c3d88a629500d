"""By what clients are scored in lists: the cutpoints of each currency that were found last, for all clients.

Finding them reads all clients, so it is done now and then, as with the lines of `ranking_thresholds`, and
only where somebody has asked for scores of late. A client's own figures are those of its row, as they are
now.
"""

from collections.abc import Awaitable, Callable, Mapping

from clientela_server.clock import Clock, monotonic
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
    """Holds the scales that were found last; `changes` counts how often they came out otherwise."""

    def __init__(self, journal: Journal, clock: Clock, find: FetchCutpoints) -> None:
        super().__init__(journal, clock, _QUICK_S)
        self._find_cutpoints = find
        self._last: Mapping[str, Scorer] | None = None
        self._missing = False
        self._wanted_s = -_WANTED_S
        self.changes = 0

    def scorer(self, currency: str) -> Scorer | None:
        """Give the scale of a currency, None where nobody has bought in it; refused where none was found.

        May be asked on any thread.
        """
        self._wanted_s = monotonic()
        if self._missing:
            raise FailedPrecondition("MODELS_NOT_INSTALLED")
        if self._last is None:
            raise Unavailable("STORE_BUSY", retry_after_s=1)
        return self._last.get(currency)

    async def current(self) -> Mapping[str, Scorer]:
        """Give all scales, found anew where that is quickly done; none where numpy is not installed."""
        self._wanted_s = monotonic()
        if self._last is None:
            await self.refresh()
        elif not self._missing:
            await self.refresh_if_cheap()
        return self._last or {}

    def is_due(self) -> bool:
        """Tell whether somebody wants them and they may be others now, and it is time to find them."""
        wanted = monotonic() - self._wanted_s < _WANTED_S
        return wanted and not self._missing and super().is_due()

    async def _compute(self, now_us: int) -> int:
        day = day_of(now_us)
        try:
            cutpoints, revision = await self._find_cutpoints(day)
        except FailedPrecondition:
            # numpy does not come by itself: it is looked for again when the server starts again.
            self._missing, self._last = True, {}
            return self._journal.head
        found = {currency: Scorer(day, cuts) for currency, cuts in cutpoints.items()}
        self.changes += found != self._last
        self._last = found
        return revision

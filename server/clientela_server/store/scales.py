"""By what clients are scored in lists: the cutpoints of each currency that were found last, for all clients.

Finding them reads all clients, so it is done now and then, as with the lines of `markets`, and only where
somebody has asked for scores of late. A client's own figures are those of its row, as they are now.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from clientela_server.clock import Clock
from clientela_server.domain.errors import FailedPrecondition, Unavailable
from clientela_server.domain.facts import day_of
from clientela_server.domain.rfm import Cutpoints, Scale
from clientela_server.store.journal import Journal

# As of a day: the cutpoints by currency, and the revision that they are as of.
Find = Callable[[int], Awaitable[tuple[Mapping[str, Cutpoints], int]]]
# Scales that are found in less are found again for who asks, in at most a fifth of the time.
_QUICK_S = 0.05
_SHARE = 5
_LEAST_S = 2.0
_WANTED_S = 3600.0


class Scales:
    """Holds the scales that were found last. Used on the event loop, but for `of`."""

    def __init__(self, journal: Journal, clock: Clock, find: Find) -> None:
        self._journal = journal
        self._clock = clock
        self._find_cutpoints = find
        self._last: Mapping[str, Scale] | None = None
        self._day, self._revision = 0, -1
        self._missing = False
        self._found_s, self._took_s, self._wanted_s = 0.0, 0.0, -_WANTED_S
        self._finding: asyncio.Future[None] | None = None
        self.changes = 0

    def of(self, currency: str) -> Scale | None:
        """Give the scale of a currency, None where nobody has bought in it; refused where none was found."""
        self._wanted_s = time.monotonic()
        if self._missing:
            raise FailedPrecondition("MODELS_NOT_INSTALLED")
        if self._last is None:
            raise Unavailable("STORE_BUSY", retry_after_s=1)
        return self._last.get(currency)

    async def current(self) -> Mapping[str, Scale]:
        """Give all scales, found anew where that is quickly done; none where numpy is not installed."""
        self._wanted_s = time.monotonic()
        idle_s = self._wanted_s - self._found_s
        quick = self._took_s < _QUICK_S and idle_s > _SHARE * self._took_s
        if self._last is None or (quick and self._are_behind()):
            await self.find()
        return self._last or {}

    def are_due(self) -> bool:
        """Tell whether somebody wants them and they may be others now, and it is time to find them."""
        now_s = time.monotonic()
        wanted = now_s - self._wanted_s < _WANTED_S
        return wanted and self._are_behind() and now_s >= self._found_s + max(_LEAST_S, 20 * self._took_s)

    def _are_behind(self) -> bool:
        return self._revision < self._journal.head or self._day != day_of(self._clock())

    async def find(self) -> None:
        """Find the scales; who asks while they are being found waits for the same."""
        if self._finding is None:
            self._finding = asyncio.ensure_future(self._find())
            self._finding.add_done_callback(self._forget)
        await asyncio.shield(self._finding)

    async def _find(self) -> None:
        begun, day = time.monotonic(), day_of(self._clock())
        try:
            cutpoints, self._revision = await self._find_cutpoints(day)
        except FailedPrecondition:
            # numpy does not come by itself: it is looked for again when the server starts again.
            self._missing, self._last = True, {}
            return
        found = {currency: Scale(day, cuts) for currency, cuts in cutpoints.items()}
        self.changes += found != self._last
        self._last, self._day, self._found_s = found, day, time.monotonic()
        self._took_s = self._found_s - begun

    def _forget(self, _: object) -> None:
        self._finding = None

"""The reports: computed one at a time, and cached until the journal grows.

A report reads all clients in parts from one snapshot on a scan thread, then computes on a thread of its own.
So reports wait for each other, and no call waits for them.
"""

import asyncio
import os
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from clientela_server.domain.cohorts import History
from clientela_server.domain.economics import Period, Tally, combined, tally
from clientela_server.domain.errors import FailedPrecondition
from clientela_server.domain.rfm import Cutpoints, RfmTable
from clientela_server.store.aggregates.revenues import Part, channels_of, first_purchase_day, read_part
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Database
from clientela_server.store.database.reading import head_revision
from clientela_server.store.database.thread_priority import lower_priority
from clientela_server.store.journal.journal import Journal

if TYPE_CHECKING:
    from clientela_server.reports.acquisition import AcquiredClients
    from clientela_server.reports.clients import Clients
    from clientela_server.reports.forecasts import Forecast, Model
    from clientela_server.reports.histories import Observed

T = TypeVar("T")
_BATCH_SIZE = 10_000
_KEPT = 16
# What is predicted of a million clients takes 100 MB.
_FORECASTS_KEPT = 2
_OPEN_WHILE_LOADING = 16


@dataclass(frozen=True, slots=True)
class CachedReport:
    """A report, and the revision that it is as of."""

    report: Any
    revision: int


@dataclass(frozen=True, slots=True)
class AcquisitionReport:
    """Acquired clients; the model of the predicted value, or why there is none, if it was requested."""

    tally: Tally
    model: "Model | None"
    why_not: FailedPrecondition | None
    revision: int


class LruCache:
    """An LRU cache of reports, each with the revision it is as of."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, CachedReport] = OrderedDict()

    def find(self, key: Hashable, least: int) -> CachedReport | None:
        """Return a cached report as of revision `least` or later, or None."""
        made = self._made.get(key)
        if made is None or made.revision < least:
            return None
        self._made.move_to_end(key)
        return made

    def keep(self, key: Hashable, made: CachedReport) -> CachedReport:
        """Cache a report, and evict the least recently used one."""
        self._made[key] = made
        self._made.move_to_end(key)
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        return made


class Reports:
    """Computes and caches reports. Used on the event loop."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, "reports", initializer=lower_priority)
        self._one_at_a_time = asyncio.Lock()
        self._making: asyncio.Future[CachedReport] | None = None
        self._small, self._fits, self._forecasts = LruCache(_KEPT), LruCache(1), LruCache(_FORECASTS_KEPT)
        self._acquired = LruCache(1)

    async def close(self) -> None:
        """Cancel the report in progress; wait for a running computation."""
        if self._making is not None:
            self._making.cancel()
            await asyncio.wait([self._making])
        self._thread.shutdown()

    async def rfm(self, currency: str, as_of: int, *, by_ntile: bool) -> tuple[RfmTable, int]:
        """Return the RFM table as of a day, and its revision."""

        async def make() -> CachedReport:
            rfm = await self._loaded("rfm")
            parts, revision = await self._scan(lambda clients: rfm.rfm_arrays(clients, currency, as_of))
            return CachedReport(await self.compute(lambda: rfm.table(parts, by_ntile=by_ntile)), revision)

        made = await self._once(self._small, ("rfm", currency, as_of, by_ntile), make)
        return made.report, made.revision

    async def rfm_cutpoints(self, as_of: int) -> tuple[Mapping[str, Cutpoints], int]:
        """Return the RFM cutpoints by currency as of a day, and their revision."""

        async def make() -> CachedReport:
            rfm = await self._loaded("rfm")
            parts, revision = await self._scan(lambda clients: rfm.rfm_arrays_by_currency(clients, as_of))
            return CachedReport(await self.compute(lambda: rfm.cutpoints_by_currency(parts)), revision)

        made = await self._once(self._small, ("scales", as_of), make)
        return made.report, made.revision

    async def cohorts(self, currency: str, as_of: int) -> tuple[History, int]:
        """Return monthly purchases and cohort retention as of a day, and their revision."""

        async def make() -> CachedReport:
            cohorts = await self._loaded("cohorts")
            parts, revision = await self._scan(lambda clients: cohorts.months_of(clients, currency, as_of))
            return CachedReport(await self.compute(lambda: cohorts.history(parts)), revision)

        made = await self._once(self._small, ("cohorts", currency, as_of), make)
        return made.report, made.revision

    async def forecast(
        self, currency: str, as_of: int, horizon_days: int, discount_rate_annual: float, *, least: int = -1
    ) -> "tuple[Forecast, int]":
        """Return the predicted value of each client; FailedPrecondition with too little history.

        least: a revision that is new enough, where it need not be the newest: pages go on in one forecast.
        """

        async def make() -> CachedReport:
            forecasts = await self._loaded("forecasts")
            fitted = await self._fitted(currency, as_of, horizon_days)
            observed, model = fitted.report
            found = await self.compute(
                lambda: forecasts.forecast(observed, model, horizon_days, discount_rate_annual)
            )
            return CachedReport(found, fitted.revision)

        key = (currency, as_of, horizon_days, discount_rate_annual)
        made = await self._once(self._forecasts, key, make, least)
        return made.report, made.revision

    async def acquisition(
        self, currency: str, period: Period, horizon_days: int, discount_rate_annual: float
    ) -> AcquisitionReport:
        """Return the clients acquired in a period, with their predicted value if `horizon_days` is not 0.

        The acquired clients do not need numpy; the prediction does.
        """
        try:
            acquisition = await self._loaded("acquisition")
        except FailedPrecondition as missing:
            tallies, revision = await self._read(
                lambda connection, part: _counted(connection, part, currency, period)
            )
            return AcquisitionReport(combined(tallies), None, missing if horizon_days else None, revision)

        clients = await self._loaded("clients")

        def look(connection: Connection, part: Part) -> "AcquiredClients":
            found: AcquiredClients = acquisition.acquired_in(
                clients.Clients(part), currency, period, partial(channels_of, connection)
            )
            return found

        async def make() -> CachedReport:
            return CachedReport(*await self._read(look))

        made = await self._once(self._acquired, (currency, period), make)
        found, why_not = None, None
        try:
            if horizon_days:
                found, _ = await self.forecast(currency, period.as_of, horizon_days, discount_rate_annual)
                found.model.require_determined()
        except FailedPrecondition as refusal:
            found, why_not = None, refusal
        counted = await self.compute(lambda: acquisition.tally_of(made.report, found))
        return AcquisitionReport(counted, found.model if found else None, why_not, made.revision)

    async def _fitted(self, currency: str, as_of: int, horizon_days: int) -> CachedReport:
        """Return the models fitted to the current ledger, cached by currency, day and back-test day."""
        head = self._journal.head
        first, _ = await self._database.scan(lambda connection: first_purchase_day(connection, currency))
        forecasts, histories = await self._loaded("forecasts"), await self._loaded("histories")
        earlier = forecasts.back_test_day(first, as_of, horizon_days)
        key = (currency, as_of, earlier)
        known = self._fits.find(key, head)
        if known is not None:
            return known
        parts, revision = await self._scan(
            lambda clients: histories.observed_in(clients, currency, as_of, earlier)
        )

        def fit() -> "tuple[Observed, Model]":
            observed = histories.concatenated(parts)
            return observed, forecasts.fit(observed, currency, as_of, earlier)

        return self._fits.keep(key, CachedReport(await self.compute(fit), revision))

    async def _once(
        self, kept: LruCache, key: Hashable, make: Callable[[], Awaitable[CachedReport]], least: int = -1
    ) -> CachedReport:
        """Return a report as of the call or later; concurrent equal requests share one computation."""
        least = self._journal.head if least < 0 else least
        async with self._one_at_a_time:
            if self._making is not None and not self._making.done():
                # For somebody who has gone meanwhile: it is kept for who asks again.
                await asyncio.wait([self._making])
            made = kept.find(key, least)
            if made is None:
                self._making = asyncio.ensure_future(self._made(kept, key, make))
                made = await asyncio.shield(self._making)
        return made

    async def _made(
        self, kept: LruCache, key: Hashable, make: Callable[[], Awaitable[CachedReport]]
    ) -> CachedReport:
        return kept.keep(key, await make())

    async def _scan(self, figure: "Callable[[Clients], T]") -> tuple[list[T], int]:
        """Map all clients with purchases, as arrays, part by part."""
        clients = await self._loaded("clients")
        return await self._read(lambda _, part: figure(clients.Clients(part)))

    async def _read(self, figure: Callable[[Connection, Part], T]) -> tuple[list[T], int]:
        """Map all clients with purchases, part by part; return the results and their revision."""

        def step(connection: Connection, after: str) -> tuple[T, str] | None:
            part = read_part(connection, after, _BATCH_SIZE)
            return None if part is None else (figure(connection, part), part.last)

        found: list[T] = []
        async with self._database.snapshot() as snapshot:
            revision = await snapshot.step(head_revision, snapshot.connection)
            done = await snapshot.step(step, snapshot.connection, "")
            while done is not None:
                found.append(done[0])
                done = await snapshot.step(step, snapshot.connection, done[1])
        return found, revision

    async def compute(self, work: Callable[[], T]) -> T:
        """Run a computation on the reports' thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _loaded(self, name: str) -> ModuleType:
        """Import a module that needs numpy, on a thread; FailedPrecondition if numpy is missing."""
        try:
            return await self.compute(partial(_load, f"clientela_server.reports.{name}"))
        except ModuleNotFoundError:
            raise FailedPrecondition("MODELS_NOT_INSTALLED") from None


def _load(module: str) -> ModuleType:
    """Load a module, or find out that there are not files enough before it is begun: OSError.

    What numpy and scipy have loaded a half of, can't be loaded again before the process ends.
    """
    if module not in sys.modules:
        with ExitStack() as opened:
            for _ in range(_OPEN_WHILE_LOADING):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
    return import_module(module)


def _counted(connection: Connection, part: Part, currency: str, period: Period) -> Tally:
    """Count a part of the clients without numpy."""
    channels = channels_of(connection, part.ids.split(",")).split(",")
    return tally(zip(map(int, channels), part.by_day(currency), strict=True), period)

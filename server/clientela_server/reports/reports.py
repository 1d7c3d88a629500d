"""Where reports are asked for: one is made at a time, and kept until the ledger has moved on.

To make one, all clients are read in parts, from one snapshot, on a thread of those that read; what is then
reckoned is reckoned on a thread of its own. So reports wait for each other, and nobody else for them.
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
# What is foretold of a million clients takes 100 MB.
_FORECASTS_KEPT = 2
_OPEN_WHILE_LOADING = 16


@dataclass(frozen=True, slots=True)
class CachedReport:
    """A report, and the revision that it is as of."""

    report: Any
    revision: int


@dataclass(frozen=True, slots=True)
class AcquisitionReport:
    """Who was won; the model that foretold what they bring, or why there is none, where one was wanted."""

    tally: Tally
    model: "Model | None"
    why_not: FailedPrecondition | None
    revision: int


class LruCache:
    """Reports that were made last, each as of its revision."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, CachedReport] = OrderedDict()

    def find(self, key: Hashable, least: int) -> CachedReport | None:
        """Give a report that is not older than a revision."""
        made = self._made.get(key)
        if made is None or made.revision < least:
            return None
        self._made.move_to_end(key)
        return made

    def keep(self, key: Hashable, made: CachedReport) -> CachedReport:
        """Keep a report, and forget the one that was asked for longest ago."""
        self._made[key] = made
        self._made.move_to_end(key)
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        return made


class Reports:
    """Makes reports. Used on the event loop."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, "reports", initializer=lower_priority)
        self._one_at_a_time = asyncio.Lock()
        self._making: asyncio.Future[CachedReport] | None = None
        self._small, self._fits, self._forecasts = LruCache(_KEPT), LruCache(1), LruCache(_FORECASTS_KEPT)
        self._acquired = LruCache(1)

    async def close(self) -> None:
        """Give up what is being made; what is being reckoned is waited for."""
        if self._making is not None:
            self._making.cancel()
            await asyncio.wait([self._making])
        self._thread.shutdown()

    async def rfm(self, currency: str, as_of: int, *, by_ntile: bool) -> tuple[RfmTable, int]:
        """Tell how many clients have which scores, as of a day; give the revision too."""

        async def make() -> CachedReport:
            rfm = await self._loaded("rfm")
            parts, revision = await self._scan(lambda clients: rfm.rfm_arrays(clients, currency, as_of))
            return CachedReport(await self.compute(lambda: rfm.table(parts, by_ntile=by_ntile)), revision)

        made = await self._once(self._small, ("rfm", currency, as_of, by_ntile), make)
        return made.report, made.revision

    async def rfm_cutpoints(self, as_of: int) -> tuple[Mapping[str, Cutpoints], int]:
        """Find the cutpoints of each currency, as of a day."""

        async def make() -> CachedReport:
            rfm = await self._loaded("rfm")
            parts, revision = await self._scan(lambda clients: rfm.rfm_arrays_by_currency(clients, as_of))
            return CachedReport(await self.compute(lambda: rfm.cutpoints_by_currency(parts)), revision)

        made = await self._once(self._small, ("scales", as_of), make)
        return made.report, made.revision

    async def cohorts(self, currency: str, as_of: int) -> tuple[History, int]:
        """Tell what was bought month by month, and who came back, as of a day."""

        async def make() -> CachedReport:
            cohorts = await self._loaded("cohorts")
            parts, revision = await self._scan(lambda clients: cohorts.months_of(clients, currency, as_of))
            return CachedReport(await self.compute(lambda: cohorts.history(parts)), revision)

        made = await self._once(self._small, ("cohorts", currency, as_of), make)
        return made.report, made.revision

    async def forecast(
        self, currency: str, as_of: int, horizon_days: int, discount_rate_annual: float, *, least: int = -1
    ) -> "tuple[Forecast, int]":
        """Foretell what each client will bring; FailedPrecondition where there is too little to go by.

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
        """Tell who was won in a period, and for a horizon what they will bring, where that can be told.

        Where numpy is not installed who was won is told all the same.
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
        """Fit the models, unless that was done on the same ledger and for the same back-test."""
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
        """Give a report that is not older than the call; who asks the same meanwhile is given the same."""
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
        """Look at all clients who bought, as arrays."""
        clients = await self._loaded("clients")
        return await self._read(lambda _, part: figure(clients.Clients(part)))

    async def _read(self, figure: Callable[[Connection, Part], T]) -> tuple[list[T], int]:
        """Look at all clients who bought, a part at a time; give the revision that they are as of."""

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
        """Do what takes long on the thread of reports."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _loaded(self, name: str) -> ModuleType:
        """Load what needs numpy, on a thread; FailedPrecondition where it is not installed."""
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

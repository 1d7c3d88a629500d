"""The server's background jobs: changes that no call triggers.

Stage changes by time, ranking thresholds, RFM cutpoints, segment membership. Each job runs only after a write
or at the beginning of a day, with a small duty cycle. A job that fails because the disk is full or the
database unreachable is retried in the next round.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from clientela_server.clock import Clock, monotonic
from clientela_server.domain.days import day_of
from clientela_server.domain.errors import Refusal
from clientela_server.store.aggregates.due_customers import has_due
from clientela_server.store.aggregates.ranking_thresholds import RankingThresholdsCache, apply_mismatches
from clientela_server.store.aggregates.rfm_cutpoints import RfmCutpointsCache
from clientela_server.store.database.connection import StoreError
from clientela_server.store.database.database import Database
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases.due_stage_job import DueStageJob
from clientela_server.usecases.segments import Memberships

_log = structlog.get_logger("rounds")
_INTERVAL_S = 1.0
_MISMATCHES_BATCH = 200
_NEVER = (-1, -1, -1)


class BackgroundJobs:
    """Runs the jobs in a loop until it is stopped."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        *,
        due_stages: DueStageJob,
        thresholds: RankingThresholdsCache,
        memberships: Memberships,
        cutpoints: RfmCutpointsCache,
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._due_stages = due_stages
        self._thresholds = thresholds
        self._memberships = memberships
        self._cutpoints = cutpoints
        self._published_as_of = _NEVER
        self._publish_after_s = 0.0
        self._task: asyncio.Task[None] | None = None
        self._jobs = (
            self._review_due_stages,
            self._refresh_thresholds,
            self._refresh_cutpoints,
            self._publish_memberships,
        )

    def start(self) -> None:
        """Start the loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Cancel the loop; an interrupted job is repeated after the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while not self._journal.closed:
            for job in self._jobs:
                try:
                    await job()
                except (Refusal, StoreError):
                    continue  # nothing was written; the next round tries again
                except Exception as error:  # noqa: BLE001 - a round that fails must not end the server
                    _log.error("a round failed", exc_info=error)
            await self._journal.wait_beyond(self._journal.head, _INTERVAL_S)
            await asyncio.sleep(_INTERVAL_S / 4)

    async def _write(self, write: Callable[[Transaction], None]) -> None:
        """Write, then pause for as long as that took: at most half of the committer's time."""
        begun = monotonic()
        await self._journal.write_many(write)
        await asyncio.sleep(monotonic() - begun)

    async def _review_due_stages(self) -> None:
        """Review all due customers, batch by batch."""
        while (await self._database.read(lambda connection: has_due(connection, self._clock())))[0]:
            await self._write(self._due_stages.run_batch)

    async def _refresh_thresholds(self) -> None:
        """Refresh the ranking thresholds, and correct the stored kinds."""
        if self._thresholds.is_due():
            await self._thresholds.refresh()
        mismatches = self._thresholds.take_mismatches()
        for at in range(0, len(mismatches), _MISMATCHES_BATCH):
            part = mismatches[at : at + _MISMATCHES_BATCH]
            await self._write(partial(apply_mismatches, mismatches=part))
            self._published_as_of = _NEVER  # of what was marked the journal has no entry

    async def _refresh_cutpoints(self) -> None:
        """Refresh the RFM cutpoints."""
        if self._cutpoints.is_due():
            await self._cutpoints.refresh()

    async def _publish_memberships(self) -> None:
        """Publish the membership changes of segments."""
        as_of = (self._journal.head, day_of(self._clock()), self._cutpoints.changes)
        if as_of == self._published_as_of or monotonic() < self._publish_after_s:
            return
        begun = monotonic()
        changes, _ = await self._database.scan(self._memberships.differences)
        for change in changes:
            await self._write(partial(self._memberships.publish, change=change))
        self._published_as_of = as_of
        self._publish_after_s = monotonic() + 50 * (monotonic() - begun)

"""The rounds of the server: what changes without anybody calling is found here, and written down.

Stages that change as days pass, the lines of STRATEGIC and MASS, who is in which segment. Each is looked at
only where something was written or a day has begun, and takes a small part of the time. What can't be done
now, for the disk is full or the database away, is done on a later round.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from clientela_server.clock import Clock, monotonic
from clientela_server.domain.days import day_of
from clientela_server.domain.errors import Refusal
from clientela_server.store.aggregates.due_stage_job import Sweep, is_due
from clientela_server.store.aggregates.ranking_thresholds import Markets, mark
from clientela_server.store.aggregates.rfm_cutpoints import Scales
from clientela_server.store.database.connection import StoreError
from clientela_server.store.database.database import Database
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.transaction import Transaction
from clientela_server.store.nouns.segments import Memberships

_log = structlog.get_logger("rounds")
_ROUND_S = 1.0
_MARKED_AT_ONCE = 200
_NEVER = (-1, -1, -1)


class Rounds:
    """Goes round until it is stopped."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        sweep: Sweep,
        markets: Markets,
        memberships: Memberships,
        scales: Scales,
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._sweep = sweep
        self._markets = markets
        self._memberships = memberships
        self._scales = scales
        self._members_as_of = _NEVER
        self._members_next_s = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to go round."""
        self._task = asyncio.create_task(self._go())

    async def stop(self) -> None:
        """Stop, also in the middle: what is half done is begun anew the next time."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _go(self) -> None:
        while not self._journal.closed:
            for part in (self._stages, self._lines, self._scores, self._members):
                try:
                    await part()
                except (Refusal, StoreError):
                    continue  # nothing was written; the next round tries again
                except Exception as error:  # noqa: BLE001 - a round that fails must not end the server
                    _log.error("a round failed", exc_info=error)
            await self._journal.grown_beyond(self._journal.head, _ROUND_S)
            await asyncio.sleep(_ROUND_S / 4)

    async def _write(self, write: Callable[[Transaction], None]) -> None:
        """Write, and then leave the committer to others for as long as that took."""
        begun = monotonic()
        await self._journal.write_many(write)
        await asyncio.sleep(monotonic() - begun)

    async def _stages(self) -> None:
        """Look at all who are due, a few at a time."""
        while (await self._database.read(lambda connection: is_due(connection, self._clock())))[0]:
            await self._write(self._sweep.sweep)

    async def _lines(self) -> None:
        """Find the lines anew, and keep whose kinds have changed with them."""
        if self._markets.is_due():
            await self._markets.find()
        wrong = self._markets.take_wrong()
        for at in range(0, len(wrong), _MARKED_AT_ONCE):
            part = wrong[at : at + _MARKED_AT_ONCE]
            await self._write(partial(mark, wrong=part))
            self._members_as_of = _NEVER  # of what was marked the journal has no entry

    async def _scores(self) -> None:
        """Find by what clients are scored."""
        if self._scales.is_due():
            await self._scales.find()

    async def _members(self) -> None:
        """Tell who came into segments and who left."""
        as_of = (self._journal.head, day_of(self._clock()), self._scales.changes)
        if as_of == self._members_as_of or monotonic() < self._members_next_s:
            return
        begun = monotonic()
        changes, _ = await self._database.scan(self._memberships.find)
        for change in changes:
            await self._write(partial(self._memberships.tell, change=change))
        self._members_as_of = as_of
        self._members_next_s = monotonic() + 50 * (monotonic() - begun)

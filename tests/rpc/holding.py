"""Holding up the committer of a server in the test's own event loop, and knowing what waits for it.

So a test decides which writes are in one commit, in which order, and what happens before it.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from clientela_lab.patience import HANG_S
from tests.rpc.running import Running


@asynccontextmanager
async def held_up(live: Running) -> AsyncIterator[None]:
    """Let nothing be committed meanwhile."""
    go_on = threading.Event()
    holding = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_: Any) -> None:
        loop.call_soon_threadsafe(holding.set)
        assert go_on.wait(HANG_S)

    held = asyncio.ensure_future(live.server.journal.write_many(hold))
    await asyncio.wait_for(holding.wait(), HANG_S)
    try:
        yield
    finally:
        go_on.set()
        await held


def arrivals(live: Running, patch: pytest.MonkeyPatch) -> asyncio.Semaphore:
    """Count the writes that come as far as the journal."""
    arrived = asyncio.Semaphore(0)

    def counted(write: Any) -> Any:
        async def count(*arguments: Any, **options: Any) -> Any:
            arrived.release()
            return await write(*arguments, **options)

        return count

    for name in ("write", "write_many"):
        patch.setattr(live.server.journal, name, counted(getattr(live.server.journal, name)))
    return arrived

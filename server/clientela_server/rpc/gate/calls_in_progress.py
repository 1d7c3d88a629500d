"""The calls in progress: what a shutdown waits for, and what ends a call that takes too long.

A timer for each call would cost more than reading a customer. So one sweep looks at all open calls, several
times a second, and cancels those whose time is over. Read next: `gate`.
"""

import asyncio
from contextlib import suppress
from math import inf
from typing import Any

from clientela_server.clock import Monotonic
from clientela_server.rpc.gate.call_context import CallContext

# So much longer than its limit a call may take, in seconds.
SWEEP_S = 0.1
Task = asyncio.Task[Any]


class CallsInProgress:
    """The open calls, by the task that runs each. Used on the event loop."""

    def __init__(self, clock: Monotonic) -> None:
        self._clock = clock
        self._open: dict[Task, CallContext] = {}
        self._none_open = asyncio.Event()
        self._none_open.set()
        self._is_sweeping = False

    def begin(self, call: CallContext) -> Task:
        """Note that the current task runs a call; return the task."""
        task = asyncio.current_task()
        assert task is not None
        if not self._open:
            self._none_open.clear()
            if not self._is_sweeping:
                self._sweep_later()
        self._open[task] = call
        return task

    def end(self, call: CallContext, task: Task, *, sent_by_task: bool) -> None:
        """Note that a call has ended; `sent_by_task`: only when the task, which sends its response, has."""
        call.ends_s = inf
        if sent_by_task:
            task.add_done_callback(self._forget)
        else:
            self._forget(task)

    def _forget(self, task: Task) -> None:
        self._open.pop(task, None)
        if not self._open:
            self._none_open.set()

    async def drain(self, timeout_s: float | None) -> None:
        """Wait until no call is open, or `timeout_s` seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._none_open.wait()

    def _sweep_later(self) -> None:
        self._is_sweeping = True
        asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        """Cancel the calls whose time is over, and look again later while there are others."""
        self._is_sweeping = False
        now_s = self._clock()
        for task, call in self._open.items():
            if call.ends_s <= now_s:
                call.ends_s, call.is_overdue = inf, True
                task.cancel()
        if self._open:
            self._sweep_later()


def is_overdue(call: CallContext, task: Task) -> bool:
    """Return whether the sweep alone cancelled a call. To be asked once, when it was cancelled."""
    return call.is_overdue and task.uncancel() == 0

"""Time limits of blocks: what asyncio.timeout promises, with one timer for many."""

import asyncio

import pytest

from clientela_lab.patience import HANG_S
from clientela_server.rpc.gate.time_limits import TimeLimits

SHORT_S = 0.01


async def endless(limits: TimeLimits, limit_s: float) -> None:
    with limits.within(limit_s):
        await asyncio.Event().wait()


async def test_each_block_that_reaches_its_limit_is_ended_and_no_other() -> None:
    limits = TimeLimits()
    ending = [asyncio.ensure_future(endless(limits, SHORT_S)) for _ in range(3)]
    staying = asyncio.ensure_future(endless(limits, HANG_S))
    async with asyncio.timeout(HANG_S):
        ended = await asyncio.gather(*ending, return_exceptions=True)
    assert [type(each) for each in ended] == [TimeoutError] * 3
    assert not staying.done()
    staying.cancel()


async def test_limits_that_begin_later_are_waited_for_too() -> None:
    limits = TimeLimits()
    for _ in range(3):
        with limits.within(SHORT_S):
            pass  # leaves the timer, which now waits for nobody
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(HANG_S):
                await endless(limits, SHORT_S)


async def test_a_block_that_ends_in_time_is_left_alone_and_so_is_its_own_error() -> None:
    limits = TimeLimits()
    with pytest.raises(KeyError), limits.within(HANG_S) as limit:
        raise KeyError
    assert not limit.expired
    with pytest.raises(TimeoutError):
        await endless(limits, SHORT_S)
    task = asyncio.current_task()
    assert task is not None and not task.cancelling()


async def test_a_task_that_others_cancel_is_cancelled_and_not_out_of_time() -> None:
    task = asyncio.ensure_future(endless(TimeLimits(), HANG_S))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_block_that_is_cancelled_and_out_of_time_is_cancelled() -> None:
    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        with TimeLimits().within(HANG_S) as limit:
            limit.expire()
            task.cancel()
            await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.ensure_future(run())


async def test_an_inner_limit_leaves_the_outer_one_running() -> None:
    limits = TimeLimits()
    with limits.within(HANG_S) as outer:
        with pytest.raises(TimeoutError), limits.within(SHORT_S) as inner:
            await asyncio.Event().wait()
        assert inner.expired and not outer.expired

"""Calls in progress: which are ended, which are left alone, and what a shutdown waits for."""

import asyncio
from math import inf

import pytest

from clientela.v1 import customers_pb2 as pb
from clientela_lab.patience import HANG_S
from clientela_server.clock import monotonic
from clientela_server.rpc.gate.call_context import CallContext, Rpc
from clientela_server.rpc.gate.calls_in_progress import CallsInProgress, is_overdue

GET = Rpc.of(pb.DESCRIPTOR.services_by_name["CustomerService"].methods_by_name["GetCustomer"])
SHORT_S = 0.01


async def endless(calls: CallsInProgress, limit_s: float | None) -> str:
    """Run a call that waits for nothing, and return how it ended."""
    call = CallContext("c", GET)
    task = calls.begin(call)
    try:
        call.begin_limit(limit_s, monotonic())
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        if is_overdue(call, task):
            return "overdue"
        raise
    finally:
        calls.end(call, task, sent_by_task=False)
    raise AssertionError("it ended by itself")


async def test_each_call_that_reaches_its_limit_is_ended_and_no_other() -> None:
    calls = CallsInProgress(monotonic)
    ending = [asyncio.ensure_future(endless(calls, SHORT_S)) for _ in range(3)]
    staying = [asyncio.ensure_future(endless(calls, limit_s)) for limit_s in (HANG_S, None)]
    async with asyncio.timeout(HANG_S):
        assert await asyncio.gather(*ending) == ["overdue"] * 3
    assert not any(task.done() for task in staying)
    for task in staying:
        task.cancel()
    assert [type(each) for each in await asyncio.gather(*staying, return_exceptions=True)] == [
        asyncio.CancelledError
    ] * 2


async def test_calls_that_begin_later_are_ended_too() -> None:
    calls = CallsInProgress(monotonic)
    for _ in range(3):
        async with asyncio.timeout(HANG_S):
            assert await asyncio.ensure_future(endless(calls, SHORT_S)) == "overdue"
            await calls.drain(None)


async def test_a_task_goes_on_as_if_never_cancelled_after_its_call_was_overdue() -> None:
    task = asyncio.current_task()
    assert task is not None
    async with asyncio.timeout(HANG_S):
        assert await endless(CallsInProgress(monotonic), SHORT_S) == "overdue"
    assert not task.cancelling()


async def test_a_call_that_is_overdue_and_cancelled_by_others_is_cancelled() -> None:
    calls = CallsInProgress(monotonic)

    async def run() -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return await endless(calls, -inf)

    running = asyncio.ensure_future(run())
    await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_call_whose_task_sends_the_response_lasts_until_the_task_has_ended() -> None:
    calls, sent = CallsInProgress(monotonic), asyncio.Event()

    async def respond() -> None:
        call = CallContext("c", GET)
        calls.end(call, calls.begin(call), sent_by_task=True)
        await sent.wait()

    sending = asyncio.ensure_future(respond())
    await asyncio.sleep(0)
    await calls.drain(SHORT_S)
    assert calls._open
    sent.set()
    await sending
    async with asyncio.timeout(HANG_S):
        await calls.drain(None)
    assert not calls._open

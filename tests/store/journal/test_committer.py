"""The committer: many writes in one commit, and what one of them does wrong harms none of the others."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela_lab.patience import HANG_S
from clientela_server.rpc.services.health import NOT_SERVING, SERVING
from clientela_server.store.database.connection import StoreBusy, StoreError, StoreFull
from clientela_server.usecases.customers import CustomerWrites
from tests.rpc.holding import arrivals, held_up
from tests.rpc.making import to_create
from tests.rpc.refusals import Refused, refusal_of
from tests.rpc.running import Running, running


async def outcomes(calls: list[Any]) -> list[str]:
    """Of each call the name of what was written, or the reason why not."""

    async def outcome(call: Any) -> str:
        try:
            return str((await call).name)
        except grpc.RpcError as error:
            return Refused.of(error).reason

    return list(await asyncio.gather(*map(outcome, calls)))


async def names(live: Running) -> list[str]:
    listed = await live.admin.customers.ListCustomers(cpb.ListCustomersRequest(order_by="create_time, name"))
    return [customer.name for customer in listed.customers]


class Batch:
    """Calls that wait for one commit, in the order in which they came."""

    def __init__(self, live: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        self._live = live
        self._arrived = arrivals(live, monkeypatch)
        self.calls: list[Any] = []

    async def add(self, call: Any) -> Any:
        """Make a call, and wait until its write is in the queue."""
        self.calls.append(call)
        await asyncio.wait_for(self._arrived.acquire(), HANG_S)
        return call


def failing_delete(self: Any, customer_id: str, etag: str | None) -> Callable[..., Any]:
    """A deletion with a bug: it does its work, and then fails."""
    apply = ORIGINAL_DELETE(self, customer_id, etag)

    def wrong(transaction: Any, origin: Any) -> Any:
        apply(transaction, origin)
        raise ZeroDivisionError("a bug")

    return wrong


ORIGINAL_DELETE = CustomerWrites.delete


async def test_a_write_that_is_refused_or_has_a_bug_undoes_itself_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CustomerWrites, "delete", failing_delete)
    async with running(tmp_path) as live:
        create = live.admin.customers.CreateCustomer
        async with held_up(live):
            batch = Batch(live, monkeypatch)
            await batch.add(create(to_create("a")))
            await batch.add(create(to_create("a")))
            await batch.add(
                live.admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name="customers/a"))
            )
            await batch.add(create(to_create("b")))

        assert await outcomes(batch.calls) == ["customers/a", "CUSTOMER_EXISTS", "INTERNAL", "customers/b"]
        assert sorted(await names(live)) == ["customers/a", "customers/b"]
        assert live.server.journal.head == 2


async def test_writes_that_wait_together_share_one_commit_in_the_order_they_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        commits = counted(live, monkeypatch)
        async with held_up(live):
            batch = Batch(live, monkeypatch)
            for number in range(20):
                await batch.add(live.admin.customers.CreateCustomer(to_create(f"c{number:02}")))
            before = len(commits)

        written = await outcomes(batch.calls)
        assert written == [f"customers/c{number:02}" for number in range(20)]
        # One for the job that held them up, one for all of them.
        assert len(commits) - before == 2


def counted(live: Running, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Count the commits."""
    commits: list[None] = []
    commit = live.server.database.writer.commit

    def count() -> None:
        commits.append(None)
        commit()

    monkeypatch.setattr(live.server.database.writer, "commit", count)
    return commits


async def test_a_write_whose_caller_has_gone_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        async with held_up(live):
            batch = Batch(live, monkeypatch)
            gone = await batch.add(live.admin.customers.CreateCustomer(to_create("gone")))
            gone.cancel()
            await asyncio.wait_for(live.server.gate.drain(), HANG_S)
            stays = await batch.add(live.admin.customers.CreateCustomer(to_create("stays")))

        assert (await stays).etag == '"1"'
        assert await names(live) == ["customers/stays"]


async def test_nobody_is_answered_before_his_write_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        go_on, committing = threading.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        commit = live.server.database.writer.commit

        def wait_and_commit() -> None:
            loop.call_soon_threadsafe(committing.set)
            assert go_on.wait(HANG_S)
            commit()

        monkeypatch.setattr(live.server.database.writer, "commit", wait_and_commit)
        call = live.admin.customers.CreateCustomer(to_create("a"))
        await asyncio.wait_for(committing.wait(), HANG_S)

        refused = await refusal_of(
            live.admin.customers.GetCustomer(cpb.GetCustomerRequest(name="customers/a"))
        )
        assert refused.reason == "CUSTOMER_NOT_FOUND"
        assert not call.done()
        go_on.set()
        assert (await call).name == "customers/a"


# ---- a disk that fails


def failing(live: Running, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception, times: int) -> None:
    """Let a step of the writing connection fail so many times."""
    work = getattr(live.server.database.writer, step)
    left = [error] * times

    def fail(*arguments: Any, **options: Any) -> Any:
        if left:
            raise left.pop()
        return work(*arguments, **options)

    monkeypatch.setattr(live.server.database.writer, step, fail)


async def test_a_commit_that_fails_leaves_it_open_for_all_and_stops_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        await live.admin.customers.CreateCustomer(to_create("before"))
        async with held_up(live):
            batch = Batch(live, monkeypatch)
            for customer_id in ("a", "b"):
                await batch.add(live.admin.customers.CreateCustomer(to_create(customer_id)))
            # The first commit is that of the job which holds the others up.
            commits = counted(live, monkeypatch)
            commit = live.server.database.writer.commit

            def second_fails() -> None:
                if commits:
                    raise StoreError("disk I/O error: /dev/secret")
                commit()

            monkeypatch.setattr(live.server.database.writer, "commit", second_fails)

        refused = [await refusal_of(call) for call in batch.calls]
        assert {(each.code, each.reason) for each in refused} == {
            (grpc.StatusCode.UNAVAILABLE, "STORE_FAILED")
        }
        assert "secret" not in str(refused)
        assert await asyncio.wait_for(live.server.wait(), HANG_S) == 1
        # Nothing is written any more, what was written before is still read.
        late = await refusal_of(live.admin.customers.CreateCustomer(to_create("late")))
        assert late.reason == "STORE_FAILED"
        assert await names(live) == ["customers/before"]

    monkeypatch.undo()
    async with running(tmp_path) as live:
        assert await names(live) == ["customers/before"]
        await live.admin.customers.CreateCustomer(to_create("after"))
        assert live.server.journal.head == 2


@pytest.mark.parametrize(
    ("step", "error", "code", "reason"),
    [
        ("commit", StoreFull("disk full"), grpc.StatusCode.RESOURCE_EXHAUSTED, "DISK_FULL"),
        ("begin", StoreBusy("locked"), grpc.StatusCode.UNAVAILABLE, "STORE_BUSY"),
    ],
)
async def test_a_full_disk_or_a_lock_refuses_the_write_and_not_the_next(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    error: Exception,
    code: grpc.StatusCode,
    reason: str,
) -> None:
    async with running(tmp_path) as live:
        failing(live, monkeypatch, step, error, times=1)

        refused = await refusal_of(live.admin.customers.CreateCustomer(to_create("a")))

        assert (refused.code, refused.reason) == (code, reason)
        assert refused.retry_after_s is not None
        assert (await live.admin.customers.CreateCustomer(to_create("a"))).name == "customers/a"
        assert live.server.journal.head == 1


@pytest.mark.sqlite
async def test_on_a_full_disk_the_log_is_emptied_as_soon_as_that_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        log = tmp_path / "ledger.db-wal"
        await live.admin.customers.CreateCustomer(to_create("a"))
        before = log.stat().st_size
        for step in ("commit", "truncate_wal"):
            failing(live, monkeypatch, step, StoreFull("disk full"), times=1)

        refused = await refusal_of(live.admin.customers.CreateCustomer(to_create("b")))
        assert (refused.reason, log.stat().st_size >= before > 0) == ("DISK_FULL", True)

        await live.admin.customers.CreateCustomer(to_create("b"))
        assert log.stat().st_size == 0


@pytest.mark.parametrize("step", ["checkpoint", "truncate_wal"])
async def test_a_full_disk_met_while_tidying_the_log_takes_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What was committed is answered so; and what is to be forgotten is, once there is room."""
    async with running(tmp_path) as live:
        created = await live.admin.customers.CreateCustomer(to_create("a"))
        failing(live, monkeypatch, step, StoreFull("disk full"), times=1)

        erased = await live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=created.name))
        after = await live.admin.customers.CreateCustomer(to_create("b"))

        assert (erased.name, after.name) == ("customers/a", "customers/b")
        assert live.server.journal.head == 3
        assert live.server.health._states[""] == SERVING


@pytest.mark.parametrize("step", ["checkpoint", "truncate_wal"])
async def test_a_disk_that_fails_while_tidying_the_log_takes_nothing_back_and_stops_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async with running(tmp_path) as live:
        writer, tidied = live.server.database.writer, threading.Event()
        tidy = writer.checkpoint
        # The log of a write is tidied after the write was answered.
        monkeypatch.setattr(writer, "checkpoint", lambda: (tidy(), tidied.set()))
        created = await live.admin.customers.CreateCustomer(to_create("a"))
        assert await asyncio.to_thread(tidied.wait, HANG_S)
        failing(live, monkeypatch, step, StoreError("disk I/O error"), times=1)
        change = live.admin.customers.CreateCustomer(to_create("b"))
        if step == "truncate_wal":
            change = live.admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=created.name))

        assert (await change).name
        assert await asyncio.wait_for(live.server.wait(), HANG_S) == 1
        assert live.server.health._states[""] == NOT_SERVING
        late = await refusal_of(live.admin.customers.CreateCustomer(to_create("late")))
        assert late.reason == "STORE_FAILED"


async def test_a_rollback_that_fails_too_is_no_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        failing(live, monkeypatch, "commit", StoreFull("disk full"), times=1)
        failing(live, monkeypatch, "rollback", StoreError("disk I/O error"), times=1)

        refused = await refusal_of(live.admin.customers.CreateCustomer(to_create("a")))

        assert refused.reason == "STORE_FAILED"
        assert await asyncio.wait_for(live.server.wait(), HANG_S) == 1


async def test_what_comes_in_one_turn_of_the_loop_is_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        commits = counted(live, monkeypatch)
        write = live.server.journal.write_many
        # The first wakes the committer only when all of them are there.
        await asyncio.gather(*(write(lambda _: None) for _ in range(50)))
        assert len(commits) == 1


@pytest.mark.sqlite
async def test_no_caller_waits_for_the_log_to_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        answered, copied = threading.Event(), []
        monkeypatch.setattr(
            live.server.database.writer, "checkpoint", lambda: copied.append(answered.wait(HANG_S))
        )
        await live.admin.customers.CreateCustomer(to_create("a"))
        answered.set()
        await live.admin.customers.CreateCustomer(to_create("b"))
    assert copied == [True, True]

"""Time that runs out, and a server that stops: what was not begun is not done, and what was is answered.

The committer is held up meanwhile (see holding.py), so that nothing depends on how fast anything is.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import RetryInfo

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_server import app
from clientela_server.rpc.gate import authorization
from clientela_server.rpc.gate.call_context import Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata
from tests.rpc.holding import arrivals, held_up
from tests.rpc.making import day, to_create, to_import, to_record
from tests.rpc.refusals import refusal_of
from tests.rpc.running import Running, running

CALLS = 50
DEADLINE = grpc.StatusCode.DEADLINE_EXCEEDED
# On a connection that was open before, a stopping grpcio server says CANCELLED.
STOPPING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}


async def exists(live: Running, customer_id: str) -> bool:
    names = cpb.ListCustomersRequest(filter=f'name = "customers/{customer_id}"')
    return bool((await live.admin.customers.ListCustomers(names)).customers)


async def test_a_write_whose_callers_time_is_over_before_it_began_is_not_done(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        request = to_create()
        async with held_up(live):
            with pytest.raises(grpc.RpcError) as caught:
                await live.admin.customers.CreateCustomer(request, timeout=0.2)
            assert caught.value.code() is DEADLINE
            async with asyncio.timeout(HANG_S):
                await live.server.gate.drain()

        await live.admin.customers.CreateCustomer(to_create())
        assert not await exists(live, request.customer_id)
        assert live.server.journal.head == 1


async def test_a_call_without_a_deadline_is_ended_by_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rpc = "clientela.v1.CustomerService.CreateCustomer"
    monkeypatch.setitem(authorization._RULES, rpc, replace(authorization.rule_of(rpc), limit_s=0.1))
    async with running(tmp_path) as live:
        request = to_create()
        async with held_up(live):
            refused = await refusal_of(live.admin.customers.CreateCustomer(request, timeout=None))

        assert (refused.code, refused.reason) == (DEADLINE, "SERVER_TIME_LIMIT")
        assert not await exists(live, request.customer_id)


async def test_a_callers_deadline_can_not_be_longer_than_the_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rpc = "clientela.v1.PurchaseService.ImportPurchases"
    monkeypatch.setitem(authorization._RULES, rpc, replace(authorization.rule_of(rpc), limit_s=0.1))
    async with running(tmp_path) as live:
        item = to_import("customers/ann")
        message = ppb.ImportPurchasesRequest(items=[item], create_missing_customers=True)
        async with held_up(live):
            refused = await refusal_of(live.admin.purchases.ImportPurchases(iter([message]), timeout=HANG_S))

        assert (refused.code, refused.reason) == (DEADLINE, "SERVER_TIME_LIMIT")
        assert not await exists(live, "ann")


REPORTS = ("GetUnitEconomics", "GetRfm", "GetCohorts", "PredictLifetimeValue")


def test_every_report_has_a_reports_time_and_places() -> None:
    rules = {authorization.rule_of(f"clientela.v1.EconomicsService.{name}") for name in REPORTS}
    assert len(rules) == 1
    [rule] = rules
    assert rule.survives_deadline and rule.quota is not None and rule.limit_s == 60


@pytest.mark.parametrize("name", REPORTS)
async def test_a_report_that_takes_longer_than_the_server_gives_it_is_said_to_be_in_the_making(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rpc = f"clientela.v1.EconomicsService.{name}"
    monkeypatch.setitem(authorization._RULES, rpc, replace(authorization.rule_of(rpc), limit_s=0.1))
    method = economics_pb2.DESCRIPTOR.services_by_name["EconomicsService"].methods_by_name[name]
    async with running(tmp_path) as live:

        async def handler(request: Any, call: Any) -> Any:
            await asyncio.Event().wait()

        async def receive() -> bytes:
            return WELL_FORMED[name].SerializeToString()

        incoming = CallMetadata(dict(live.admin.metadata), HANG_S, lambda: "ipv4:127.0.0.1:1")
        reply = await live.server.gate.unary(Rpc.of(method), handler, receive, incoming)

    assert reply.status is not None
    assert reply.status.code == code_pb2.DEADLINE_EXCEEDED
    assert "is being made" in reply.status.message and "ask again" in reply.status.message
    assert any(each.Is(RetryInfo.DESCRIPTOR) for each in reply.status.details)


WELL_FORMED = {
    "GetUnitEconomics": economics_pb2.GetUnitEconomicsRequest(
        start=day("2026-01-01"), end=day("2026-01-31"), currency_code="EUR", gross_margin=0.4
    ),
    "GetRfm": economics_pb2.GetRfmRequest(currency_code="EUR"),
    "GetCohorts": economics_pb2.GetCohortsRequest(currency_code="EUR"),
    "PredictLifetimeValue": economics_pb2.PredictLifetimeValueRequest(
        parent="customers/-", horizon_days=365, currency_code="EUR"
    ),
}


async def test_a_call_that_arrives_too_late_is_not_begun(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        method = cpb.DESCRIPTOR.services_by_name["CustomerService"].methods_by_name["GetCustomer"]
        request = cpb.GetCustomerRequest(name="customers/ann").SerializeToString()

        async def handler(request: Any, call: Any) -> Any:
            raise AssertionError("it was begun")

        async def receive() -> bytes:
            return request

        incoming = CallMetadata(dict(live.admin.metadata), 0.0, lambda: "ipv4:127.0.0.1:1")
        reply = await live.server.gate.unary(Rpc.of(method), handler, receive, incoming)

        assert reply.status is not None
        assert reply.status.code == code_pb2.DEADLINE_EXCEEDED


# ---- stopping


async def test_a_stopping_server_answers_those_inside_and_takes_nobody_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        requests = [to_create() for _ in range(CALLS)]
        async with held_up(live):
            arrived = arrivals(live, monkeypatch)
            calls = [live.admin.customers.CreateCustomer(request) for request in requests]
            for _ in calls:
                await asyncio.wait_for(arrived.acquire(), HANG_S)
            stop = asyncio.create_task(live.stop())
            await closed(live)
            with pytest.raises(grpc.RpcError) as caught:
                await live.admin.customers.CreateCustomer(to_create())
            assert caught.value.code() in STOPPING
            # However long the calls take: the server does not only wait a moment for them.
            await asyncio.wait([stop], timeout=2 * app._LAST_CALLS_S)

        assert [(await call).name for call in calls] == [f"customers/{each.customer_id}" for each in requests]
        await stop

    async with running(tmp_path) as live:
        assert live.server.journal.head == CALLS
        assert await live.admin.purchases.RecordPurchase(to_record(f"customers/{requests[0].customer_id}"))


async def closed(live: Running) -> None:
    """Wait until the server's port takes no more connections."""
    host, _, port = live.address.rpartition(":")
    async with asyncio.timeout(HANG_S):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except ConnectionError:
                return
            writer.close()
            await writer.wait_closed()


async def test_a_server_that_stops_under_load_answers_every_write_that_it_did(tmp_path: Path) -> None:
    done: set[str] = set()
    enough = asyncio.Semaphore(0)

    async def write_until_refused(live: Running) -> grpc.StatusCode:
        while True:
            try:
                made = await live.admin.customers.CreateCustomer(to_create())
            except grpc.RpcError as error:
                return error.code()
            done.add(made.name)
            enough.release()

    async with running(tmp_path) as live:
        writers = [asyncio.create_task(write_until_refused(live)) for _ in range(32)]
        for _ in range(200):
            await asyncio.wait_for(enough.acquire(), HANG_S)
        await live.stop()
        assert set(await asyncio.gather(*writers)) <= STOPPING

    async with running(tmp_path) as live:
        listed = await live.admin.customers.ListCustomers(cpb.ListCustomersRequest(page_size=1000))
        assert live.server.journal.head == len(done) <= 1000
        assert {customer.name for customer in listed.customers} == done

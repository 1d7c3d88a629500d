"""Authorization of each RPC by role, and what a refusal reveals: OWASP API1, API3 and API5 (2023).

The table is written here by hand and not read from the server's rules; it is compared with what the
server serves, so an RPC without a row fails. What stops the attack: one table of roles in the server
(rpc/gate/authorization.py) that is asked before anything is read, and no rule that depends on whose
something is.
"""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import Default
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2 as reflection

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from tests.attacks.surface import PATHS, Answer, send, valid
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import new_customer, to_record
from tests.rpc.refusals import refusal
from tests.rpc.rows import World, new_world
from tests.rpc.running import running
from tests.rpc.watching import head, written_since

TABLE = """
                                                   nobody  analyst  clerk  admin
clientela.v1.CustomerService.CreateCustomer        who?    no       yes    yes
clientela.v1.CustomerService.GetCustomer           who?    yes      yes    yes
clientela.v1.CustomerService.BatchGetCustomers     who?    yes      yes    yes
clientela.v1.CustomerService.ListCustomers         who?    yes      yes    yes
clientela.v1.CustomerService.UpdateCustomer        who?    no       yes    yes
clientela.v1.CustomerService.DeleteCustomer        who?    no       yes    yes
clientela.v1.CustomerService.UndeleteCustomer      who?    no       yes    yes
clientela.v1.CustomerService.EraseCustomer         who?    no       no     yes
clientela.v1.CustomerService.ImportCustomers       who?    no       yes    yes
clientela.v1.PurchaseService.RecordPurchase        who?    no       yes    yes
clientela.v1.PurchaseService.GetPurchase           who?    yes      yes    yes
clientela.v1.PurchaseService.ListPurchases         who?    yes      yes    yes
clientela.v1.PurchaseService.RefundPurchase        who?    no       yes    yes
clientela.v1.PurchaseService.ImportPurchases       who?    no       yes    yes
clientela.v1.PurchaseService.ExportPurchases       who?    yes      yes    yes
clientela.v1.FeedService.Watch                     who?    yes      yes    yes
clientela.v1.FeedService.ListHistory               who?    yes      yes    yes
clientela.v1.StandingService.GetStanding            who?    yes      yes    yes
clientela.v1.StandingService.ListStandings          who?    yes      yes    yes
clientela.v1.StandingService.GetPolicy              who?    yes      yes    yes
clientela.v1.StandingService.UpdatePolicy           who?    no       no     yes
clientela.v1.SegmentService.CreateSegment          who?    no       yes    yes
clientela.v1.SegmentService.GetSegment             who?    yes      yes    yes
clientela.v1.SegmentService.ListSegments           who?    yes      yes    yes
clientela.v1.SegmentService.UpdateSegment          who?    no       yes    yes
clientela.v1.SegmentService.DeleteSegment          who?    no       yes    yes
clientela.v1.SegmentService.ListSegmentMembers     who?    yes      yes    yes
clientela.v1.SpendService.RecordSpend            who?    no       yes    yes
clientela.v1.SpendService.GetSpend               who?    yes      yes    yes
clientela.v1.SpendService.ListSpends             who?    yes      yes    yes
clientela.v1.SpendService.DeleteSpend            who?    no       yes    yes
clientela.v1.EconomicsService.GetUnitEconomics       who?    yes      yes    yes
clientela.v1.EconomicsService.GetRfm                 who?    yes      yes    yes
clientela.v1.EconomicsService.GetCohorts             who?    yes      yes    yes
clientela.v1.EconomicsService.PredictLifetimeValue   who?    yes      yes    yes
grpc.health.v1.Health.Check                        yes     yes      yes    yes
grpc.health.v1.Health.List                         yes     yes      yes    yes
grpc.health.v1.Health.Watch                        yes     yes      yes    yes
grpc.reflection.v1.ServerReflection.ServerReflectionInfo       who?  yes  yes  yes
grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo  who?  yes  yes  yes
"""
ROLES, *ROWS = [line.split() for line in (TABLE.strip() + "\n" + recorded_nouns.roles()).splitlines()]
CELLS = {(rpc, role): cell for rpc, *cells in ROWS for role, cell in zip(ROLES, cells, strict=True)}
CODES = {"who?": grpc.StatusCode.UNAUTHENTICATED, "no": grpc.StatusCode.PERMISSION_DENIED}
OURS = {f"{method.containing_service.full_name}.{name}": name for name, method in PATHS.items()}
WITHIN_S = HANG_S
LIST_SERVICES = reflection.ServerReflectionRequest(list_services="").SerializeToString()


@pytest.fixture(scope="module")
def world(admin: Caller) -> World:
    return new_world(admin)


def answer_of(request: pytest.FixtureRequest, role: str, rpc: str, payload: bytes) -> Answer:
    return send(request.getfixturevalue(role), OURS[rpc], payload)


@pytest.mark.parametrize(("rpc", "role"), [cell for cell in CELLS if cell[0] in OURS], ids=str)
def test_a_role_may_do_what_its_cell_says(
    request: pytest.FixtureRequest, admin: Caller, world: World, rpc: str, role: str
) -> None:
    payload = valid(OURS[rpc], world, admin).SerializeToString()
    before = head(admin)

    answer = answer_of(request, role, rpc, payload)

    expected = CODES.get(CELLS[rpc, role], grpc.StatusCode.OK)
    if rpc.endswith("UndeleteCustomer") and expected is grpc.StatusCode.OK:
        # Once it is back it is there.
        assert answer.code in (expected, grpc.StatusCode.ALREADY_EXISTS)
        return
    assert answer.code is expected, answer.told
    if expected is not grpc.StatusCode.OK:
        assert written_since(admin, before) == []


# Older releases of grpcio-health-checking have no List.
LISTS = hasattr(health_pb2, "HealthListRequest")
THEIRS = [rpc for rpc, *_ in ROWS if rpc not in OURS and (LISTS or not rpc.endswith("Health.List"))]


@pytest.mark.parametrize("rpc", THEIRS)
async def test_of_what_is_not_ours_each_role_may_what_its_cell_says(tmp_path: Path, rpc: str) -> None:
    async with running(tmp_path, reflection=True) as live:
        for role in ROLES:
            caller = Caller(live.admin.channel, None) if role == "nobody" else live.caller(role, f"{role}-1")
            code = await code_of(caller, rpc)

            assert code is CODES.get(CELLS[rpc, role], grpc.StatusCode.OK), role


async def code_of(caller: Caller, rpc: str) -> grpc.StatusCode:
    """Ask an RPC of any service a question that can be answered; the first message of a stream is enough."""
    service, _, name = rpc.rpartition(".")
    asks_for_descriptions = service.startswith("grpc.reflection.")
    message = LIST_SERVICES if asks_for_descriptions else b""
    kind = "stream_stream" if asks_for_descriptions else "unary_stream" if name == "Watch" else "unary_unary"
    call = caller.method(f"/{service}/{name}", kind)(iter([message]) if asks_for_descriptions else message)
    try:
        async with asyncio.timeout(WITHIN_S):
            await (call if kind == "unary_unary" else call.read())
    except grpc.RpcError as error:
        return error.code()
    call.cancel()
    return grpc.StatusCode.OK


async def test_every_rpc_that_is_served_has_a_row(tmp_path: Path) -> None:
    async with running(tmp_path, reflection=True) as live:
        ask = live.admin.channel.stream_stream(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection.ServerReflectionResponse.FromString,
        )
        question = reflection.ServerReflectionRequest(list_services="")
        [listed] = [
            each async for each in ask(iter([question]), metadata=live.admin.metadata, timeout=WITHIN_S)
        ]

    names = [service.name for service in listed.list_services_response.service]
    served = {
        f"{name}.{method.name}" for name in names for method in Default().FindServiceByName(name).methods
    }
    assert served
    assert served <= {rpc for rpc, *_ in ROWS}


# ---- what is not there, and what may not be seen


@pytest.mark.parametrize("rpc", [rpc for rpc, *_ in ROWS if CELLS.get((rpc, "analyst")) == "no"])
def test_who_may_not_is_not_told_whether_it_is_there(
    analyst: Caller, admin: Caller, world: World, rpc: str
) -> None:
    name = OURS[rpc]
    there = valid(name, world, admin).SerializeToString()
    absent = there.replace(world.ann.encode(), b"customers/" + len(world.ann_id) * b"x")

    told = [without_call_id(send(analyst, name, payload)) for payload in (there, absent, b"", b"\xff")]

    assert len(set(told)) == 1
    assert "CALL_NOT_ALLOWED" in told[0][1]


@pytest.mark.parametrize("rpc", OURS)
def test_a_stranger_is_told_the_same_of_everything(
    nobody: Caller, admin: Caller, world: World, rpc: str
) -> None:
    there = valid(OURS[rpc], world, admin).SerializeToString()

    told = {
        without_call_id(send(nobody, name, payload))
        for name in ("GetCustomer", OURS[rpc])
        for payload in (there, b"", b"\xff")
    }

    assert len(told) == 1
    assert "TOKEN_MISSING" in told.pop()[1]


def without_call_id(answer: Answer) -> tuple[Any, str]:
    """All that was told, but for the one thing that is of each call alone."""
    call_id = answer.told.split("'clientela-call-id': '")[1][:16]
    return answer.code, answer.told.replace(call_id, "")


def test_a_request_id_of_another_says_nothing_of_what_he_did(admin: Caller, clerk: Caller) -> None:
    """The same id and body of somebody else is a purchase of its own; nothing tells of the other."""
    ann = new_customer(admin).name
    request = to_record(ann)
    request.request_id = request_id()
    first = admin.purchases.RecordPurchase(request)

    second = clerk.purchases.RecordPurchase(request)

    assert second.name != first.name
    assert (second.recorded_by, first.recorded_by) == ("clerk", "admin")


def test_a_page_token_of_another_is_refused_as_one_that_never_was(admin: Caller, clerk: Caller) -> None:
    for _ in range(2):
        new_customer(admin)
    others = admin.customers.ListCustomers(cpb.ListCustomersRequest(page_size=1)).next_page_token
    ask = clerk.customers.ListCustomers
    refused = [
        refusal(ask, cpb.ListCustomersRequest(page_size=1, page_token=each)) for each in (others, "AAAA")
    ]

    assert {(each.code, each.message, str(each.faults), str(each.facts)) for each in refused} == {
        (refused[0].code, refused[0].message, str(refused[0].faults), str(refused[0].facts))
    }


def test_a_watch_of_what_is_not_there_looks_as_one_of_what_is_quiet(admin: Caller, analyst: Caller) -> None:
    ann = new_customer(admin).name
    now = head(admin)
    seen = []
    for name in (ann, f"customers/{fresh()}"):
        watch = analyst.feed.Watch(fpb.WatchRequest(after_revision=now, names=[name]))
        seen.append(next(watch))
        watch.cancel()

    assert min(each.bookmark_revision for each in seen) >= now
    assert [list(each.changes) for each in seen] == [[], []]


def test_a_page_of_a_billion_is_a_page_of_a_thousand(admin: Caller) -> None:
    buyer = new_customer(admin).name
    items = [
        ppb.ImportItem(customer=buyer, request_id=request_id(), purchase=to_record(buyer).purchase)
        for _ in range(1000)
    ]
    admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))
    admin.purchases.RecordPurchase(to_record(buyer))

    page = admin.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=buyer, page_size=10**9))

    assert len(page.purchases) == 1000
    assert page.next_page_token

"""A batch of writes in one commit has the same effect as each write in a commit of its own.

Both are tried with the same calls on two empty servers whose clock stands still: every answer, every refusal
and the whole journal must be the same but for what is made by chance.
"""

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from tests.rpc.holding import arrivals, held_up
from tests.rpc.making import money
from tests.rpc.refusals import Refused
from tests.rpc.running import Running, SetClock, running

Call = tuple[str, str, Any]  # the noun, the method, the request
# Uids, and the ids of purchases that the server made up.
CHANCE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f-]{17}|(?<=purchases/)[a-z0-9]{16,24}(?![a-z0-9])"
)
REQUEST_IDS = [f"{number}0000000-0000-4000-8000-000000000000" for number in range(3)]
EMAIL = "ann@example.com"


def customer(who: str) -> str:
    return f"customers/{who}"


def create(who: str, email: bool, dry: bool, used: str | None) -> Call:
    made = cpb.Customer(display_name=who, emails=[EMAIL] if email else [])
    request = cpb.CreateCustomerRequest(customer=made, customer_id=who, validate_only=dry, request_id=used)
    return "customers", "CreateCustomer", request


def update(who: str, email: bool, missing: bool, used: str | None) -> Call:
    changed = cpb.Customer(name=customer(who), display_name="New", emails=[EMAIL] if email else [])
    mask = FieldMask(paths=["display_name", "emails"])
    request = cpb.UpdateCustomerRequest(
        customer=changed, update_mask=mask, allow_missing=missing, request_id=used
    )
    return "customers", "UpdateCustomer", request


def move(method: str, who: str, used: str | None) -> Call:
    kind = {
        "DeleteCustomer": cpb.DeleteCustomerRequest,
        "UndeleteCustomer": cpb.UndeleteCustomerRequest,
        "EraseCustomer": cpb.EraseCustomerRequest,
    }[method]
    return "customers", method, kind(name=customer(who), request_id=used)


def record(who: str, which: str, units: int, dry: bool, used: str | None) -> Call:
    bought = ppb.Purchase(amount=money(units), note="x")
    request = ppb.RecordPurchaseRequest(
        parent=customer(who), purchase=bought, purchase_id=which, validate_only=dry, request_id=used
    )
    return "purchases", "RecordPurchase", request


def refund(who: str, which: str, units: int, used: str | None) -> Call:
    name = f"{customer(who)}/purchases/{which}"
    request = ppb.RefundPurchaseRequest(name=name, amount=money(units), reason="x", request_id=used)
    return "purchases", "RefundPurchase", request


def many(items: list[tuple[str, str, int]], create_missing: bool) -> Call:
    message = ppb.ImportPurchasesRequest(create_missing_customers=create_missing)
    for who, used, units in items:
        message.items.add(customer=customer(who), request_id=used, purchase=ppb.Purchase(amount=money(units)))
    return "purchases", "ImportPurchases", message


def register(items: list[tuple[str, str, bool]]) -> Call:
    message = cpb.ImportCustomersRequest()
    for who, used, email in items:
        made = cpb.Customer(display_name=who, emails=[EMAIL] if email else [])
        message.items.add(customer=made, customer_id=who, request_id=used)
    return "customers", "ImportCustomers", message


people = st.sampled_from(["a", "b"])
used = st.none() | st.sampled_from(REQUEST_IDS)
units = st.integers(0, 3)
which = st.sampled_from(["p", "q"])
rarely = st.sampled_from([True, False, False, False])
calls = st.one_of(
    st.builds(create, people, st.booleans(), rarely, used),
    st.builds(update, people, st.booleans(), rarely, used),
    st.builds(move, st.sampled_from(["DeleteCustomer", "UndeleteCustomer", "EraseCustomer"]), people, used),
    st.builds(record, people, which, units, rarely, used),
    st.builds(record, people, which, units, rarely, used),
    st.builds(refund, people, which, units, used),
    st.builds(
        many, st.lists(st.tuples(people, st.sampled_from(REQUEST_IDS), units), max_size=4), st.booleans()
    ),
    st.builds(register, st.lists(st.tuples(people, st.sampled_from(REQUEST_IDS), st.booleans()), max_size=4)),
)
sequences = st.lists(calls, max_size=12).map(lambda each: [create("a", True, False, None), *each])
A, P = "a", "p"


@settings(max_examples=settings.default.max_examples // 2)
@given(sequence=sequences)
@example(
    [
        create(A, True, False, None),
        record(A, P, 3, False, None),
        move("DeleteCustomer", A, None),
        record(A, "q", 1, False, None),
    ]
)
@example(
    [
        create(A, True, False, None),
        record(A, P, 3, False, None),
        refund(A, P, 1, None),
        refund(A, P, 3, None),
        refund(A, P, 2, None),
    ]
)
@example(
    [
        create(A, True, False, None),
        record(A, P, 3, False, None),
        move("EraseCustomer", A, None),
        create("b", True, False, None),
    ]
)
@example(
    [
        create(A, True, False, None),
        record(A, P, 3, True, None),
        record(A, P, 2, False, None),
        record(A, P, 1, False, None),
    ]
)
@example(
    [
        create(A, True, False, None),
        record(A, P, 3, False, REQUEST_IDS[0]),
        record(A, P, 3, False, REQUEST_IDS[0]),
        record(A, P, 2, False, REQUEST_IDS[0]),
    ]
)
@example(
    [
        create(A, True, False, None),
        record(A, P, 3, False, None),
        update(A, False, False, None),
        create("b", True, False, None),
        many([("b", REQUEST_IDS[0], 2), ("a", REQUEST_IDS[0], 2)], False),
    ]
)
@example(
    [
        create(A, True, False, None),
        move("EraseCustomer", A, None),
        create(A, True, False, None),
        record(A, P, 1, False, None),
    ]
)
@example(
    [
        create(A, True, False, None),
        update(A, False, False, None),
        register([("b", REQUEST_IDS[0], True), ("a", REQUEST_IDS[1], False)]),
        register([("b", REQUEST_IDS[0], True), ("c", REQUEST_IDS[1], True)]),
        move("DeleteCustomer", "b", None),
        register([("c", REQUEST_IDS[2], True)]),
        move("UndeleteCustomer", "b", None),
    ]
)
def test_many_writes_in_one_commit_do_what_they_do_one_by_one(clock: SetClock, sequence: list[Call]) -> None:
    one_by_one, together = asyncio.run(both_ways(sequence))

    assert together == one_by_one


async def both_ways(sequence: list[Call]) -> tuple[list[str], list[str]]:
    with TemporaryDirectory() as folder:
        results = []
        for name, do in (("a", one_after_the_other), ("b", all_in_one_commit)):
            place = Path(folder) / name
            place.mkdir()
            async with running(place) as live:
                results.append([*await do(live, sequence), *await everything(live)])
        return results[0], results[1]


async def one_after_the_other(live: Running, sequence: list[Call]) -> list[str]:
    return [await outcome(begin(live, call)) for call in sequence]


async def all_in_one_commit(live: Running, sequence: list[Call]) -> list[str]:
    begun: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        async with held_up(live):
            arrived = arrivals(live, patch)
            for call in sequence:
                begun.append(begin(live, call))
                await asyncio.wait_for(arrived.acquire(), HANG_S)
        return [await outcome(call) for call in begun]


def begin(live: Running, call: Call) -> Any:
    noun, method, request = call
    ask = getattr(getattr(live.admin, noun), method)
    return ask(iter([request]) if method.startswith("Import") else request)


async def outcome(call: Any) -> str:
    """The answer as text without what is made by chance, or the reason of the refusal."""
    try:
        return CHANCE.sub("...", str(await call))
    except grpc.RpcError as error:
        return Refused.of(error).reason


async def everything(live: Running) -> list[str]:
    """All that a server holds: each customer as it is now, the ledger, and the journal."""
    customers = await live.admin.customers.ListCustomers(cpb.ListCustomersRequest(show_deleted=True))
    purchases = await live.admin.purchases.ListPurchases(ppb.ListPurchasesRequest(parent="customers/-"))
    watch = live.admin.feed.Watch(fpb.WatchRequest(after_revision=0))
    changes: list[Any] = []
    while len(changes) < live.server.journal.head:
        changes += (await watch.read()).changes
    watch.cancel()
    found = [*customers.customers, *purchases.purchases, *changes]
    return [CHANCE.sub("...", str(each)) for each in found]

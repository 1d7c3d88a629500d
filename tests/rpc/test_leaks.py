"""An INTERNAL error holds only the call's id, by which the log has the details."""

import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller
from tests.rpc.faulty_server import CANARY
from tests.rpc.making import to_create, to_import
from tests.rpc.processes import Process, serving
from tests.rpc.refusals import DETAILS, refusal
from tests.rpc.waiting import wait_for

FAULTS: dict[str, tuple[str, Any]] = {
    "in a unary call": ("GetCustomer", cpb.GetCustomerRequest(name="customers/ann")),
    "on the committer's thread": ("CreateCustomer", to_create()),
    "on a thread that reads": ("ListCustomers", cpb.ListCustomersRequest()),
    "in a stream that had begun": ("ExportPurchases", ppb.ExportPurchasesRequest(parent="customers/-")),
    "in a stream at once": ("Watch", fpb.WatchRequest(after_revision=0)),
    "in a stream of requests": (
        "ImportPurchases",
        ppb.ImportPurchasesRequest(items=[to_import("customers/a")]),
    ),
}
LEAK = re.compile(
    rf"{CANARY}|SELECT|SecretFault|Error\b|Traceback|\.py|/var|clientela_server|sqlite", re.IGNORECASE
)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("faulty"), module="tests.rpc.faulty_server") as process:
        yield process


@pytest.fixture(scope="module")
def caller(faulty: Process) -> Iterator[Caller]:
    with faulty.admin() as caller:
        yield caller


@pytest.mark.parametrize("place", FAULTS)
def test_a_fault_leaks_nothing_and_is_found_in_the_log_by_the_calls_id(
    faulty: Process, caller: Caller, place: str
) -> None:
    name, request = FAULTS[place]
    noun = "feed" if name == "Watch" else "customers" if "Customer" in name else "purchases"
    method = getattr(getattr(caller, noun), name)

    refused = refusal(method, iter([request]) if name == "ImportPurchases" else request)

    assert (refused.code, refused.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    call_id = refused.trailers["clientela-call-id"]
    assert refused.facts == {"call_id": call_id}
    assert call_id in refused.message
    for key, value in refused.trailers.items():
        text = value.decode("latin-1") if key == DETAILS else value
        assert not LEAK.search(text), f"{key}: {text}"
    [line] = wait_for(lambda: [each for each in faulty.log_lines() if each.get("call_id") == call_id])
    assert (line["code"], line["level"]) == ("INTERNAL", "error")
    assert "SecretFault" in line["exception"]
    assert "faulty_server.py:" in line["exception"]
    assert CANARY not in (faulty.folder / "log").read_text()


def test_a_fault_in_one_call_does_not_harm_the_next(caller: Caller) -> None:
    refusal(caller.customers.CreateCustomer, to_create())
    lost = refusal(caller.purchases.GetPurchase, ppb.GetPurchaseRequest(name="customers/a/purchases/b"))

    assert lost.reason == "PURCHASE_NOT_FOUND"


def test_what_is_looked_for_would_be_found() -> None:
    for leak in (
        CANARY,
        "select x",
        "apsw.SQLError: no",
        "Traceback (most",
        "gate.py",
        "/var/lib",
        "SecretFault",
    ):
        assert LEAK.search(f"... {leak} ...")

"""What docs/other-languages.md says about every client holds: the service config, the codes, the examples.

The commands of that page are run by other_languages.py, which is asked for by name: it downloads.
"""

import json
import re
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest

from clientela.v1 import customers_pb2, feed_pb2, purchases_pb2
from clientela.v1.purchases_pb2_grpc import (
    PurchaseServiceServicer,
    PurchaseServiceStub,
    add_PurchaseServiceServicer_to_server,
)
from clientela_client.outcomes import PROOFS_OF_REFUSAL
from clientela_lab.patience import HANG_S

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "other-languages.md").read_text(encoding="utf-8")
CONFIG = (DOCS / "examples/service_config.json").read_text(encoding="utf-8")
SUFFIXES = {".go", ".ts", ".java", ".rs"}
SOURCES = sorted(path for path in (DOCS / "examples").rglob("*") if path.suffix in SUFFIXES)
REQUEST_ID = "c9f0f895-fb98-4b91-99f5-1fd0297e236d"


class Moody(PurchaseServiceServicer):
    """Refuses with one code, as often as it is told, and answers then; notes the request ids."""

    def __init__(self) -> None:
        self.code = grpc.StatusCode.UNAVAILABLE
        self.refusals = 0
        self.asked: list[str] = []

    def RecordPurchase(  # noqa: N802  the RPC's name
        self, request: purchases_pb2.RecordPurchaseRequest, context: grpc.ServicerContext
    ) -> purchases_pb2.Purchase:
        self.asked.append(request.request_id)
        if len(self.asked) <= self.refusals:
            context.abort(self.code, "planted")
        return purchases_pb2.Purchase(name=f"{request.parent}/purchases/one")


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
def stub(moody: Moody) -> Iterator[PurchaseServiceStub]:
    """A stub on a channel that has the documented config, and nothing else that retries."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    add_PurchaseServiceServicer_to_server(moody, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    with grpc.insecure_channel(address, options=[("grpc.service_config", CONFIG)]) as channel:
        yield PurchaseServiceStub(channel)
    server.stop(None).wait(HANG_S)


def record(stub: PurchaseServiceStub) -> purchases_pb2.Purchase:
    request = purchases_pb2.RecordPurchaseRequest(parent="customers/blue-door", request_id=REQUEST_ID)
    return stub.RecordPurchase(request, timeout=HANG_S)


def test_the_service_config_sends_an_unavailable_write_again_with_its_request_id(
    moody: Moody, stub: PurchaseServiceStub
) -> None:
    moody.refusals = 2
    assert record(stub).name == "customers/blue-door/purchases/one"
    assert moody.asked == [REQUEST_ID] * 3


def test_the_service_config_gives_up_after_five_attempts(moody: Moody, stub: PurchaseServiceStub) -> None:
    moody.refusals = 9
    with pytest.raises(grpc.RpcError) as refused:
        record(stub)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(moody.asked) == 5


@pytest.mark.parametrize("code", ["INTERNAL", "DEADLINE_EXCEEDED", "ABORTED", "RESOURCE_EXHAUSTED"])
def test_the_service_config_retries_nothing_else(moody: Moody, stub: PurchaseServiceStub, code: str) -> None:
    moody.code, moody.refusals = grpc.StatusCode[code], 1
    with pytest.raises(grpc.RpcError) as refused:
        record(stub)
    assert refused.value.code().name == code
    assert len(moody.asked) == 1


def test_the_service_config_sets_a_deadline_for_every_rpc_but_the_watch() -> None:
    services = [
        service
        for module in (customers_pb2, purchases_pb2, feed_pb2)
        for service in module.DESCRIPTOR.services_by_name.values()
    ]
    rpcs = {f"{service.full_name}/{method.name}" for service in services for method in service.methods}
    timeouts = {
        f"{name['service']}/{name['method']}" if "method" in name else name["service"]: config["timeout"]
        for config in json.loads(CONFIG)["methodConfig"]
        for name in config["name"]
    }
    assert {rpc for rpc in rpcs if rpc not in timeouts and rpc.partition("/")[0] not in timeouts} == {
        "clientela.v1.FeedService/Watch"
    }
    assert timeouts.keys() <= rpcs | {service.full_name for service in services}


def test_the_page_shows_the_service_config_as_it_is() -> None:
    assert f"```json\n{CONFIG}```" in PAGE


def test_the_page_names_the_codes_that_prove_a_refusal() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| **not done**"))
    assert set(re.findall(r"\b[A-Z_]{7,}\b", row.split("|")[2])) == PROOFS_OF_REFUSAL


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_an_example_is_small_and_linked(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    assert f"({path.relative_to(DOCS)})" in PAGE


def codes_named(text: str) -> set[str]:
    """Find the status codes that a program names, however its language spells them; OK is too common."""
    words = {word.replace("_", "").upper() for word in re.findall(r"\w+", text)}
    return {code.name for code in grpc.StatusCode if code.name.replace("_", "") in words} - {"OK"}


@pytest.mark.parametrize("folder", ["go", "java", "rust", "typescript"])
def test_an_example_takes_these_codes_for_a_proof_and_no_others(folder: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES if folder in path.parts)
    asked_again = {"UNAVAILABLE", "CANCELLED"}
    assert codes_named(text) - asked_again == PROOFS_OF_REFUSAL


def test_a_code_is_found_in_the_spelling_of_each_language() -> None:
    text = "codes.NotFound, Code::DataLoss, status.ALREADY_EXISTS, StatusCode.OK, unavailability"
    assert codes_named(text) == {"NOT_FOUND", "DATA_LOSS", "ALREADY_EXISTS"}

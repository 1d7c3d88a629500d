"""What docs/other-languages.md says about every client holds: the service config, the codes, the examples.

The commands of that page are run by languages/, its Python programs by test_python_examples.py.
"""

import json
import re
import threading
from collections.abc import Iterator
from concurrent import futures
from importlib import import_module
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor import ServiceDescriptor

from clientela.v1 import purchases_pb2
from clientela.v1.purchases_pb2_grpc import (
    PurchaseServiceServicer,
    PurchaseServiceStub,
    add_PurchaseServiceServicer_to_server,
)
from clientela_client.errors import PROOFS_OF_REFUSAL
from clientela_lab.patience import HANG_S
from tests.faults.proxy import Proxy

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "other-languages.md").read_text(encoding="utf-8")
CONFIG = (DOCS / "examples/service_config.json").read_text(encoding="utf-8")
NOUNS = {path.stem for path in DOCS.parent.glob("protos/clientela/v1/*.proto")}
SUFFIXES = {".go", ".ts", ".java", ".rs", ".py"}
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
def address(moody: Moody) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    add_PurchaseServiceServicer_to_server(moody, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait(HANG_S)


@pytest.fixture
def stub(address: str) -> Iterator[PurchaseServiceStub]:
    """A stub on a channel that has the documented config, and nothing else that retries."""
    with grpc.insecure_channel(address, options=[("grpc.service_config", CONFIG)]) as channel:
        yield PurchaseServiceStub(channel)


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


def test_by_the_service_config_a_server_that_is_not_there_yet_is_waited_for(
    moody: Moody, address: str
) -> None:
    options = [
        ("grpc.service_config", CONFIG),
        # Longer than five attempts take.
        ("grpc.initial_reconnect_backoff_ms", 2000),
        ("grpc.min_reconnect_backoff_ms", 2000),
    ]
    refused = threading.Event()
    with Proxy(address, shut=True) as door, grpc.insecure_channel(door.address, options=options) as channel:
        channel.subscribe(lambda state: refused.set() if state.name == "TRANSIENT_FAILURE" else None)
        request = purchases_pb2.RecordPurchaseRequest(parent="customers/blue-door", request_id=REQUEST_ID)
        asked = PurchaseServiceStub(channel).RecordPurchase.future(request, timeout=HANG_S)
        assert refused.wait(HANG_S)
        door.open()
        assert asked.result(HANG_S).name == "customers/blue-door/purchases/one"
    assert moody.asked == [REQUEST_ID]


def services() -> list[ServiceDescriptor]:
    """Every service of the contract, by its protos."""
    modules = [import_module(f"clientela.v1.{noun}_pb2") for noun in sorted(NOUNS)]
    return [each for module in modules for each in module.DESCRIPTOR.services_by_name.values()]


def names(config: str, key: str) -> set[str]:
    """List what stands under those parts of a config that set a key: services, and methods."""
    parts = [part for part in json.loads(config)["methodConfig"] if part.get(key)]
    return {"/".join(name.values()) for part in parts for name in part["name"]}


def without(named: set[str]) -> set[str]:
    """List the RPCs of which neither they themselves nor their services are named."""
    rpcs = {f"{service.full_name}/{method.name}" for service in services() for method in service.methods}
    assert named <= rpcs | {service.full_name for service in services()}
    return {rpc for rpc in rpcs if rpc not in named and rpc.partition("/")[0] not in named}


@pytest.mark.parametrize("key", ["timeout", "waitForReady"])
def test_the_service_config_has_a_deadline_and_patience_for_every_rpc_but_the_watch(key: str) -> None:
    assert without(names(CONFIG, key)) == {"clientela.v1.FeedService/Watch"}


def test_a_service_that_the_config_lacks_is_found() -> None:
    lacking = names(CONFIG.replace('{"service": "clientela.v1.StandingService"},', ""), "timeout")
    assert "clientela.v1.StandingService/GetStanding" in without(lacking)


def test_the_recipes_make_stubs_of_every_proto() -> None:
    lists = re.findall(r"clientela/v1/\{([\w,]+)\}\.proto", PAGE)
    assert len(lists) == 4
    assert {frozenset(each.split(",")) for each in lists} == {frozenset(NOUNS)}
    built = (DOCS / "examples/rust/build.rs").read_text(encoding="utf-8")
    assert set(re.findall(r'"(\w+)"', built.partition("[")[2].partition("]")[0])) == NOUNS
    assert "clientela/v1/*.proto" in (DOCS / "examples/java/pom.xml").read_text(encoding="utf-8")


def test_the_page_shows_the_service_config_as_it_is() -> None:
    assert f"```json\n{CONFIG}```" in PAGE


def test_the_page_names_the_codes_that_prove_a_refusal() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| **not done**"))
    assert set(re.findall(r"\b[A-Z_]{7,}\b", row.split("|")[2])) == PROOFS_OF_REFUSAL


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_an_example_is_small_and_linked(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 75
    assert f"({path.relative_to(DOCS)})" in PAGE


def codes_named(text: str) -> set[str]:
    """Find the status codes that a program names, however its language spells them; OK is too common."""
    words = {word.replace("_", "").upper() for word in re.findall(r"\w+", text)}
    return {code.name for code in grpc.StatusCode if code.name.replace("_", "") in words} - {"OK"}


@pytest.mark.parametrize("folder", ["go", "java", "python", "rust", "typescript"])
def test_an_example_takes_these_codes_for_a_proof_and_no_others(folder: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES if folder in path.parts)
    asked_again = {"UNAVAILABLE", "CANCELLED", "UNKNOWN"}
    assert codes_named(text) - asked_again == PROOFS_OF_REFUSAL


def test_a_code_is_found_in_the_spelling_of_each_language() -> None:
    text = "codes.NotFound, Code::DataLoss, status.ALREADY_EXISTS, StatusCode.OK, unavailability"
    assert codes_named(text) == {"NOT_FOUND", "DATA_LOSS", "ALREADY_EXISTS"}

"""Connect's client for Node gets the responses and errors that grpcio gets, by four protocols.

Needs node, and `npm ci` in tests/web/node (`.ci/run` does it).
"""

import base64
import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import code_pb2
from google.rpc.status_pb2 import Status

from clientela.v1 import customers_pb2, feed_pb2, purchases_pb2
from clientela_lab.patience import HANG_S
from tests.web.transports import DEADLINE_S, Place

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/web/node"
pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and (FOLDER / "node_modules").is_dir()),
    reason="needs node, and `npm ci` in tests/web/node",
)
SHOP = f"blue-door-{uuid.uuid4().hex[:8]}"
NAME = f"customers/{SHOP}"
KEY = str(uuid.uuid4())


def buying(units: int) -> dict[str, Any]:
    return {"amount": {"currencyCode": "EUR", "units": units}}


# In this order: the first ones make what the others are about.
CALLS: list[tuple[Any, str, dict[str, Any]]] = [
    (customers_pb2, "GetCustomer", {"name": NAME}),
    (customers_pb2, "GetCustomer", {"name": "customers/nobody-there"}),
    (customers_pb2, "GetCustomer", {"name": "no name at all"}),
    (customers_pb2, "ListCustomers", {"pageSize": -1}),
    (customers_pb2, "ListCustomers", {"filter": "nonsense = 1"}),
    (customers_pb2, "BatchGetCustomers", {"names": [NAME, "customers/a", "customers/b"]}),
    (customers_pb2, "CreateCustomer", {"customerId": SHOP, "customer": {"displayName": "Another"}}),
    (customers_pb2, "UpdateCustomer", {"customer": {"name": NAME, "displayName": "B", "etag": '"0"'}}),
    (purchases_pb2, "ListPurchases", {"parent": NAME}),
    (purchases_pb2, "RecordPurchase", {"parent": NAME, "requestId": KEY, "purchase": buying(9)}),
    (purchases_pb2, "RecordPurchase", {"parent": NAME, "requestId": KEY, "purchase": buying(5)}),
    (purchases_pb2, "RecordPurchase", {"parent": NAME, "purchase": buying(-5)}),
    (purchases_pb2, "RefundPurchase", {"name": f"{NAME}/purchases/7", **buying(99), "reason": "x"}),
    (purchases_pb2, "GetPurchase", {"name": f"{NAME}/purchases/8"}),
    (feed_pb2, "ListHistory", {"name": NAME, "pageToken": "forged"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(web_server: Any) -> Iterator[Place]:
    place = Place(web_server.address, web_server.url, web_server.token)
    body = json.dumps({"displayName": "Blue Door Café"}).encode()
    assert place.ask("POST", f"/v1/customers?customerId={SHOP}", "application/json", body).status == 200
    body = json.dumps(buying(9)).encode()
    path = f"/v1/{NAME}/purchases?requestId={KEY}&purchaseId=7"
    assert place.ask("POST", path, "application/json", body).status == 200
    return place


@pytest.fixture(scope="module")
def heard(shop: Place, tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """What Node heard of each call, by each protocol."""
    descriptors = tmp_path_factory.mktemp("node") / "protos.binpb"
    describe(descriptors)
    asked = [
        {"method": path(module, name)[1:], "request": base64.b64encode(message(module, name, body)).decode()}
        for module, name, body in CALLS
    ]
    command = ["node", "ask.mjs", descriptors, f"http://{shop.address}", shop.url, shop.token]
    ended = subprocess.run(
        command,
        cwd=FOLDER,
        input="\n".join(map(json.dumps, asked)),
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def describe(file: Path) -> None:
    """Write a description of the contract, and of all that it imports."""
    roots = [f"-I{ROOT / root}" for root in ("protos", "protos/third_party")]
    names = [module.DESCRIPTOR.name for module in (customers_pb2, purchases_pb2, feed_pb2)]
    options = ["--include_imports", f"--descriptor_set_out={file}"]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", *roots, *options, *names], check=True, timeout=HANG_S
    )


def path(module: Any, name: str) -> str:
    [service] = module.DESCRIPTOR.services_by_name.values()
    return f"/{service.full_name}/{name}"


def message(module: Any, name: str, body: dict[str, Any]) -> bytes:
    request: Message = ParseDict(body, getattr(module, f"{name}Request")())
    return request.SerializeToString()


def in_order(module: Any, name: str) -> Callable[[bytes], bytes]:
    """Return what writes a response anew, its fields by their numbers, as Node's client does."""
    [service] = module.DESCRIPTOR.services_by_name.values()
    response = GetMessageClass(service.methods_by_name[name].output_type)
    return lambda answer: response.FromString(answer).SerializeToString()


def by_grpcio(place: Place, module: Any, name: str, request: bytes) -> dict[str, Any]:
    """Ask by grpcio; return what came of it as ask.mjs does."""
    with grpc.insecure_channel(place.address) as channel:
        call = channel.unary_unary(path(module, name), response_deserializer=in_order(module, name))
        try:
            answer = call(request, metadata=tuple(place.headers.items()), timeout=DEADLINE_S)
        except grpc.RpcError as error:
            trailers = dict(error.trailing_metadata())
            return as_told(Status.FromString(trailers["grpc-status-details-bin"]))
    return {"message": base64.b64encode(answer).decode()}


def as_told(status: Status) -> dict[str, Any]:
    name = "".join(word.capitalize() for word in code_pb2.Code.Name(status.code).split("_"))
    details = [
        {"type": detail.TypeName(), "value": base64.b64encode(detail.value).decode()}
        for detail in status.details
    ]
    return {"code": name, "message": status.message, "details": details}


@pytest.mark.parametrize(
    "number", range(len(CALLS)), ids=[f"{name}-{i}" for i, (_, name, _) in enumerate(CALLS)]
)
def test_node_hears_what_grpcio_hears(shop: Place, heard: list[list[Any]], number: int) -> None:
    module, name, body = CALLS[number]
    wanted = by_grpcio(shop, module, name, message(module, name, body))
    assert heard[number] == [wanted] * 4


def test_the_calls_have_answers_and_refusals_of_many_kinds(heard: list[list[Any]]) -> None:
    codes = {first.get("code") for first, *_ in heard}
    assert codes >= {None, "NotFound", "InvalidArgument", "AlreadyExists", "Aborted", "FailedPrecondition"}

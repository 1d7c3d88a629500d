"""Real calls of every kind through a proxy, and the bytes that crossed, connection by connection.

Beside the calls: metadata that is bytes, messages over several DATA frames, packed ones, details of an error,
a deadline, a cancellation, a call that is refused before it is heard out, a server that stops meanwhile.
"""

from base64 import b64decode
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest

from clientela.v1.customers_pb2 import (
    CreateCustomerRequest,
    Customer,
    GetCustomerRequest,
    ListCustomersRequest,
    UpdateCustomerRequest,
)
from clientela.v1.feed_pb2 import WatchRequest
from clientela.v1.purchases_pb2 import (
    ExportPurchasesRequest,
    GetPurchaseRequest,
    ImportPurchasesRequest,
    ListPurchasesRequest,
    RecordPurchaseRequest,
)
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.decode.events import Event
from clientela_lab.wire.proxy.local_proxy import LocalProxy
from tests.lab.wire.proxied import calling
from tests.rpc.callers import DEADLINE_S, Caller

NAME = "customers/blue-door"
INTENT = "0f7c9a52-7d0e-4e65-9c2b-6a1d1f0f3b11"
SHOP = {
    "name": NAME,
    "display_name": "Blue Door Café",
    "organization": {"legal_name": "Blue Door OÜ"},
    "emails": ["hello@blue-door.example", "orders@blue-door.example"],
    "addresses": [{"region_code": "EE", "postal_code": "10111", "address_lines": ["Pikk 1", "door 2"]}],
    "preferences": {"contact_channels": [1, 3, 5], "categories": ["beans"], "marketing_consent": True},
    "acquisition": {"channel": 4, "campaign": "spring"},
    "labels": {"floor": "2", "street": "Pikk", "empty": ""},
}
LINE = {
    "sku": "beans",
    "quantity": {"value": "2.5"},
    "unit_price": {"currency_code": "EUR", "units": 19, "nanos": 900_000_000},
}


@dataclass(frozen=True)
class Piece:
    """Bytes that crossed in one direction."""

    from_client: bool
    data: bytes


@dataclass(frozen=True)
class Conversation:
    """All bytes of one connection, in order."""

    port: int
    pieces: Sequence[Piece]


def record() -> list[Event]:
    """Make the calls, and return what the proxy recorded."""
    with LocalServer("--reflection") as server, LocalProxy(server.address, server=server) as proxy:
        with calling(proxy.address, server.token) as caller:
            _unary(caller)
            _streams(caller)
            _cut_short(caller)
            _stopping(caller, server)
    return proxy.events()


def record_packed() -> list[Event]:
    """Call a server that answers packed, and with metadata that is bytes."""
    method = grpc.unary_unary_rpc_method_handler(_echo)
    service = grpc.method_handlers_generic_handler("clientela.v1.CustomerService", {"GetCustomer": method})
    server = grpc.server(ThreadPoolExecutor(1), compression=grpc.Compression.Gzip)
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with LocalProxy(f"127.0.0.1:{port}") as proxy, calling(proxy.address, "clt_example") as caller:
            get = caller.method("/clientela.v1.CustomerService/GetCustomer")
            asked = GetCustomerRequest(name=NAME * 20).SerializeToString()
            get(asked, compression=grpc.Compression.Deflate)
    finally:
        server.stop(None).wait(DEADLINE_S)
    return proxy.events()


def _echo(request: bytes, context: grpc.ServicerContext) -> bytes:
    context.send_initial_metadata((("picture-bin", bytes(range(256))),))
    context.set_trailing_metadata((("seal-bin", b"\0\xff"), ("seal-bin", b"again"), ("plain", "a, b")))
    return Customer(**SHOP).SerializeToString()


def conversations(events: Iterable[Event]) -> list[Conversation]:
    """Put together what crossed on each connection."""
    port, pieces = 0, dict[int, list[Piece]]()
    for event in events:
        if event["event"] == "recording":
            port = int(event["listen"].rpartition(":")[2])
        elif event["event"] == "frame":
            piece = Piece(event["from"] == "client", b64decode(event["raw"]))
            pieces.setdefault(event["conn"], []).append(piece)
    return [Conversation(port, found) for found in pieces.values()]


def purchases(count: int, prefix: str) -> list[dict[str, Any]]:
    """Make the items of an import."""
    return [
        {"request_id": f"{prefix}-{number}", "customer": "blue-door", "purchase": {"lines": [LINE] * 3}}
        for number in range(count)
    ]


def _unary(caller: Caller) -> None:
    caller.health.Check(HealthCheckRequest())
    extras = (("trace-bin", b"\x00\x01\xfe\xff"), ("x-request-id", "till-2/17"))
    caller.customers.CreateCustomer(
        CreateCustomerRequest(customer={**SHOP, "name": ""}, customer_id="blue-door"), metadata=extras
    )
    bought = {"lines": [LINE], "purpose": 2, "source": 2, "purchase_time": {"seconds": 1_700_000_000}}
    request = RecordPurchaseRequest(parent=NAME, purchase=bought, purchase_id="1", request_id=INTENT)
    for _ in range(3):  # the second and third headers are all from the table
        caller.purchases.RecordPurchase(request)
    caller.customers.ListCustomers(ListCustomersRequest(page_size=5))
    with pytest.raises(grpc.RpcError, match="is disabled"):
        caller.customers.ListCustomers(ListCustomersRequest(), compression=grpc.Compression.Gzip)
    update = UpdateCustomerRequest(customer=Customer(name=NAME, etag='"stale"', patron="anna"))
    with pytest.raises(grpc.RpcError):
        caller.customers.UpdateCustomer(update)
    with pytest.raises(grpc.RpcError):
        caller.purchases.GetPurchase(GetPurchaseRequest(name=f"{NAME}/purchases/none"))
    with pytest.raises(grpc.RpcError):
        caller.method("/clientela.v1.CustomerService/Forget")(b"\x08\x96\x01")


def _streams(caller: Caller) -> None:
    many = [
        ImportPurchasesRequest(items=purchases(3, "a")),
        ImportPurchasesRequest(),
        ImportPurchasesRequest(items=[*purchases(200, "b"), {"request_id": "c", "customer": "nobody"}]),
    ]
    caller.purchases.ImportPurchases(iter(many))
    list(caller.purchases.ExportPurchases(ExportPurchasesRequest(parent="customers/-")))
    caller.purchases.ListPurchases(ListPurchasesRequest(parent=NAME, page_size=200))
    asked = [
        ServerReflectionRequest(list_services="*"),
        ServerReflectionRequest(file_containing_symbol="clientela.v1.PurchaseService"),
        ServerReflectionRequest(file_by_filename="nowhere.proto"),
    ]
    path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    reflect = caller.method(path, "stream_stream")
    list(reflect(one.SerializeToString() for one in asked))


def _cut_short(caller: Caller) -> None:
    with pytest.raises(grpc.RpcError):
        list(caller.feed.Watch(WatchRequest(names=["customers/*"]), timeout=0.3))
    watch = caller.feed.Watch(WatchRequest(after_revision=0))
    next(watch)
    watch.cancel()
    with pytest.raises(grpc.RpcError):
        caller.purchases.ImportPurchases(iter([ImportPurchasesRequest(items=purchases(1001, "d"))]))
    caller.purchases.GetPurchase(GetPurchaseRequest(name=f"{NAME}/purchases/1"))


def _stopping(caller: Caller, server: LocalServer) -> None:
    watch = caller.feed.Watch(WatchRequest())
    next(watch)
    server.stop()
    with pytest.raises(grpc.RpcError):
        list(watch)

"""Rows of the tables of refusals: a request that is refused, and the exact answer.

Requests are written as plain values; "{ann}" and the like are filled in from the `World` that they are about.
The tables are in test_customer_errors, test_purchase_errors and test_list_errors.
"""

from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.descriptor_pool import Default
from google.protobuf.message_factory import GetMessageClass

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import money, new_customer, new_purchase, new_segment, new_spend
from tests.rpc.refusals import refusal
from tests.rpc.watching import head, written_since

INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
EXISTS = grpc.StatusCode.ALREADY_EXISTS
PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
ABORTED = grpc.StatusCode.ABORTED
OUT_OF_RANGE = grpc.StatusCode.OUT_OF_RANGE

SERVICES = {
    "CustomerService": "customers",
    "PurchaseService": "purchases",
    "FeedService": "feed",
    "StandingService": "standing",
    "SegmentService": "segments",
    "SpendService": "spends",
    "EconomicsService": "economics",
}
SERVICES |= {service.name: recorded_nouns.stem(service) for service in recorded_nouns.RECORDED}
METHODS = {
    method.name: (noun, GetMessageClass(method.input_type))
    for service, noun in SERVICES.items()
    for method in Default().FindServiceByName(f"clientela.v1.{service}").methods
}
STREAMS_IN = {
    method.name
    for service in SERVICES
    for method in Default().FindServiceByName(f"clientela.v1.{service}").methods
    if method.client_streaming
}


@dataclass(frozen=True)
class World:
    """The resources that refused requests are about, by their names, and Ann's e-mail address."""

    ann: str
    ann_id: str
    email: str
    gone: str
    erased: str
    bought: str
    bought_id: str
    refund: str
    missing: str
    segment: str
    spend: str


def new_world(admin: Caller) -> World:
    """Make what the rows are about."""
    email = f"{fresh()}@example.com"
    ann, gone, erased = (new_customer(admin, emails=emails).name for emails in ([email], [], []))
    admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=gone))
    admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=erased))
    bought = new_purchase(admin, ann, 10).name
    back = ppb.RefundPurchaseRequest(name=bought, amount=money(4), reason="x")
    return World(
        ann=ann,
        ann_id=ann.split("/")[1],
        email=email,
        gone=gone,
        erased=erased,
        bought=bought,
        bought_id=bought.split("/")[3],
        refund=admin.purchases.RefundPurchase(back).name,
        missing=f"customers/{fresh()}",
        segment=new_segment(admin).name,
        spend=new_spend(admin).name,
    )


@dataclass(frozen=True)
class Row:
    """A request and its refusal; `about` is the resource of a ResourceInfo."""

    method: str
    request: dict[str, Any]
    code: grpc.StatusCode
    reason: str
    path: str = ""
    about: str | None = None
    facts: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method}: {self.path or self.reason}"


def invalid(
    method: str, request: dict[str, Any], path: str, reason: str = "FIELD_INVALID", /, **facts: str
) -> Row:
    """A row of INVALID_ARGUMENT; the path is among the facts too, for those who read nothing else."""
    return Row(method, request, INVALID, reason, path, facts={"field": path, **facts})


def refused(
    method: str,
    request: dict[str, Any],
    code: grpc.StatusCode,
    reason: str,
    about: str | None = None,
    /,
    **facts: str,
) -> Row:
    """A row of any other code; the name of what it is about is among the facts."""
    return Row(method, request, code, reason, about=about, facts={"name": about, **facts} if about else facts)


def check(row: Row, admin: Caller, world: World) -> None:
    """Make the request, compare the answer, and see that nothing was written."""
    noun, kind = METHODS[row.method]
    before = head(admin)

    answer = refusal(getattr(getattr(admin, noun), row.method), kind(**filled(row.request, world)))

    assert (answer.code, answer.reason) == (row.code, row.reason)
    assert next(iter(answer.faults), "") == row.path
    assert answer.facts.items() >= filled(row.facts, world).items()
    assert answer.resource == resource(filled(row.about, world))
    assert written_since(admin, before) == []


def resource(name: str | None) -> tuple[str, str] | None:
    """What ResourceInfo says of a name."""
    if name is None:
        return None
    return ("clientela.dev/Purchase" if "/purchases/" in name else "clientela.dev/Customer", name)


def filled(value: Any, world: World) -> Any:
    """Fill the world's names into all strings of a value."""
    match value:
        case str():
            return value.format_map(vars(world))
        case dict():
            return {key: filled(each, world) for key, each in value.items()}
        case list():
            return [filled(each, world) for each in value]
    return value

"""A ledger of large records, and for each RPC that answers with many what is asked for its longest answer.

Forty-five invoices of five hundred lines each are more than a client of gRPC takes in one message, and so is
much else here. A client that nobody told otherwise takes 4 MiB.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.type.postal_address_pb2 import PostalAddress

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2, spends_pb2
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller
from tests.rpc.making import at, day, money, to_create, to_import
from tests.rpc.rows import METHODS, SERVICES
from tests.rpc.watching import head

INVOICES, LINES, BIG_CUSTOMERS, SEGMENTS, CROWD = 45, 500, 45, 120, 1000
PURCHASES_OF_SHOP = INVOICES * 3 // 2 + 1
PURCHASES = PURCHASES_OF_SHOP + CROWD * 7 // 4
CUSTOMERS = BIG_CUSTOMERS + CROWD + 2
SHOP, FICKLE = "customers/shop", "customers/fickle"
ALL_DAYS = {"start": day("2020-01-01"), "end": day("2026-01-01")}


def fill(admin: Caller) -> None:
    """Write it all; the invoices come last of what is bought."""
    text = "ą" * 100
    lines = [ppb.PurchaseLine(description=f"{number} {text}") for number in range(LINES)]
    # The smaller ones between them are what a page could be cut at in the wrong place.
    items = [_invoice(number, lines if number % 3 else lines[:7]) for number in range(PURCHASES_OF_SHOP - 1)]
    items.insert(20, _invoice(1000, giant_lines()))
    visits = [
        [_visit(number, visit) for number in range(0, CROWD, every)] for visit, every in enumerate((1, 2, 4))
    ]
    messages = [
        ppb.ImportPurchasesRequest(items=each, create_missing_customers=True)
        for each in [*visits, *([item] for item in items)]
    ]
    answer = admin.purchases.ImportPurchases(iter(messages))
    assert not answer.rejected, answer.rejected[0]
    _register(admin)
    _save(admin)


def _invoice(number: int, lines: list[ppb.PurchaseLine]) -> ppb.ImportItem:
    return to_import(SHOP, 10 + number % 7, lines=lines, purchase_time=at(1_700_000_000 + number))


def _visit(number: int, visit: int) -> ppb.ImportItem:
    """A purchase of somebody who comes again after a while of his own."""
    seconds = 1_700_000_000 + number % 300 * 86_400 + visit * (20 + number % 77) * 86_400
    return to_import(f"customers/crowd-{number}", 1 + number % 50, purchase_time=at(seconds))


def giant_lines() -> list[ppb.PurchaseLine]:
    """Lines that are about as large together as a request may be."""
    return [ppb.PurchaseLine(description="😀" * 500, sku="s" * 80)] * LINES


def _register(admin: Caller) -> None:
    """Customers with addresses of 110 KB, and one that was changed again and again."""
    for number in range(BIG_CUSTOMERS):
        admin.customers.CreateCustomer(to_create(f"big-{number:02}", addresses=[_address(110_000)]))
    admin.customers.CreateCustomer(to_create("fickle", addresses=[_address(110_000)]))
    for number in range(BIG_CUSTOMERS):
        changed = cpb.Customer(name=FICKLE, patron=f"Patron {number}")
        admin.customers.UpdateCustomer(cpb.UpdateCustomerRequest(customer=changed))


def _address(size: int) -> PostalAddress:
    return PostalAddress(region_code="PL", address_lines=["a" * size])


def _save(admin: Caller) -> None:
    """Segments and spends with as long texts as they may have."""
    everybody = " OR ".join(["purchases >= 0"] * 90)
    for number in range(SEGMENTS):
        segment = segments_pb2.Segment(display_name="😀" * 200, filter=everybody, strategy="😀" * 2000)
        admin.segments.CreateSegment(
            segments_pb2.CreateSegmentRequest(segment=segment, segment_id=f"s-{number}")
        )
    spend = spends_pb2.Spend(
        channel="ACQUISITION_CHANNEL_OTHER", campaign="ж" * 200, start_date=day("2025-01-01"), amount=money(5)
    )
    for number in range(SEGMENTS):
        admin.spends.RecordSpend(spends_pb2.RecordSpendRequest(spend=spend, spend_id=f"m-{number}"))


# ---- the questions


def _wrong_items() -> list[ppb.ImportItem]:
    """A thousand items, each wrong in many words."""
    long = "x" * 60
    return [
        ppb.ImportItem(
            purchase=ppb.Purchase(name=f"customers/{long}/purchases/{long}", amount=money(1)),
            customer=f"customers/other-{long[:50]}",
            request_id=str(uuid.UUID(int=number, version=4)),
        )
        for number in range(1000)
    ]


def _wrong_customers() -> list[cpb.CustomerItem]:
    """A thousand items, each wrong in many words."""
    return [
        cpb.CustomerItem(
            customer=cpb.Customer(display_name="x", patron="y" * 200),
            customer_id="-" + "x" * 60,
            request_id=str(uuid.UUID(int=number, version=4)),
        )
        for number in range(1000)
    ]


_MOST = {"page_size": 1000}
_EURO = {"currency_code": "EUR"}
QUESTIONS: dict[str, dict[str, Any]] = {
    "CustomerService.BatchGetCustomers": {"names": [f"customers/big-{number:02}" for number in range(9)]},
    "CustomerService.ImportCustomers": {"items": _wrong_customers()},
    "CustomerService.ListCustomers": _MOST,
    "FeedService.ListHistory": {"name": FICKLE, **_MOST},
    "FeedService.Watch": {"after_revision": 0},
    "EconomicsService.GetCohorts": _EURO,
    "EconomicsService.GetRfm": _EURO,
    "EconomicsService.GetUnitEconomics": {**ALL_DAYS, **_EURO, "gross_margin": 0.4},
    "SegmentService.ListSegmentMembers": {"parent": "segments/s-0", **_MOST},
    "SegmentService.ListSegments": _MOST,
    "SpendService.ListSpends": _MOST,
    "StandingService.ListStandings": {"with_findings": True, **_MOST},
    "EconomicsService.PredictLifetimeValue": {"parent": "customers/-", "horizon_days": 365, **_EURO, **_MOST},
    "PurchaseService.ExportPurchases": {"parent": "customers/-"},
    "PurchaseService.ImportPurchases": {"items": _wrong_items()},
    "PurchaseService.ListPurchases": {"parent": "customers/-", **_MOST},
}
QUESTIONS |= {
    f"{method.containing_service.name}.{method.name}": {"parent": "customers/-", **_MOST}
    for service in recorded_nouns.RECORDED
    for method in service.methods
    if method.name.startswith("List")
}


def that_answer_with_many() -> list[str]:
    """Every RPC of the contract whose answer is no resource, but holds as many as there are."""
    services = [Default().FindServiceByName(f"clientela.v1.{service}") for service in SERVICES]
    return [f"{each.name}.{rpc.name}" for each in services for rpc in each.methods if _answers_with_many(rpc)]


def _answers_with_many(method: MethodDescriptor) -> bool:
    kind = method.output_type
    is_resource = not kind.name.endswith("Response")
    return not is_resource and any(_holds_many(field) for field in kind.fields)


def _holds_many(field: FieldDescriptor) -> bool:
    return field.is_repeated and field.message_type is not None


def answers(caller: Caller, name: str, fields: dict[str, Any]) -> Iterator[Any]:
    """All that is answered to a question: its one answer, all pages, or all messages of its stream."""
    method = Default().FindMethodByName(f"clientela.v1.{name}")
    noun, kind = METHODS[method.name]
    ask, request = getattr(getattr(caller, noun), method.name), kind(**fields)
    if method.client_streaming:
        yield ask(iter([request] * 10))
    elif method.server_streaming:
        yield from _until_now(ask(request), head(caller))
    else:
        yield from _pages(ask, request)


def _pages(ask: Any, request: Any) -> Iterator[Any]:
    while True:
        page = _patiently(ask, request)
        yield page
        if not getattr(page, "next_page_token", ""):
            return
        request.page_token = page.next_page_token


def _patiently(ask: Any, request: Any) -> Any:
    """Ask again where the server itself had no time: on a loaded machine numpy takes long to be read in."""
    for _ in range(20):
        try:
            return ask(request)
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                raise
    return ask(request)


def _until_now(stream: Any, last: int) -> Iterator[Any]:
    """The messages of an export, or of a watch until it has come to the journal's end."""
    for message in stream:
        yield message
        if getattr(message, "bookmark_revision", -1) >= last:
            stream.cancel()
            return


def items_of(answer: Any) -> list[Any]:
    """What an answer holds many of."""
    return [item for field, value in answer.ListFields() if _holds_many(field) for item in value]

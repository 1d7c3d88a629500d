"""Requests that tests make again and again, each with an id of its own."""

import itertools
import string
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from clientela.v1 import customers_pb2, purchases_pb2, segments_pb2, spends_pb2
from tests.rpc.callers import Caller, fresh, request_id

_currencies = ("".join(letters) for letters in itertools.product("Q", *[string.ascii_uppercase] * 2))


def money(units: int, nanos: int = 0, currency: str = "EUR") -> Money:
    return Money(currency_code=currency, units=units, nanos=nanos)


def new_currency() -> str:
    """A code that no other test buys in, so that tests share a server."""
    return next(_currencies)


def at(seconds: int) -> Timestamp:
    return Timestamp(seconds=seconds)


def to_create(customer_id: str | None = None, **fields: Any) -> customers_pb2.CreateCustomerRequest:
    """A request for a new customer; `fields` are those of Customer."""
    customer = customers_pb2.Customer(**{"display_name": "Ann", **fields})
    return customers_pb2.CreateCustomerRequest(customer=customer, customer_id=customer_id or fresh())


def to_record(
    parent: str, units: int = 10, nanos: int = 0, **fields: Any
) -> purchases_pb2.RecordPurchaseRequest:
    """A request for a new purchase of some euros; `fields` are those of Purchase."""
    purchase = purchases_pb2.Purchase(**{"amount": money(units, nanos), **fields})
    return purchases_pb2.RecordPurchaseRequest(parent=parent, purchase=purchase)


def to_record_once(parent: str) -> purchases_pb2.RecordPurchaseRequest:
    """A request for a purchase that is recorded once, however often it is sent."""
    request = to_record(parent)
    request.request_id = request_id()
    return request


def to_import(customer: str, units: int = 10, **fields: Any) -> purchases_pb2.ImportItem:
    """One item of an import, with a request id of its own."""
    purchase = purchases_pb2.Purchase(**{"amount": money(units), **fields})
    return purchases_pb2.ImportItem(purchase=purchase, customer=customer, request_id=request_id())


def new_customer(caller: Caller, customer_id: str | None = None, **fields: Any) -> customers_pb2.Customer:
    """Register a customer."""
    created: customers_pb2.Customer = caller.customers.CreateCustomer(to_create(customer_id, **fields))
    return created


def new_purchase(
    caller: Caller, parent: str, units: int = 10, nanos: int = 0, **fields: Any
) -> purchases_pb2.Purchase:
    """Record a purchase."""
    recorded: purchases_pb2.Purchase = caller.purchases.RecordPurchase(
        to_record(parent, units, nanos, **fields)
    )
    return recorded


def new_segment(caller: Caller, segment_id: str | None = None, **fields: Any) -> segments_pb2.Segment:
    """Save a segment, by itself one of nobody."""
    nobody = {"display_name": "To win back", "filter": 'stage = "LOST" AND purchases > 1000000'}
    request = segments_pb2.CreateSegmentRequest(
        segment=segments_pb2.Segment(**{**nobody, **fields}), segment_id=segment_id
    )
    saved: segments_pb2.Segment = caller.segments.CreateSegment(request)
    return saved


def day(text: str) -> Date:
    """Make a date of "2026-01-31"."""
    year, month, of_month = text.split("-")
    return Date(year=int(year), month=int(month), day=int(of_month))


def to_spend(spend_id: str | None = None, **fields: Any) -> spends_pb2.RecordSpendRequest:
    """A request for a new spend, of 50 euros on one day; `fields` are those of Spend."""
    plain = {"channel": "ACQUISITION_CHANNEL_ADVERTISING", "start_date": day("2026-03-01")}
    spend = spends_pb2.Spend(**{**plain, "amount": money(50), **fields})
    return spends_pb2.RecordSpendRequest(spend=spend, spend_id=spend_id)


def new_spend(caller: Caller, spend_id: str | None = None, **fields: Any) -> spends_pb2.Spend:
    """Record a spend."""
    recorded: spends_pb2.Spend = caller.spends.RecordSpend(to_spend(spend_id, **fields))
    return recorded


def read_customer(caller: Caller, name: str) -> customers_pb2.Customer:
    """Read a customer."""
    found: customers_pb2.Customer = caller.customers.GetCustomer(customers_pb2.GetCustomerRequest(name=name))
    return found

"""The calls that are compared: what each sends for a customer, and what its answer must hold.

Read next: registry.py, arena.py.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from generator import Calls
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

from clientela.v1 import customers_pb2, purchases_pb2, standing_pb2

_request_ids = random.Random(13)


@dataclass(frozen=True)
class Method:
    """One RPC. request: the message for a customer's name; names: what an answer about the customer names."""

    path: str
    request: Callable[[str], Message]
    names: str = "{customer}"

    def calls(self, customers: list[str], token: str = "", *, answered: str = "") -> Calls:
        """Return one call for each customer. answered: whom all answers are about, where it is always one."""
        return Calls(
            self.path,
            [self.request(customer).SerializeToString() for customer in customers],
            [self.names.format(customer=answered or customer).encode() for customer in customers],
            token,
            customers,
        )


def purchase_request(parent: str) -> purchases_pb2.RecordPurchaseRequest:
    """Return a purchase of 12.34 EUR in 2024 with no lines, and an id of its own, as the SDK sends it."""
    purchase = purchases_pb2.Purchase(
        amount=Money(currency_code="EUR", units=12, nanos=340_000_000),
        purchase_time=Timestamp(seconds=1_709_294_400),
        purpose=purchases_pb2.PURCHASE_PURPOSE_OWN_USE,
        source=purchases_pb2.PURCHASE_SOURCE_API,
    )
    request_id = new_request_id()
    return purchases_pb2.RecordPurchaseRequest(parent=parent, purchase=purchase, request_id=request_id)


def new_request_id() -> str:
    """Return another UUID for each call, the same ones in each run."""
    return str(uuid.UUID(int=_request_ids.getrandbits(128), version=4))


def new_customer_request(customer: str) -> customers_pb2.CreateCustomerRequest:
    """Return the registration of a customer about whom as much is known as of most."""
    customer_id = customer.removeprefix("customers/")
    record = customers_pb2.Customer(
        display_name=f"Reader of row {customer_id}",
        person=customers_pb2.Person(given_name="Reader", family_name=f"Row {customer_id}"),
        emails=[f"{customer_id}@example.com"],
        phones=["+48221234567"],
        preferences=customers_pb2.Preferences(language_code="en"),
        acquisition=customers_pb2.Acquisition(channel=customers_pb2.ACQUISITION_CHANNEL_ORGANIC),
        labels={"tier": "gold"},
    )
    return customers_pb2.CreateCustomerRequest(customer=record, customer_id=customer_id)


GET = Method(
    "/clientela.v1.CustomerService/GetCustomer",
    lambda customer: customers_pb2.GetCustomerRequest(name=customer),
)
STANDING = Method(
    "/clientela.v1.StandingService/GetStanding",
    lambda customer: standing_pb2.GetStandingRequest(name=customer),
)
LIST = Method(
    "/clientela.v1.PurchaseService/ListPurchases",
    lambda customer: purchases_pb2.ListPurchasesRequest(parent=customer),
    "{customer}/purchases/",
)
RECORD = Method(
    "/clientela.v1.PurchaseService/RecordPurchase",
    purchase_request,
    "{customer}/purchases/",
)
CREATE = Method(
    "/clientela.v1.CustomerService/CreateCustomer",
    new_customer_request,
)

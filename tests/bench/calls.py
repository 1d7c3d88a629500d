"""The calls that are compared, the customers they are about, and how to ask the ledger what is true.

Rule: what a slice did is checked by other means than the slice itself: the revision that the server names
in its trailers, and the purchases that the customer's totals count.
Read next: rounds.py.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money
from h2load import Call

from clientela.v1 import (
    customers_pb2,
    customers_pb2_grpc,
    purchases_pb2,
    purchases_pb2_grpc,
    standing_pb2,
    standing_pb2_grpc,
)

GET_PATH = "/clientela.v1.CustomerService/GetCustomer"
RECORD_PATH = "/clientela.v1.PurchaseService/RecordPurchase"
STANDING_PATH = "/clientela.v1.StandingService/GetStanding"
READ_CUSTOMER = "customers/bench-read"
BUYING_CUSTOMER = "customers/bench-buy"
TIMEOUT_S = 10.0


class NotVerified(RuntimeError):
    """A slice does not add up: the server refused, lost or doubled calls, or answered otherwise."""


@dataclass(frozen=True)
class Ledger:
    """What the ledger says: the journal's revision, and the purchases in one customer's totals."""

    revision: int
    purchases: int


class Truth:
    """Asks the server under test directly. On leaving the context a refused call becomes NotVerified."""

    def __init__(self, address: str, token: str) -> None:
        self._token = token
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._channel = grpc.insecure_channel(address)
        self._customers = customers_pb2_grpc.CustomerServiceStub(self._channel)
        self._purchases = purchases_pb2_grpc.PurchaseServiceStub(self._channel)
        self._standing = standing_pb2_grpc.StandingServiceStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()
        if isinstance(error, grpc.Call):
            raise NotVerified(f"the server answered {error.code().name}: {error.details()}") from error

    def register_customers(self) -> None:
        """Registers the two customers of the calls, each with two purchases, so that they have totals."""
        for name in (READ_CUSTOMER, BUYING_CUSTOMER):
            request = customers_pb2.CreateCustomerRequest(
                customer=_customer(name), customer_id=name.split("/")[1]
            )
            self._customers.CreateCustomer(request, metadata=self._metadata, timeout=TIMEOUT_S)
            for _ in range(2):
                self.record(name)

    def record(self, customer: str) -> purchases_pb2.Purchase:
        """Records one purchase of the kind that is measured, and returns the answer."""
        request = record_request(customer)
        return self._purchases.RecordPurchase(request, metadata=self._metadata, timeout=TIMEOUT_S)

    def customer(self, name: str) -> customers_pb2.Customer:
        """Returns the customer as GetCustomer answers it."""
        request = customers_pb2.GetCustomerRequest(name=name)
        return self._customers.GetCustomer(request, metadata=self._metadata, timeout=TIMEOUT_S)

    def standing(self, name: str) -> standing_pb2.Standing:
        """Returns the standing as GetStanding answers it."""
        request = standing_pb2.GetStandingRequest(name=name)
        return self._standing.GetStanding(request, metadata=self._metadata, timeout=TIMEOUT_S)

    def ledger(self, name: str) -> Ledger:
        """Returns the revision and the number of purchases of a customer, both from one answer."""
        request = customers_pb2.GetCustomerRequest(name=name)
        customer, call = self._customers.GetCustomer.with_call(
            request, metadata=self._metadata, timeout=TIMEOUT_S
        )
        trailers = dict(call.trailing_metadata() or ())
        return Ledger(int(trailers["clientela-revision"]), sum(one.purchase_count for one in customer.totals))

    def export(self) -> tuple[int, int]:
        """Reads the whole ledger by ExportPurchases; returns how many purchases and messages came."""
        request = purchases_pb2.ExportPurchasesRequest(parent="customers/-")
        pages = self._purchases.ExportPurchases(request, metadata=self._metadata, timeout=600)
        counts = [len(page.purchases) for page in pages]
        return sum(counts), len(counts)

    def get_call(self) -> Call:
        """Returns the read that is measured."""
        request = customers_pb2.GetCustomerRequest(name=READ_CUSTOMER)
        return Call(GET_PATH, request.SerializeToString(), self._token)

    def standing_call(self) -> Call:
        """Returns the judgement that is measured."""
        request = standing_pb2.GetStandingRequest(name=READ_CUSTOMER)
        return Call(STANDING_PATH, request.SerializeToString(), self._token)

    def record_call(self) -> Call:
        """Returns the write that is measured: no request_id, no purchase_id, so each is a new purchase."""
        return Call(RECORD_PATH, record_request(BUYING_CUSTOMER).SerializeToString(), self._token)


def record_request(customer: str) -> purchases_pb2.RecordPurchaseRequest:
    """Returns a purchase of 12.34 EUR in 2024 with no lines."""
    purchase = purchases_pb2.Purchase(
        amount=Money(currency_code="EUR", units=12, nanos=340_000_000),
        purchase_time=Timestamp(seconds=1_709_294_400),
        purpose=purchases_pb2.PURCHASE_PURPOSE_OWN_USE,
        source=purchases_pb2.PURCHASE_SOURCE_API,
    )
    return purchases_pb2.RecordPurchaseRequest(parent=customer, purchase=purchase)


def _customer(name: str) -> customers_pb2.Customer:
    return customers_pb2.Customer(
        display_name="Reader of one row",
        person=customers_pb2.Person(given_name="Reader", family_name="Row"),
        emails=[f"{name.split('/')[1]}@example.com"],
        phones=["+48221234567"],
        preferences=customers_pb2.Preferences(language_code="en"),
        acquisition=customers_pb2.Acquisition(channel=customers_pb2.ACQUISITION_CHANNEL_ORGANIC),
        labels={"tier": "gold"},
    )

"""Reads a customer and records a purchase: TOKEN=... [CA=ca.pem] python client.py ADDRESS CUSTOMER"""

import os
import sys
import uuid
from pathlib import Path

import grpc
from google.type.money_pb2 import Money
from outcome import explain, revision_of

from clientela.v1.customers_pb2 import GetCustomerRequest
from clientela.v1.customers_pb2_grpc import CustomerServiceStub
from clientela.v1.purchases_pb2 import Purchase, RecordPurchaseRequest
from clientela.v1.purchases_pb2_grpc import PurchaseServiceStub


def channel_to(address: str) -> grpc.Channel:
    """Trust the roots in the file CA, as `clientela trust` prints them; without a file there is no TLS."""
    options = [("grpc.service_config", Path("service_config.json").read_text(encoding="utf-8"))]
    if ca := os.environ.get("CA"):
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(Path(ca).read_bytes()), options)
    return grpc.insecure_channel(address, options)


def main(address: str, name: str) -> None:
    """Ask, and say what became of it."""
    sent = ""
    how = {"timeout": 10, "metadata": (("authorization", f"Bearer {os.environ['TOKEN']}"),)}
    try:
        with channel_to(address) as channel:
            wanted = GetCustomerRequest(name=name)
            found, call = CustomerServiceStub(channel).GetCustomer.with_call(wanted, **how)
            print(found.display_name, "at revision", revision_of(call))
            sent = str(uuid.uuid4())  # one for this intent: keep it, and send it with every retry
            purchase = Purchase(amount=Money(currency_code="EUR", units=19, nanos=900_000_000))
            record = RecordPurchaseRequest(parent=name, purchase=purchase, request_id=sent)
            made, call = PurchaseServiceStub(channel).RecordPurchase.with_call(record, **how)
            print(made.name, "at revision", revision_of(call))
    except grpc.RpcError as error:
        sys.exit(explain(error, sent))


main(*sys.argv[1:])

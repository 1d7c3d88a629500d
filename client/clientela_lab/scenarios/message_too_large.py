"""What happens to a message that is larger than the server takes?

A shop brings in a year of purchases, each with a note, in all more than a megabyte. The server takes
messages of at most one megabyte: it must hold a message whole before it can look into it, so this bound is
what keeps a few callers from filling its memory.

First a client of its own making sends everything in one message. The five bytes before the message tell
its length, and the server refuses by them alone: RESOURCE_EXHAUSTED, and not one purchase is written. That
code proves nothing to a client, so what it can say is "in doubt". Asking again would help as little: the
message will be as large.

The protection is splitting. The SDK packs items into messages by their size, sends them as one stream, and is
given one answer for all. Without it the shop has nothing but the first try.

Look at: the DATA frames after the first five bytes, and the RST_STREAM or trailers that come before they end.
Read next: old_client.py, where the two sides have contracts of different ages.
"""

import grpc

from clientela.v1.purchases_pb2 import ImportPurchasesRequest
from clientela.v1.purchases_pb2_grpc import PurchaseServiceStub
from clientela_client.messages import ImportItem, Purchase
from clientela_lab.checking.money import euros
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="What happens to a message that is larger than the server takes?",
    prediction="it is refused whole and nothing of it is written; split by size, all is recorded",
    protection="splitting",
    without="everything is sent in one message, which is refused for its length, however often it is sent",
)
ITEMS = 560
LIMIT = 1024 * 1024


def run(lab: Lab) -> None:
    """Send all in one message; then, with the protection, let the SDK split it."""
    customer = lab.customer("blue-door")
    items = [_item(customer, number, lab) for number in range(ITEMS)]

    refused = all_at_once(lab, items)
    lab.that("all at once: the code", "RESOURCE_EXHAUSTED", refused)
    lab.that("all at once: purchases recorded", 0, len(lab.ledger().purchases(customer)))

    if lab.protected:
        lab.say("the SDK sends the same items, as many to a message as fit")
        report = lab.connect("shop").purchases.import_(items)
        lab.believes("shop", "the year's purchases", "done", report.imported_count)
    else:
        lab.believes("shop", "the year's purchases", "in doubt")
    recorded = len(lab.ledger().purchases(customer))
    lab.truth("the year's purchases", recorded)
    lab.that("purchases recorded at the end", ITEMS, recorded)


def all_at_once(lab: Lab, items: list[ImportItem]) -> str:
    """Send all items in one message; return the call's status code."""
    request = ImportPurchasesRequest(items=items)
    lab.say(f"{len(items)} purchases in one message of {request.ByteSize()} bytes; {LIMIT} are taken")
    stub = PurchaseServiceStub(lab.channel("shop"))
    try:
        stub.ImportPurchases(iter([request]), metadata=lab.credentials, timeout=HANG_S)
    except grpc.RpcError as error:
        lab.say(f"the server: {error.details()}")
        return str(error.code().name)
    return "OK"


def _item(customer: str, number: int, lab: Lab) -> ImportItem:
    note = f"till receipt {number}: {'a line of the receipt; ' * 84}"
    purchase = Purchase(amount=euros(lab.chance.randrange(1_00, 100_00)), note=note)
    return ImportItem(customer=customer, purchase=purchase, request_id=lab.request_id())

"""The server stands still. How long does a client wait?

The server is there, its connection is open, and it does not answer: an overloaded machine, a stuck disk, a
debugger. No error comes, since nothing is broken; nothing comes at all. A client that has not said how long
it wants to wait waits for ever, and so does whoever waits for the client.

The protection is the deadline: with each call the client says how long the answer is of use to it (it
crosses the wire as `grpc-timeout`). When the time is over the call ends on both sides, whatever the server
does. What a deadline does not do is undo: of a write it leaves a doubt, and the doubt is resolved as always,
by asking again under the same request id. gRPC sets no deadline by itself. The SDK does: ten seconds.

Look at: `grpc-timeout` in the request's headers; RST_STREAM, by which the client says that it waits no more.
Read next: lost_reply.py, on what a doubt is and how it ends.
"""

from typing import Any

import grpc

from clientela.v1 import purchases_pb2 as pb
from clientela.v1.purchases_pb2_grpc import PurchaseServiceStub
from clientela_lab.checking.money import euros, shown
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="The server stands still. How long does a client wait?",
    prediction="until its deadline, and then it knows that it does not know; asked again, it is done once",
    protection="deadline",
    without="the call waits as long as the server stands still, and would wait for ever",
)

DEADLINE_S = 0.5
PATIENCE_S = 2.0  # how long this scenario looks on


def run(lab: Lab) -> None:
    """Call a stopped server, wait for a while, resume the server, and call again."""
    customer = lab.customer("blue-door")
    cents = lab.chance.randrange(100, 10_000)
    purchase = pb.Purchase(amount=euros(cents), note="a pot of tea")
    request = pb.RecordPurchaseRequest(parent=customer, purchase=purchase, request_id=lab.request_id())
    channel = lab.channel("till")
    till = PurchaseServiceStub(channel)
    grpc.channel_ready_future(channel).result(HANG_S)

    lab.freeze_server()
    lab.say("The till records a sale on a connection that is open, with a server that does nothing.")
    call = till.RecordPurchase.future(
        request, timeout=DEADLINE_S if lab.protected else None, metadata=lab.credentials
    )
    told = status_within(call, PATIENCE_S)
    lab.that(f"what the till knows after {PATIENCE_S:g} s", "DEADLINE_EXCEEDED", told)
    lab.believes("till", "the sale, while the server stands still", "in doubt")

    lab.thaw_server()
    lab.truth("the sale, while the server stands still", lab.ledger().paid(customer))
    lab.say("The server goes on. The till asks again, under the same request id.")
    till.RecordPurchase(request, timeout=HANG_S, metadata=lab.credentials)
    lab.believes("till", "the sale, asked again", "done", shown(cents))

    ledger = lab.ledger()
    lab.truth("the sale, asked again", ledger.paid(customer))
    lab.that("purchases in the ledger", 1, len(ledger.purchases(customer)))
    lab.that("charged in all", shown(cents), ledger.paid(customer))


def status_within(call: Any, seconds: float) -> str:
    """Wait at most `seconds` for a call to end; return its status."""
    try:
        error = call.exception(timeout=seconds)
    except grpc.FutureTimeoutError:
        return "nothing: still waiting"
    return str(error.code().name) if error else "OK"

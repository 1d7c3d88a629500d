"""The till asks once, and the server is asked twice: can that be?

It can. Between a client and a server stand proxies, balancers and gateways, and some of them send a request
again by themselves when they saw no answer. The client made one call and got one answer; the server saw two
requests, equal to the last byte. Neither of them did anything wrong.

The protection is the request id, inside the request: whoever copies the request copies the id too. The server
finds it in its journal and writes nothing. So an id in the message guards against more than the client's own
retries. Without one no server in the world can tell a copy from a second sale of the same beans.

The call is made with bare gRPC, since the SDK puts an id into every write and cannot be talked out of it.

Look at: the second delivery, which comes from the tap; its answer, which nobody waited for.
Read next: killed_between.py, where the server itself falls silent.
"""

from clientela.v1 import purchases_pb2 as pb
from clientela.v1.purchases_pb2_grpc import PurchaseServiceStub
from clientela_lab.checking.money import euros, shown
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="A proxy delivers a request twice. Is it done twice?",
    prediction="one sale is in the ledger, and the copy is told the same as the till",
    protection="request-id",
    without="nothing in the request tells a copy from a second sale, so it is recorded twice",
)


def run(lab: Lab) -> None:
    """Send one request and have it delivered twice."""
    customer = lab.customer("blue-door")
    cents = lab.chance.randrange(100, 10_000)
    request = pb.RecordPurchaseRequest(
        parent=customer,
        purchase=pb.Purchase(amount=euros(cents), note="a bag of beans"),
        request_id=lab.request_id() if lab.protected else None,
    )
    till = PurchaseServiceStub(lab.channel("till"))

    lab.say("The till asks once. The tap, as some proxies do, delivers the request a second time.")
    lab.proxy.rules.add("duplicate RecordPurchase 1")
    answer = till.RecordPurchase(request, timeout=HANG_S, metadata=lab.credentials)
    lab.believes("till", "the sale", "done", shown(cents))
    lab.wait_for_calls("RecordPurchase", 2, ended=True)  # the copy has its answer too

    ledger = lab.ledger()
    lab.truth("the sale", ledger.paid(customer))
    lab.that("requests that the server saw", 2, len(lab.calls("RecordPurchase")))
    lab.that("purchases in the ledger", 1, len(ledger.purchases(customer)))
    lab.that("charged in all", shown(cents), ledger.paid(customer))
    lab.that("the till's answer names an entry", True, answer.name in {row.id for row in ledger.rows})

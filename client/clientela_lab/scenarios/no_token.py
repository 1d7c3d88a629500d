"""What can somebody do who has no token, or the wrong one?

Three come to the door. A stranger without a token, and a guesser with one that he made up, are told
UNAUTHENTICATED, before anybody looks at what they ask for. The third has found the token of the report
program on an old disk. It is real, so what it is worth to him depends on what it was made for.

The protection is a token of its own for each program, with no more of a role than it needs. A report only
reads, so its role is analyst: who finds its token may read until it is revoked, but a write is
PERMISSION_DENIED. Without it, the report was given the administrator's token, as that one was at hand. Then
the finder's write is as good as anybody's, and stands in the journal under the administrator's name.

Look at: the metadata `authorization` (a recording shows only that it is there), and the actor of the entry.
Read next: is_the_client_lost.py, where all may ask, and the question is who decides. The table of roles is
server/clientela_server/rpc/gate/authorization.py, and docs/security.md tells the rest.
"""

import grpc

from clientela.v1.purchases_pb2 import RecordPurchaseRequest
from clientela.v1.purchases_pb2_grpc import PurchaseServiceStub
from clientela_client.messages import Purchase
from clientela_lab.checking.money import euros
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="What can somebody do who has no token, or the wrong one?",
    prediction="a stranger nothing, the finder of a report's token read; neither leaves an entry",
    protection="own-token",
    without="the report was given the administrator's token, and so is its finder: he writes",
)
MADE_UP = "clt_" + "A" * 43


def run(lab: Lab) -> None:
    """Let three callers write who may not, and one read."""
    customer = lab.customer("blue-door")
    report = lab.server.new_token("analyst", "report") if lab.protected else lab.server.token
    lab.say(f"the report has {'a token of the role analyst' if lab.protected else 'the admin token'}")
    with lab.connect("report", token=report) as client:
        lab.that("the report reads", "Blue Door Café", client.customers.get(customer).display_name)

    visitors = {"stranger": None, "guesser": MADE_UP, "finder": report}
    wanted = {"stranger": "UNAUTHENTICATED", "guesser": "UNAUTHENTICATED", "finder": "PERMISSION_DENIED"}
    for who, token in visitors.items():
        code = write(lab, who, token, customer)
        lab.that(f"the {who} writes", wanted[who], code)
        lab.believes("shop", f"a purchase by the {who}", "read", "nothing")

    purchases = lab.ledger().purchases(customer)
    for who in visitors:
        entries = [f"recorded by {each.recorded_by}" for each in purchases if each.note == who]
        lab.truth(f"a purchase by the {who}", ", ".join(entries) or "nothing")
    lab.that("entries that nobody should have made", 0, len(purchases))


def write(lab: Lab, who: str, token: str | None, customer: str) -> str:
    """Try to record a purchase; return the call's status code."""
    purchase = Purchase(amount=euros(lab.chance.randrange(1_00, 100_00)), note=who)
    request = RecordPurchaseRequest(parent=customer, purchase=purchase)
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    try:
        PurchaseServiceStub(lab.channel(who)).RecordPurchase(request, timeout=HANG_S, metadata=metadata)
    except grpc.RpcError as error:
        lab.say(f"the server to the {who}: {error.details()}")
        return str(error.code().name)
    return "OK"

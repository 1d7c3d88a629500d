"""Who speaks, and who has finished, in each of the four kinds of calls?

A call is two streams of messages, one in each direction, and the kind says how many messages each may hold:

    unary            one, then one          read one record
    client stream    many, then one         import a file, and be told what came of it
    server stream    one, then many         export a ledger; watch the feed
    both             many and many          ask for descriptions, one after the other (reflection)

On the wire all four are the same: HEADERS, DATA, DATA, ..., and in the end a flag, END_STREAM, on the last
frame of each direction. This flag is the protection here, the *half-close*: "I have said all that I had to
say". A server that adds up a client's stream cannot answer before it knows that there is no more to come. A
client that forgets to close its half waits for an answer, while the server waits for more: both are polite.

Look at: END_STREAM among the flags of the frames; how many messages each call holds in each direction.
Read next: deadline.py, which ends what nobody else does.
"""

import threading
from collections.abc import Iterator
from typing import Any

import grpc
from grpc_reflection.v1alpha import reflection_pb2 as rpb
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as pb
from clientela.v1.customers_pb2_grpc import CustomerServiceStub
from clientela.v1.purchases_pb2_grpc import PurchaseServiceStub
from clientela_lab.checking.money import euros, shown
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab, Outcome
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="Who speaks, and who has finished, in each of the four kinds of calls?",
    prediction="each kind holds as many messages as it says, and is answered when the client has finished",
    protection="half-close",
    without="the client never says that it has finished, and its import is never answered",
    server=("--reflection",),
)

ITEMS = 3
PATIENCE_S = 1.0  # how long this scenario looks on; the client would wait on


def run(lab: Lab) -> None:
    """Make a call of each kind."""
    customer = lab.customer("blue-door")
    channel, who = lab.channel("till"), lab.credentials
    purchases = PurchaseServiceStub(channel)

    lab.say("unary: one message each way.")
    found = CustomerServiceStub(channel).GetCustomer(
        cpb.GetCustomerRequest(name=customer), timeout=HANG_S, metadata=who
    )
    lab.that("unary: the answer", customer, found.name)

    lab.say("client stream: three messages, then one answer for all of them.")
    imported = import_all(lab, purchases, customer)
    lab.that("client stream: the answer to three messages", f"imported {ITEMS}", imported)

    lab.say("server stream: one message, then as many as there are.")
    export = purchases.ExportPurchases(
        pb.ExportPurchasesRequest(parent=customer), timeout=HANG_S, metadata=who
    )
    exported = [purchase for page in export for purchase in page.purchases]
    lab.that("server stream: what the ledger holds", len(lab.ledger().purchases(customer)), len(exported))

    lab.say("both: two questions and two answers, in turn, in one call.")
    lab.that("both: questions and answers in turn", ["services", "a description"], describe(channel, who))


def import_all(lab: Lab, purchases: PurchaseServiceStub, customer: str) -> str:
    """Send items one by one; return the response's counts, or the status of a failed call."""
    finished = threading.Event()
    cents = [lab.chance.randrange(100, 10_000) for _ in range(ITEMS)]

    def items() -> Iterator[pb.ImportPurchasesRequest]:
        for n, each in enumerate(cents):
            purchase = pb.Purchase(amount=euros(each), note=f"sale {n + 1}")
            item = pb.ImportItem(customer=customer, purchase=purchase, request_id=lab.request_id())
            yield pb.ImportPurchasesRequest(items=[item])
        if not lab.protected:
            finished.wait()  # there is nothing more to say, and nobody says so

    call = purchases.ImportPurchases.future(items(), timeout=HANG_S, metadata=lab.credentials)
    try:
        told = f"imported {call.result(HANG_S if lab.protected else PATIENCE_S).imported_count}"
    except grpc.FutureTimeoutError:
        told = "nothing: still waiting"
    finally:
        finished.set()
        call.cancel()
    came_of: Outcome = "done" if told.startswith("imported") else "in doubt"
    lab.believes("till", "the import", came_of, shown(sum(cents)))
    lab.truth("the import", lab.ledger().paid(customer))
    return told


def describe(channel: grpc.Channel, who: tuple[tuple[str, str], ...]) -> list[str]:
    """Ask by reflection for the services, then for the descriptor of the first."""
    services = rpb.ServerReflectionRequest(list_services="")
    symbol = rpb.ServerReflectionRequest(file_containing_symbol="clientela.v1.CustomerService")
    answered = threading.Semaphore(0)

    def questions() -> Iterator[rpb.ServerReflectionRequest]:
        yield services
        answered.acquire(timeout=HANG_S)
        yield symbol

    reflection: Any = ServerReflectionStub(channel)
    answers = []
    for answer in reflection.ServerReflectionInfo(questions(), timeout=HANG_S, metadata=who):
        described = answer.HasField("file_descriptor_response")
        answers.append("a description" if described else "services")
        answered.release()
    return answers

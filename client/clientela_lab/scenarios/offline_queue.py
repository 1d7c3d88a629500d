"""What becomes of sales that are made in a tunnel?

A shop on a train sells on while there is no line. The phone keeps its sales in a queue, and sends them in the
order in which they were made once there is a line again. In the middle of that the train enters the next
tunnel: the server recorded a sale, and its answer is lost. So that sale stays in the queue (nobody may take
it out who does not know that it was done) and is sent once more, with all behind it.

The protection is when the request id is made: at the sale, and kept in the queue beside it. Then it does not
matter how often a sale is sent, or by which start of the program. Without it an id is made at each sending,
and what was in doubt is sold twice.

Two things more to see: a sale that finds no line at all is not in doubt, for it never left; and one at a time
is slower than all at once, but only so does the ledger keep the order in which they were made.

Look at: the request ids of the two requests for the sale in doubt; the order of the entries.
Read next: phone_in_a_tunnel.py, the same with a real phone.
"""

from collections import deque
from dataclasses import dataclass

from clientela_client import Client, Done, RetryPolicy, attempt
from clientela_client.messages import Purchase
from clientela_lab.checking.money import euros, shown
from clientela_lab.runs.lab import Lab, outcome
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="What becomes of sales that are made in a tunnel?",
    prediction="each is recorded once, in the order in which they were made, however often they are sent",
    protection="kept-ids",
    without="an id is made at each sending: what was in doubt when the line broke is sold twice",
)
ONE_ATTEMPT = RetryPolicy(max_attempts=1)
SALES = 5


@dataclass(frozen=True)
class Sale:
    """A queued sale, kept until it is known to be recorded."""

    purchase: Purchase
    cents: int
    request_id: str


def run(lab: Lab) -> None:
    """Sell offline, then send the queue over a line that breaks."""
    customer = lab.customer("blue-door")
    phone = lab.connect("phone", policy=ONE_ATTEMPT)
    queue = deque(sell(lab, number) for number in range(1, SALES + 1))
    made = list(queue)

    tunnel = lab.proxy.rules.add("refuse")
    lab.that("sent in the tunnel: the first sale is", "not done", drain(lab, phone, customer, queue, 0.3))
    lab.proxy.rules.remove(tunnel)
    lab.say("there is a line again, until the third sale is recorded")
    lab.proxy.rules.add("drop-reply RecordPurchase 3")
    lab.that("sent on a line that breaks: the third is", "in doubt", drain(lab, phone, customer, queue))
    lab.that("still in the queue", SALES - 2, len(queue))
    lab.say("there is a line again, for good")
    lab.that("sent on a line that holds: the last is", "done", drain(lab, phone, customer, queue))

    ledger = lab.ledger()
    recorded = [purchase.note for purchase in ledger.purchases(customer)]
    lab.that("recorded, in this order", [sale.purchase.note for sale in made], recorded)
    lab.believes("phone", "all sales", "done", shown(sum(sale.cents for sale in made)))
    lab.truth("all sales", ledger.paid(customer))


def sell(lab: Lab, number: int) -> Sale:
    """Make a sale; its request id is made here, once."""
    cents = lab.chance.randrange(1_00, 100_00)
    return Sale(Purchase(amount=euros(cents), note=f"sale {number}"), cents, lab.request_id())


def drain(lab: Lab, phone: Client, customer: str, queue: deque[Sale], timeout_s: float = 10.0) -> str:
    """Send sales in order, until one is not known to be done; return the last outcome."""
    became = "done"
    while queue and became == "done":
        sale = queue[0]
        request_id = sale.request_id if lab.protected else lab.request_id()
        came_of = attempt(
            phone.purchases.record, customer, sale.purchase, request_id=request_id, timeout_s=timeout_s
        )
        became = outcome(came_of)
        if isinstance(came_of, Done):
            queue.popleft()
    return became

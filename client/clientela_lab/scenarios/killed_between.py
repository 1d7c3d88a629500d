"""The server is killed between commit and reply: was the sale made?

It writes the sale down, and dies before it can say so. There is no worse moment: the sale is on the disk, and
nobody knows. The server is started again on the same file, reads its journal, and serves. The till, whose
call broke, must find out what became of the sale.

The protection is to ask again under the same request id. The id is in the journal beside the sale, committed
with it or not at all, so the server knows it after the crash too: what is kept only in memory would be gone.
Without it the till makes a new request, with a new id, and the sale is there twice. (The SDK asks again by
itself, always under the same id. Here it is told to make one attempt, so that the second can be seen.)

Look at: the kill, between the commit and the reply; the entry's revision, older than the answer.
Read next: retry_storm.py, where asking again makes things worse.
"""

from clientela_client import RetryPolicy, attempt
from clientela_client.messages import Purchase
from clientela_lab.checking.money import euros, shown
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab, outcome
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="The server is killed between commit and reply. Was it done?",
    prediction="the sale survives the crash, and asking again under the same id finds it: charged once",
    protection="same-id",
    without="the till asks again with a new request id, and the sale is in the ledger twice",
)

ONE_ATTEMPT = RetryPolicy(max_attempts=1)  # the till asks again itself


def run(lab: Lab) -> None:
    """Kill the server at the worst moment, start it again, and see what the till finds."""
    customer = lab.customer("blue-door")
    cents = lab.chance.randrange(100, 10_000)
    sale = Purchase(amount=euros(cents), note="a sack of beans")
    till = lab.connect("till", timeout_s=HANG_S, policy=ONE_ATTEMPT)
    request_id = lab.request_id()

    lab.say("The till records a sale. When the reply comes by, the server will be killed.")
    lab.proxy.rules.add("kill RecordPurchase 1 reply")
    call = lab.meanwhile(attempt, till.purchases.record, customer, sale, request_id=request_id)
    lab.wait_for("the server is killed", lambda event: event.get("what") == "killed")

    lab.say("It is started again, on the same port and the same file.")
    lab.start_server()
    first = call.result(HANG_S)
    lab.that("the till, after the first call", "in doubt", outcome(first))
    lab.truth("the sale, first call", lab.ledger().paid(customer))
    lab.believes("till", "the sale, first call", outcome(first))

    lab.say("The till asks again. Does the server know the sale, after the crash?")
    second_id = request_id if lab.protected else lab.request_id()
    came_of = attempt(till.purchases.record, customer, sale, request_id=second_id)
    lab.that("the till, in the end", "done", outcome(came_of))
    lab.believes("till", "the sale", outcome(came_of), shown(cents))

    ledger = lab.ledger()
    lab.truth("the sale", ledger.paid(customer))
    lab.that("requests that the server saw", 2, len(lab.calls("RecordPurchase")))
    lab.that("purchases in the ledger", 1, len(ledger.purchases(customer)))
    lab.that("charged in all", shown(cents), ledger.paid(customer))

"""The sale was made, and its answer is lost on the way: what does the till do?

A till records a sale. The server writes it down and answers, and the answer never arrives: the line breaks
first. For the till this looks exactly as if the request had been lost, and as if the server had been switched
off. It cannot know. So what it holds is not "failed" but *in doubt*, and there is one way out: ask again.

The protection is the request id: a number that the till makes once for each sale, and sends with each attempt
of it. The server keeps it in the journal beside the sale, in the same transaction. Asked again under the same
id it does nothing, and gives the answer that it gave before. Without an id the second attempt is a second
sale, and Blue Door Café pays twice.

Here the two attempts are made by hand, so that they can be seen. The SDK makes the second one by itself.

Look at: the two requests, equal to the last byte; the reply that the tap swallowed; the number of entries.
Read next: duplicate_delivery.py, where nobody asks twice and it arrives twice all the same.
"""

from clientela_client import Done, RetryPolicy, attempt
from clientela_client.messages import Purchase
from clientela_lab.checking.money import euros, shown
from clientela_lab.runs.lab import Lab, outcome
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="The answer to a sale is lost. What now?",
    prediction="the till is in doubt, asks again under the same request id, and the sale is charged once",
    protection="request-id",
    without="each attempt has an id of its own, so the second one is a second sale: charged twice",
)

ONE_ATTEMPT = RetryPolicy(max_attempts=1)  # the till asks again itself


def run(lab: Lab) -> None:
    """Lose a reply, then ask again."""
    customer = lab.customer("blue-door")
    cents = lab.chance.randrange(100, 10_000)
    sale = Purchase(amount=euros(cents), note="two bags of beans")
    till = lab.connect("till", policy=ONE_ATTEMPT)
    request_id = lab.request_id()

    lab.say(f"The till records {shown(cents)}. The server will write it down, and its answer will be lost.")
    lab.proxy.rules.add("drop-reply RecordPurchase 1")
    first = attempt(till.purchases.record, customer, sale, request_id=request_id)
    lab.that("the till, after the first attempt", "in doubt", outcome(first))
    lab.believes("till", "the sale, first attempt", outcome(first))
    lab.truth("the sale, first attempt", lab.ledger().paid(customer))

    lab.say("It asks again. Does the server know that it is the same sale?")
    second_id = request_id if lab.protected else lab.request_id()
    second = attempt(till.purchases.record, customer, sale, request_id=second_id)
    lab.that("the till, after the second attempt", "done", outcome(second))
    lab.believes("till", "the sale, second attempt", outcome(second), shown(cents))

    ledger = lab.ledger()
    names = [purchase.name for purchase in ledger.purchases(customer)]
    lab.truth("the sale, second attempt", ledger.paid(customer))
    lab.that("purchases in the ledger", 1, len(names))
    lab.that("charged in all", shown(cents), ledger.paid(customer))
    if isinstance(second, Done):
        lab.that("its answer names the first attempt's sale", True, second.value.name == names[0])

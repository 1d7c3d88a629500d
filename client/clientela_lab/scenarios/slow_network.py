"""How long should one wait for an answer?

The shop has moved, and its line is long now: every piece takes a while each way, and never the same. A
deadline that was good at the old place is over before the server has read the request. Nothing is broken
then, and nothing is done wrong; but the till gives up on sales that are recorded, and can't know it.

The protection is to measure first: a few reads tell what an answer takes here, and the deadline is chosen
with room above the slowest of them. Without it the till keeps the deadline that somebody once guessed, and
every sale ends in doubt.

Whatever is in doubt is asked again in the end, under the same request id: that is done once, however
often it is asked. So the guess costs no money here, but certainty, and a call each.

Look at: `grpc-timeout` in the headers, the RST_STREAM of who gave up, and the answer that crosses it.
Read next: watch_cut_and_resumed.py, where the line is gone altogether.
"""

import time
from collections.abc import Callable

from clientela_client import InDoubt, attempt
from clientela_client.messages import Purchase
from clientela_lab.lab import Lab, outcome
from clientela_lab.money import euros, shown, worded
from clientela_lab.scenario import Scenario

SCENARIO = Scenario(
    question="How long should one wait for an answer?",
    prediction="with a deadline that was measured nothing is in doubt, on a line of whatever length",
    protection="measuring",
    without="the deadline is a guess from another line: every sale is recorded, and in doubt",
)
GUESS_S = 0.04
SALES = 2


def run(lab: Lab) -> None:
    """Sell over a long line, with a deadline that was measured, or guessed."""
    customer = lab.customer("blue-door")
    till = lab.connect("till")
    till.customers.get(customer)
    one_way_ms = lab.chance.randrange(60, 120)
    lab.tap.rules.add(f"delay {one_way_ms}ms jitter {one_way_ms // 2}ms")
    lab.tap.rules.add("throttle 256kbit")

    deadline_s = GUESS_S
    if lab.protected:
        slowest_s = max(measured(lambda: till.customers.get(customer)) for _ in range(3))
        deadline_s = 10 * slowest_s
        lab.say(f"till: the slowest of three reads took {slowest_s * 1000:.0f} ms")
    lab.say(f"till: waits for an answer up to {deadline_s * 1000:.0f} ms")

    in_doubt = []
    for number in range(1, SALES + 1):
        cents = lab.chance.randrange(1_00, 100_00)
        sale = Purchase(amount=euros(cents), note=f"sale {number}")
        request_id = lab.request_id()
        came_of = attempt(till.purchases.record, customer, sale, request_id=request_id, timeout_s=deadline_s)
        lab.believes("till", sale.note, outcome(came_of), shown(cents))
        if isinstance(came_of, InDoubt):
            in_doubt.append((sale, request_id))
    lab.that("sales in doubt", 0, len(in_doubt))

    for sale, request_id in in_doubt:
        lab.say(f"till asks again for {sale.note}, with the same request id and more patience")
        till.purchases.record(customer, sale, request_id=request_id)
    sold = lab.ledger().purchases(customer)
    for purchase in sold:
        lab.truth(purchase.note, worded(purchase.amount))
    lab.that("sales in the ledger, each once", SALES, len(sold))


def measured(call: Callable[[], object]) -> float:
    """Make a call; tell how long its answer took, in seconds."""
    began = time.monotonic()
    call()
    return time.monotonic() - began

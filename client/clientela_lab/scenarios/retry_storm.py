"""The server is busy, and everybody asks again. Does that help?

Eight tills each record a sale, and the server stands still for a moment, as an overloaded one does. No answer
comes in time, so each till asks again; and again. Nobody can be served the faster for it: what stood in the
queue once now stands there ten times, and when the server goes on it works off requests whose askers have
left long ago. So a short standstill becomes a long one. This is how retries bring systems down.

The protection is a measure for retries: after each failure a longer pause (backoff) with some chance in it,
so that not all come back at once; a limit of attempts for a call; and a budget for the whole client, so that
when most calls fail it stops asking again at all. What is not done then is said honestly, "in doubt", and
settled under the same request id when the server is well again.

Look at: how many calls cross while the server stands still, and how many of them were of use.
Read next: rolling_restart.py, where asking again is just right.
"""

from concurrent.futures import wait

from clientela_client import Client, Done, RetryPolicy, attempt
from clientela_client.messages import Purchase
from clientela_lab.lab import Lab
from clientela_lab.money import euros
from clientela_lab.patience import HANG_S
from clientela_lab.scenario import Scenario

SCENARIO = Scenario(
    question="The server is busy, and everybody asks again. Does that help?",
    prediction="with backoff and a budget, eight sales cost the server few calls more than eight",
    protection="retry-budget",
    without="every till asks again at once and for ever, and the server is asked many times for each sale",
)

TILLS = 8
CALLS_MAX = 16  # for eight sales: one each, and the retries that the budget has
STORM = 100  # without the budget we look on until the server was asked so often
TIMEOUT_S = 0.15
MEASURED = RetryPolicy(max_attempts=3, backoff_s=0.05, attempt_timeout_s=TIMEOUT_S, budget=10)
AT_ONCE = RetryPolicy(max_attempts=10_000, backoff_s=0.0, attempt_timeout_s=TIMEOUT_S, budget=1e9)


def run(lab: Lab) -> None:
    """Let the server stand still under eight tills, and count what it is asked."""
    customer = lab.customer("blue-door")
    policy = MEASURED if lab.protected else AT_ONCE
    tills = lab.connect("eight tills", policy=policy, timeout_s=30)
    tills.customers.get(customer)
    ids = [lab.request_id() for _ in range(TILLS)]

    lab.freeze_server()
    lab.say("Each till records a sale, while the server stands still.")
    calls = [
        lab.meanwhile(attempt, record, tills, customer, n, request_id) for n, request_id in enumerate(ids)
    ]
    if lab.protected:
        wait(calls, HANG_S)  # all of them give up
    else:
        lab.wait_for_calls("RecordPurchase", STORM)
    asked = len(lab.calls("RecordPurchase"))
    lab.thaw_server()

    first = [call.result(HANG_S) for call in calls]
    gave_up = sum(not isinstance(came_of, Done) for came_of in first)
    lab.say(f"The server goes on. {gave_up} tills gave up, in doubt, and now ask again under the same id.")
    recovered = lab.connect("the tills, afterwards")
    for n, request_id in enumerate(ids):
        record(recovered, customer, n, request_id)
        lab.believes("till", f"sale {n + 1}", "done", "recorded once")

    recorded = [purchase.note for purchase in lab.ledger().purchases(customer)]
    for n in range(TILLS):
        lab.truth(f"sale {n + 1}", f"recorded {'once' if recorded.count(note(n)) == 1 else 'NOT once'}")
    lab.say(f"While it stood still the server was asked {asked} times for {TILLS} sales.")
    lab.that(f"at most {CALLS_MAX} calls for {TILLS} sales", True, asked <= CALLS_MAX)
    lab.that("purchases in the ledger", TILLS, len(recorded))


def note(n: int) -> str:
    """Say what a till sold."""
    return f"sale {n + 1}"


def record(client: Client, customer: str, n: int, request_id: str) -> None:
    """Record one sale."""
    sale = Purchase(amount=euros(100 + n), note=note(n))
    client.purchases.record(customer, sale, request_id=request_id)

"""The server is busy, and everybody asks again. Does that help?

Eight tills each record a sale, and the server stands still for a moment, as an overloaded one does. No answer
comes in time, so each till asks again; and again. Nobody is served the faster for it: what stood in the queue
once now stands there ten times, and the server, when it goes on, works off requests whose askers have left
long ago. So a short standstill becomes a long one.

Three things protect, each from something else, so each is measured where it is what counts:

    retry-budget    of the whole client: when most calls fail it stops asking again. Eight tills at once.
    attempt-limit   of a single call, which no budget of many stops. One till, with calls to spare.
    backoff         longer pauses, with chance in them. One till for three seconds, without budget and limit,
                    which would stop it first.

What is not done then is "in doubt", and settled under the same request id when the server is well again.

Look at: how many calls cross while the server stands still; each of the three has a number of its own.
Read next: rolling_restart.py, where asking again is just right.
"""

from concurrent.futures import wait
from dataclasses import replace

from clientela_client import Client, Done, RetryPolicy, attempt
from clientela_client.messages import Purchase
from clientela_lab.checking.money import euros
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="The server is busy, and everybody asks again. Does that help?",
    prediction="budget, limit and backoff, each by itself, keep the calls that a sale costs few",
    protection="retry-budget",
    without="every till asks again as often as it may: three calls for each of eight sales",
    further={
        "attempt-limit": "a till alone asks on until the budget of all calls is spent on its one sale",
        "backoff": "a till that goes on asking does so without a pause, several times as often",
    },
)

CUSTOMER = "customers/blue-door"
TILLS, ATTEMPTS, BUDGET = 8, 3, 10
# Half of the budget is for retries, and the failure that leaves no more than half is not followed by another.
STORM_MAX = TILLS + BUDGET // 2 - 1
PERSISTENT_S, PERSISTENT_MAX = 3.0, 12
MANY = 10_000


def run(lab: Lab) -> None:
    """Stop the server under tills that retry, and count the calls."""
    lab.customer("blue-door")
    base = RetryPolicy(max_attempts=ATTEMPTS, backoff_s=0.1, attempt_timeout_s=0.2, budget=BUDGET)
    busy = base if lab.has("retry-budget") else replace(base, budget=1e9)
    single = base if lab.has("attempt-limit") else replace(base, max_attempts=MANY)
    free = replace(base, budget=1e9, max_attempts=MANY, attempt_timeout_s=0.1)
    free = free if lab.has("backoff") else replace(free, backoff_s=0.0)
    tills, till = connected(lab, "eight tills", busy), connected(lab, "a till alone", single)
    persistent = connected(lab, "a till that goes on", free, PERSISTENT_S)
    sales = [(f"sale {n + 1}", lab.request_id()) for n in range(TILLS + 2)]

    lab.freeze_server()
    lab.say("The server stands still. Eight tills at once record a sale each.")
    storm = attempts_of(lab, tills, sales[:TILLS])
    lab.that("retry-budget: calls for eight sales", f"at most {STORM_MAX}", within(STORM_MAX, storm))

    lab.say("A till alone records a sale; of the budget all is there.")
    alone = attempts_of(lab, till, sales[TILLS : TILLS + 1])
    lab.that("attempt-limit: calls for one sale", f"at most {ATTEMPTS}", within(ATTEMPTS, alone))

    lab.say(f"A till asks again for {PERSISTENT_S:g} s, and neither budget nor limit stops it.")
    long = attempts_of(lab, persistent, sales[-1:])
    what = f"backoff: calls for one sale in {PERSISTENT_S:g} s"
    lab.that(what, f"at most {PERSISTENT_MAX}", within(PERSISTENT_MAX, long))
    lab.thaw_server()

    lab.say("It goes on, and each asks again, under the same id.")
    settle(lab, sales)


def connected(lab: Lab, name: str, policy: RetryPolicy, timeout_s: float = 30) -> Client:
    """Return a client that is connected before the server is stopped."""
    client = lab.connect(name, policy=policy, timeout_s=timeout_s)
    client.customers.get(CUSTOMER)
    return client


def attempts_of(lab: Lab, tills: Client, sales: list[tuple[str, str]]) -> int:
    """Record sales concurrently on the stopped server; return the number of calls on the wire."""
    before = len(lab.calls("RecordPurchase"))
    calls = [lab.meanwhile(attempt, record, tills, sold, request_id) for sold, request_id in sales]
    wait(calls, HANG_S)
    gave_up = sum(not isinstance(call.result(HANG_S), Done) for call in calls)
    count = len(lab.calls("RecordPurchase")) - before
    lab.say(f"{count} calls crossed, and {gave_up} of {len(sales)} gave up, in doubt.")
    return count


def within(most: int, count: int) -> str:
    """Return the count as text, or "at most ..." where it is within the prediction."""
    return f"at most {most}" if count <= most else str(count)


def settle(lab: Lab, sales: list[tuple[str, str]]) -> None:
    """Retry each sale under its request id, and check that each is recorded once."""
    recovered = lab.connect("the tills, afterwards")
    for sold, request_id in sales:
        record(recovered, sold, request_id)
        lab.believes("till", sold, "done", "recorded once")
    recorded = [purchase.note for purchase in lab.ledger().purchases(CUSTOMER)]
    for sold, _ in sales:
        lab.truth(sold, f"recorded {'once' if recorded.count(sold) == 1 else 'NOT once'}")
    lab.that("purchases in the ledger", len(sales), len(recorded))


def record(client: Client, sold: str, request_id: str) -> None:
    """Record one sale."""
    client.purchases.record(CUSTOMER, Purchase(amount=euros(100), note=sold), request_id=request_id)

"""The server is restarted under load. Who notices?

A new version, a moved machine, a change of settings: servers are restarted all the time, and a good restart
is one that nobody notices. It takes both sides. The server, told to end (SIGTERM), takes no new calls,
answers those that are under way, says GOAWAY on each connection, and ends; the next one goes on with the same
ledger. The client finds its connection closed and another one refused, waits a little, and asks again.

The protection is the client's half: the SDK waits for a server that is away, within the call's deadline, and
makes the call when there is one again. Without it every call of the time between the two servers fails in the
face of a customer. (What is cut is asked again besides, under the same request id: see killed_between.py.)

Look at: GOAWAY, and the connections that come after it; that no sale is missing, and none is there twice.
Read next: two_editors.py, where nothing fails, and something is lost.
"""

import threading

from clientela_client import CallError, Client, RetryPolicy
from clientela_client.messages import Purchase
from clientela_lab.checking.money import euros
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="The server is restarted under load. Who notices?",
    prediction="nobody: no call fails, and each sale is in the ledger once",
    protection="waiting",
    without="what is asked between two servers fails, though nothing is broken",
)

TILLS, BETWEEN = 3, 5
PAUSE_S = 0.05  # before a till that was turned away serves the next customer


class Till:
    """Records one sale after the other until it is told to stop."""

    def __init__(self, client: Client, customer: str, name: str) -> None:
        self._client, self._customer, self._name = client, customer, name
        self.sold: list[str] = []
        self.failures: list[CallError] = []

    def sell(self, stop: threading.Event, further: threading.Semaphore) -> None:
        """Record sales until `stop`; each outcome, done or failed, releases `further` once."""
        while not stop.is_set():
            note = f"{self._name}, sale {len(self.sold) + len(self.failures) + 1}"
            try:
                self._client.purchases.record(self._customer, Purchase(amount=euros(250), note=note))
                self.sold.append(note)
            except CallError as error:
                self.failures.append(error)
                stop.wait(PAUSE_S)
            further.release()


def run(lab: Lab) -> None:
    """Restart the server under load, then compare the sales with the ledger."""
    customer = lab.customer("blue-door")
    policy = RetryPolicy(wait_for_server=lab.protected)
    client = lab.connect("three tills", policy=policy, timeout_s=HANG_S)
    tills = [Till(client, customer, f"till {n + 1}") for n in range(TILLS)]
    stop, further = threading.Event(), threading.Semaphore(0)
    at_work = [lab.meanwhile(till.sell, stop, further) for till in tills]
    try:
        wait_for(further, BETWEEN)
        lab.restart_server()
        wait_for(further, BETWEEN)
    finally:
        stop.set()
    for each in at_work:
        each.result(HANG_S)

    failures = [failure for till in tills for failure in till.failures]
    for failure in failures[:2]:
        lab.say(f"a till was told: {failure}")
    recorded = [purchase.note for purchase in lab.ledger().purchases(customer)]
    for till in tills:
        lab.believes("till", f"sales of {till.sold[0].split(',')[0]}", "done", len(till.sold))
        lab.truth(f"sales of {till.sold[0].split(',')[0]}", len(set(till.sold).intersection(recorded)))
    lab.that("calls that failed", 0, len(failures))
    lab.that("sales in the ledger more than once", 0, len(recorded) - len(set(recorded)))


def wait_for(further: threading.Semaphore, count: int) -> None:
    """Wait until so many more sales are done, or have failed."""
    for _ in range(count):
        if not further.acquire(timeout=HANG_S):
            raise TimeoutError("no sale came to an end in time")

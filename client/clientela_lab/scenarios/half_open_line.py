"""How does one notice that nobody is there any more?

A phone watches the sales. Then its line dies, one way: a router on the path has forgotten the connection and
drops what comes from the server. TCP tells nobody, for there is nothing to tell: the server's packets are
sent again and again, and the phone, which only listens, has no packet whose answer it could miss. A line that
is dead looks like a day without sales.

The protection is keepalive: where nothing came for a while the client asks "are you there?" (a PING frame),
and where no answer comes it ends the connection itself. Then all is as with a cut: a new line, and on from
the bookmark. Without it the phone waits for ever. (Our SDK asks after 30 s; half a second here. Asking more
often than every 10 s for long would get one thrown out by the server.)

Look at: the PING without an answer, what the tap swallowed, and the second connection.
Read next: slow_reader.py, where the line holds, and the reader does not.
"""

from collections.abc import Iterator
from concurrent.futures import TimeoutError as StillWaiting

from clientela_client.messages import Change, Purchase
from clientela_lab.checking.money import euros
from clientela_lab.checking.notes import Event
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario
from clientela_lab.watches import resuming

SCENARIO = Scenario(
    question="How does one notice that nobody is there any more?",
    prediction="a question without an answer ends a dead line; on a new one every change is seen, once",
    protection="keepalive",
    without="a dead line looks like a quiet day: the phone waits while sales pass by",
)
WATCH = "/clientela.v1.FeedService/Watch"
KEEPALIVE = {
    "grpc__keepalive_time_ms": 500,
    "grpc__http2__ping_timeout_ms": 500,
    "grpc__http2__max_pings_without_data": 0,
}
PATIENCE_S = 2.5  # how long this scenario looks on; the phone would wait for ever


def run(lab: Lab) -> None:
    """Let the line of a phone that watches die in silence, and sell on."""
    customer = lab.customer("blue-door")
    till = lab.connect("till")
    phone = lab.channel("phone", **(KEEPALIVE if lab.protected else {}))
    changes = resuming(phone, lab.credentials, lambda text: lab.say(f"phone: {text}"))

    def sell(note: str) -> None:
        amount = euros(lab.chance.randrange(1_00, 100_00))
        till.purchases.record(customer, Purchase(amount=amount, note=note))

    seen: list[str] = []
    sell("sale 1")
    lab.meanwhile(read, changes, seen, "sale 1").result(HANG_S)
    conn = lab.wait_for("the watch begins", begins_watch)["conn"]
    lab.proxy.rules.add(f"black-hole down connection {conn}")
    lab.say("nothing from the server reaches the phone any more; sales go on")
    sell("sale 2")
    sell("sale 3")

    try:
        lab.meanwhile(read, changes, seen, "sale 3").result(HANG_S if lab.protected else PATIENCE_S)
    except StillWaiting:
        lab.say(f"the phone has heard nothing for {PATIENCE_S:g} s, and goes on waiting")
    sold = [purchase.note for purchase in lab.ledger().purchases(customer)]
    lab.that("the phone notices, and begins anew", True, len(lab.calls("Watch")) > 1)
    lab.that("what the phone saw", sold, seen)
    lab.believes("phone", "the day's sales", "read", len(seen))
    lab.truth("the day's sales", len(sold))


def begins_watch(event: Event) -> bool:
    """Return whether a frame is the HEADERS of a Watch call."""
    return event["event"] == "frame" and (":path", WATCH) in event.get("headers", ())


def read(changes: Iterator[Change], seen: list[str], last: str) -> None:
    """Append the notes of sales to `seen`, up to `last`."""
    for change in changes:
        if change.HasField("purchase"):
            seen.append(change.purchase.note)
        if change.purchase.note == last:
            return

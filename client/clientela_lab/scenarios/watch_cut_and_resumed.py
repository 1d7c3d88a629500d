"""Does somebody who watches miss what happens while the line is down?

A phone in the office shows every sale as it is made. In the middle of the day its line is cut: one sale
was on its way and is lost with the line, another is made before the phone is back. Nobody tells the phone
that it missed something; it can't know, and the server does not know who has seen what.

The protection is the bookmark. Each message of a watch tells up to which revision everything was sent, and
who resumes says how far he came: `after_revision`. The server reads its journal on from there, so nothing is
missing and nothing comes twice, however long the line was down. Without it the phone begins anew with what
happens from now on, and shows a day's sales that are too low, in good order and without an error.

(The SDK resumes by itself. Here it is told not to, with `patience_s=0`, so that one can see it done.)

Look at: `after_revision` in the second WatchRequest, and the revisions of what comes next.
Read next: half_open_line.py, where nothing tells that the line is dead.
"""

from clientela_client import Client, Items, Unavailable
from clientela_client.messages import Change, Purchase
from clientela_lab.checking.money import euros
from clientela_lab.checking.notes import Event
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="Does somebody who watches miss what happens while the line is down?",
    prediction="cut and resumed, a watch shows every change once and in order",
    protection="bookmark",
    without="it begins anew from now on: what happened meanwhile is missing, and nothing tells so",
)
WATCH = "/clientela.v1.FeedService/Watch"


def run(lab: Lab) -> None:
    """Cut the line of a phone that watches, sell on, and let it come back."""
    customer = lab.customer("blue-door")
    till, phone = lab.connect("till"), lab.connect("phone")
    seen: list[str] = []

    sell(lab, till, customer, "sale 1", "sale 2", "sale 3")
    watch = phone.feed.watch(after_revision=0, patience_s=0)
    lab.that("the line after sale 3", "holds", lab.meanwhile(read, watch, seen, "sale 3").result(HANG_S))

    conn = lab.wait_for("the watch begins", begins_watch)["conn"]
    lab.say("the phone's line is cut by whatever goes over it next")
    lab.proxy.rules.add(f"cut-after 0 connection {conn}")
    reading = lab.meanwhile(read, watch, seen, "sale 4")
    sell(lab, till, customer, "sale 4")
    lab.that("the line after sale 4", "cut", reading.result(HANG_S))
    sell(lab, till, customer, "sale 5")

    after = watch.bookmark_revision if lab.protected else None
    lab.say(f"the phone comes back, {'from now on' if after is None else f'after revision {after}'}")
    again = phone.feed.watch(after_revision=after, patience_s=0)
    reading = lab.meanwhile(read, again, seen, "sale 6")
    lab.wait_for("the watch is back", lambda event: arrives_later(event, conn))
    sell(lab, till, customer, "sale 6")
    lab.that("the line after sale 6", "holds", reading.result(HANG_S))

    sold = [purchase.note for purchase in lab.ledger().purchases(customer)]
    lab.that("what the phone saw", sold, seen)
    lab.believes("phone", "the day's sales", "read", len(seen))
    lab.truth("the day's sales", len(sold))


def sell(lab: Lab, till: Client, customer: str, *notes: str) -> None:
    """Record a purchase for each note."""
    for note in notes:
        till.purchases.record(customer, Purchase(amount=euros(lab.chance.randrange(1_00, 100_00)), note=note))


def read(watch: Items[Change], seen: list[str], last: str) -> str:
    """Append the notes of sales to `seen`, up to `last`; return whether the line "holds" or was "cut"."""
    try:
        for change in watch:
            if change.HasField("purchase"):
                seen.append(change.purchase.note)
            if change.purchase.note == last:
                return "holds"
    except Unavailable:
        return "cut"
    raise AssertionError("a watch goes on for ever")


def begins_watch(event: Event) -> bool:
    """Return whether a frame is the HEADERS of a Watch call."""
    return event["event"] == "frame" and (":path", WATCH) in event.get("headers", ())


def arrives_later(event: Event, conn: int) -> bool:
    """Return whether a frame is a message of the server on a later connection than `conn`."""
    if event["event"] != "frame" or event["kind"] != "DATA":
        return False
    return bool(event["from"] == "server" and event["conn"] > conn)

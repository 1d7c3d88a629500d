"""What becomes of a reader that can't keep up?

A receipt printer watches the feed and prints every purchase; it has room for a few at a time. In the middle
of a delivery of forty it jams. What comes meanwhile must wait somewhere, and nowhere is room for ever.

The protection is flow control. The printer takes in only what it has room for; HTTP/2 tells the server
so (a window that is full), and the server does not send on. It does not queue up either: for each watcher it
keeps one number, the revision that was reached, and the journal is the queue. After a time (30 s; half a
second here) it ends the stream with RESOURCE_EXHAUSTED, and says so. The printer goes on from its bookmark:
late, but without a gap. Others notice nothing.

Without it the printer reads all that comes, at once, into a box of ten, and the eleventh pushes the first
one out. The server can't know, no call fails, and receipts are missing.

Look at: the WINDOW_UPDATE frames, which stop; the reason READER_TOO_SLOW; the second WatchRequest.
Read next: message_too_large.py, where the server is the one that can't take it all.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from clientela_client import Client
from clientela_client.messages import ImportItem, Purchase
from clientela_lab.checking.money import euros
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario
from clientela_lab.watches import resuming

SCENARIO = Scenario(
    question="What becomes of a reader that can't keep up?",
    prediction="it is told, resumes, and misses nothing; others are not held up",
    protection="flow-control",
    without="it takes in what it has no room for, and loses the oldest: nobody is told",
    server=("--unread-seconds", "0.5"),
)
DELIVERY = 40
ROOM = 10
LINES = 40 * "a line of the receipt; "


def run(lab: Lab) -> None:
    """Let a printer jam while a delivery is recorded."""
    customer, shop = lab.customer("blue-door"), lab.connect("shop")
    receipts = [f"receipt {number}" for number in range(DELIVERY + 2)]
    deliver(lab, shop, customer, receipts[:1])
    office = (change.purchase.note for change in lab.connect("office").feed.watch(after_revision=0))
    printer = watch_with_little_room(lab)
    printed = [next(printer)]

    lab.say(f"the printer jams; a delivery of {DELIVERY} is recorded")
    box: deque[str] = deque(maxlen=ROOM)
    if not lab.protected:
        boxing = lab.meanwhile(box.extend, until(receipts[-1], printer))
    deliver(lab, shop, customer, receipts[1:-1])
    in_office = lab.meanwhile(list, until(receipts[-2], filter(None, map(short, office)))).result(HANG_S)
    lab.that("receipts that the office saw meanwhile", DELIVERY + 1, len(in_office))

    if lab.protected:
        lab.wait_for_log("READER_TOO_SLOW")
        lab.say("the printer runs again, and reads on; there is one more sale")
        deliver(lab, shop, customer, receipts[-1:])
        printed += lab.meanwhile(list, until(receipts[-1], printer)).result(HANG_S)
    else:
        deliver(lab, shop, customer, receipts[-1:])
        boxing.result(HANG_S)
        lab.say("the printer runs again, and prints what is in its box")
        printed += box
    lab.that("receipts that were not printed", 0, len(set(receipts) - set(printed)))
    lab.that("printed in order, none twice", True, printed == [each for each in receipts if each in printed])
    lab.believes("printer", "receipts", "read", len(printed))
    lab.truth("receipts", len(lab.ledger().purchases(customer)))


def watch_with_little_room(lab: Lab) -> Iterator[str]:
    """Watch from the first entry with a buffer of some 16 KB; resume from the bookmark."""
    room = lab.channel("printer", grpc__http2__lookahead_bytes=16 * 1024, grpc__http2__bdp_probe=0)
    changes = resuming(room, lab.credentials, lambda text: lab.say(f"printer: {text}"))
    return (short(change.purchase.note) for change in changes if change.purchase.note)


def until(last: str, notes: Iterable[str]) -> Iterator[str]:
    """Yield the notes up to and including `last`."""
    for note in notes:
        yield note
        if note == last:
            return


def deliver(lab: Lab, shop: Client, customer: str, receipts: Iterable[str]) -> None:
    """Record purchases with long notes, all at once."""
    items = [
        ImportItem(
            customer=customer,
            request_id=lab.request_id(),
            purchase=Purchase(amount=euros(lab.chance.randrange(1_00, 100_00)), note=f"{each}: {LINES}"),
        )
        for each in receipts
    ]
    shop.purchases.import_(items)


def short(note: str) -> str:
    """Return the first words of a note."""
    return note.partition(":")[0]

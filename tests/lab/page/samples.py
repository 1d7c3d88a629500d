"""Stories for the page: a lost reply, four kinds of calls, ten thousand events, hostile texts."""

from collections.abc import Callable
from functools import cache
from typing import Any

from google.type.money_pb2 import Money
from hyperframe.frame import DataFrame

from clientela.v1 import customers_pb2, feed_pb2, purchases_pb2
from tests.lab.page.tape import Connection, Event, Exchange, Tape

PURCHASES = "/clientela.v1.PurchaseService"
Sample = Callable[[], list[Event]]
HOSTILE = "</script><script>document.title='owned'</script><!-- <img src=x onerror=alert(1)>"


def place(events: list[Event], kind: str) -> int:
    """Where the first event of a kind stands."""
    return next(at for at, event in enumerate(events) if event["event"] == kind)


def paid(note: str, request_id: str = "", units: int = 240) -> purchases_pb2.RecordPurchaseRequest:
    purchase = purchases_pb2.Purchase(amount=Money(currency_code="EUR", units=units), note=note)
    return purchases_pb2.RecordPurchaseRequest(
        parent="customers/blue-door", purchase=purchase, request_id=request_id or None
    )


def recorded(number: int, note: str, units: int = 240) -> purchases_pb2.Purchase:
    purchase = purchases_pb2.Purchase(
        name=f"customers/blue-door/purchases/{number}",
        amount=Money(currency_code="EUR", units=units),
        note=note,
    )
    purchase.purchase_time.FromJsonString("2026-11-22T09:15:00.120Z")
    return purchase


def entry(tape: Tape, revision: int, call: int | None, number: int, note: str, **more: Any) -> Event:
    name = f"customers/blue-door/purchases/{number}"
    after = {"name": name, "amount": "240.00 EUR", "note": note}
    return tape.put(
        "entry",
        revision=revision,
        commit_time="2026-11-22T09:15:00.124Z",
        actor="till-1",
        method=f"{PURCHASES}/RecordPurchase"[1:],
        request_id=more.get("request_id", ""),
        name=name,
        before=more.get("before"),
        after=more.get("after", after),
        call=call,
    )


def record(line: Connection, note: str, number: int, lost: bool = False, request_id: str = "") -> Exchange:
    """One RecordPurchase; where it is lost, all of the reply is swallowed."""
    tape = line.tape
    call = line.begin(f"{PURCHASES}/RecordPurchase")
    tape.at(0.2)
    call.message("client", paid(note, request_id), end=True)
    tape.at(3.1)
    if lost:
        tape.put(
            "fault", what="drop-reply", call=call.call, conn=line.conn, text="drop-reply RecordPurchase 1"
        )
    call.answered(passed=not lost)
    call.message("server", recorded(number, note), passed=not lost)
    call.end(passed=not lost)
    return call


def lost_reply(protected: bool = False, note: str = "two bags of beans") -> list[Event]:
    """A reply is lost, and the client asks again: with a request id once, without twice."""
    tape = Tape("A reply is lost. Is the customer charged twice?")
    tape.say("The till records a purchase of 240.00. The server commits it; its reply is lost on the way.")
    tape.put("server", what="ready", text="127.0.0.1:50051")
    till, request_id = Connection(tape.at(2), 1), "7f2c6a0e" if protected else ""
    record(till, note, 1, lost=True, request_id=request_id)
    till.close("tap", "the reply was swallowed, so the line is cut")
    tape.put("belief", client="till", about="the purchase of the till", outcome="in doubt", value="240.00")
    tape.at(340).say(
        "The till saw no answer. It cannot know whether it was charged, so it asks again.", "till"
    )
    again = Connection(tape, 2)
    record(again, note, 1 if protected else 2, request_id=request_id)
    read = again.begin(f"{PURCHASES}/ListPurchases")
    read.message("client", purchases_pb2.ListPurchasesRequest(parent="customers/blue-door"), end=True)
    tape.at(1.2)
    read.answered()
    found = [recorded(n + 1, note) for n in range(1 if protected else 2)]
    read.message("server", purchases_pb2.ListPurchasesResponse(purchases=found), split=100)
    read.end()
    again.close("client", "done")
    _reckon(tape, protected, note, request_id)
    return tape.events


def _reckon(tape: Tape, protected: bool, note: str, request_id: str) -> None:
    entry(tape, 7, 1, 1, note, request_id=request_id)
    if not protected:
        entry(tape, 8, 2, 2, note)
    entries, total = (1, "240.00") if protected else (2, "480.00")
    tape.put("belief", client="till", about="the purchase of the till", outcome="done", value="240.00")
    tape.put("belief", client="desk", about="the name of blue-door", outcome="read", value="Blue Door Café")
    tape.put("truth", about="the name of blue-door", value="Blue Door Café")
    tape.put("truth", about="the purchase of the till", value=f"recorded {total}" if not protected else total)
    tape.put("check", what="entries in the ledger", wanted=1, got=entries, right=protected)
    tape.put("check", what="charged, EUR", wanted="240.00", got=total, right=protected)
    text = "charged once" if protected else "charged twice: what was asked for once was done twice"
    tape.put("verdict", text=text, kept=protected)


def in_doubt() -> list[Event]:
    """The story ends where the reply is lost."""
    events = lost_reply()
    tape = Tape("A reply is lost. What does the client know?")
    tape.events += events[1 : place(events, "close") + 1]
    tape.ms = 20
    entry(tape, 7, 1, 1, "two bags of beans")
    about = "the purchase of the till"
    tape.put("belief", client="till", about=about, outcome="in doubt", value=None)
    tape.put("truth", about=about, value="recorded 240.00")
    return tape.events


def streams() -> list[Event]:
    """Three clients at once: a watch, an import, an edit of a record, a refusal; a restart between."""
    tape = Tape("Three clients, one server, and a restart")
    first, second, third = Connection(tape, 1), Connection(tape.at(1), 2, tls=True), Connection(tape.at(1), 3)
    watch = first.begin("/clientela.v1.FeedService/Watch")
    watch.message("client", feed_pb2.WatchRequest(after_revision=0, names=["customers/*"]), end=True)
    watch.answered()
    edit = second.begin("/clientela.v1.CustomerService/UpdateCustomer")
    customer = customers_pb2.Customer(name="customers/blue-door", display_name="Blue Door Café & Bar")
    edit.message("client", customers_pb2.UpdateCustomerRequest(customer=customer), end=True)
    edit.answered()
    edit.message("server", customer, packed=True)
    edit.end()
    change = feed_pb2.Change(revision=9, name="customers/blue-door", customer=customer)
    watch.message("server", feed_pb2.WatchResponse(changes=[change], bookmark_revision=9))
    refused = third.begin(f"{PURCHASES}/RecordPurchase")
    refused.message("client", paid("", units=0), end=True)
    refused.end(5, "There is no customer customers/blue-door.")
    tape.at(4).put("server", what="killed", text="SIGKILL")
    for line in (first, second, third):
        line.close("server", "killed")
    tape.at(900).put("server", what="ready", text="127.0.0.1:50051")
    before = {
        "name": "customers/blue-door",
        "display_name": "Blue Door Café",
        "etag": '"1"',
        "labels": {"city": "Tartu"},
    }
    after = before | {"display_name": "Blue Door Café & Bar", "etag": '"9"'}
    entry(tape, 9, edit.call, 1, "", before=before, after=after)
    return tape.events


@cache
def many(count: int) -> list[Event]:
    """`count` events and no fewer: calls on four connections that come and go."""
    tape = Tape(f"{count:,} events")
    lines = [Connection(tape, conn) for conn in (1, 2, 3, 4)]
    at = 0
    while len(tape.events) < count:
        record(lines[at % 4], f"purchase {at}", at + 1, lost=at % 200 == 199)
        tape.at(0.7)
        at += 1
    return tape.events[:count]


def hostile() -> list[Event]:
    """Every text that a stranger can choose tries to become markup."""
    tape = Tape(HOSTILE)
    tape.say(HOSTILE, HOSTILE)
    line = Connection(tape, 1)
    record(line, HOSTILE, 1)
    tape.put("fault", what=HOSTILE, call=1, conn=1, text=HOSTILE)
    line.close("tap", HOSTILE)
    entry(tape, 1, 1, 1, HOSTILE, request_id=HOSTILE)
    tape.put("belief", client=HOSTILE, about=HOSTILE, outcome="in doubt", value=HOSTILE)
    tape.put("truth", about=HOSTILE, value=HOSTILE)
    tape.put("check", what=HOSTILE, wanted=HOSTILE, got=HOSTILE, right=False)
    tape.put("verdict", text=HOSTILE, kept=False)
    return tape.events


def second_delivery() -> list[Event]:
    """A command, printed line by line; its request is delivered once more by the tap; a line that fails."""
    tape = Tape("A request is delivered twice")
    tape.say("$ clientela purchases record blue-door 240 EUR", "till")
    till = Connection(tape, 1)
    record(till, "beans", 1)
    copy = Connection(tape, 2, peer="tap")
    record(copy, "beans", 1)
    copy.close("tap", "answered")
    tape.put("open", conn=3, peer="127.0.0.1:40003", tls=False)
    tape.put("close", conn=3, by="tap", why="the server was not reached")
    for line in ("  Name    customers/blue-door/purchases/1", "  Amount  240.00 EUR"):
        tape.say(line, "till")
    return tape.events


def data_frame(stream: int, data: bytes) -> DataFrame:
    """The last frame of an answer."""
    return DataFrame(stream, data, flags=["END_STREAM"])


def large() -> list[Event]:
    """One message of a megabyte, in 63 frames."""
    tape = Tape("A large message")
    line = Connection(tape, 1)
    call = line.begin(f"{PURCHASES}/ImportPurchases")
    items = [
        purchases_pb2.ImportItem(customer="customers/blue-door", request_id=f"{at:0>1000}")
        for at in range(1000)
    ]
    call.message("client", purchases_pb2.ImportPurchasesRequest(items=items), end=True, split=16_384)
    return tape.events

"""What does a phone say of the sales that were made in a tunnel?

A clerk sells where there is no line. Outside the first answer is lost; a thumb taps twice; a price is agreed
that the lines do not add up to; and the server is restarted. Each sale must be in the ledger once, and the
phone must say so of each: this is the real app, in a browser that is told to be a phone.

The protection is the outbox on the phone's disk: a sale is written there, under the request id that it was
given at the tap, before it is shown or sent. Without it (a browser in private mode forgets what it kept when
it is closed) the clerk finds no sale after a restart of the app, and makes it once more. The ledger holds it
twice.

Look at: what the phone says after the lost answer; the revisions, which are the journal's.
Read next: watch_cut_and_resumed.py, where somebody only listens.
"""

from typing import TYPE_CHECKING

from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from clientela_lab.phone.lossy_line import Fate, LossyLine
    from clientela_lab.phone.ui_driver import UiDriver

SCENARIO = Scenario(
    question="What does a phone say of the sales that were made in a tunnel?",
    prediction="each sale is in the ledger once, and the phone names the revision of each",
    protection="outbox",
    without="the app forgets what it kept, and the clerk makes a sale again that was recorded",
    web=True,
    needs=("chromium", "playwright"),
)


def run(lab: Lab) -> None:
    """Sell in a tunnel, and come out of it."""
    from clientela_lab.phone.lossy_line import LossyLine
    from clientela_lab.phone.ui_driver import browsing

    lab.customer()
    with LossyLine(lab.server.url) as line, browsing() as browser:
        phone = opened(lab, browser, line)
        phone = tunnel(lab, browser, line, phone)
        outside(lab, phone)
        compare(lab, phone)
        phone.close()


def opened(lab: Lab, browser: "Browser", line: "LossyLine") -> "UiDriver":
    """Open the app with a clerk's link."""
    from clientela_lab.phone.ui_driver import UiDriver

    phone = UiDriver(browser, line.url)
    phone.sign_in(lab.server.new_token("clerk", lab.request_id()[:8]))
    return phone


def tunnel(lab: Lab, browser: "Browser", line: "LossyLine", phone: "UiDriver") -> "UiDriver":
    """Sell without a line; outside, the first answer is lost, and the app is closed and opened."""
    from clientela_lab.phone.lossy_line import passes

    lab.say("in the tunnel: 18.50 for beans")
    phone.offline()
    sale = phone.sell("18.50", what="Coffee beans")
    lab.unrecorded.add(sale)
    lab.that("the phone says of it", "queued", phone.state(sale))

    lab.say("outside: the server records it; its answer and the feed are lost, and the app is closed")
    line.fate = loses_answers
    phone.offline(False)
    phone.until(sale, "doubt")
    lab.believes("phone", "the beans", "in doubt", "18.50 EUR")
    lab.truth("the beans", lab.ledger().paid("customers/blue-door"))
    line.fate = passes
    if lab.protected:
        phone.reload()
    else:
        phone.close()
        phone = opened(lab, browser, line)
        lab.say("the app knows of no sale; the clerk makes it again")
        sale = phone.sell("18.50", what="Coffee beans")
        lab.unrecorded.add(sale)
    phone.go("outbox")
    phone.settled()
    lab.that("the phone says of it now", "accepted", phone.state(sale))
    return phone


def loses_answers(path: str) -> "Fate":
    """Return the fate of a call: the answers to sales are lost, and the feed, which would show them too."""
    return "reply" if path.endswith("/RecordPurchase") else "request" if path.endswith("/Watch") else "pass"


def outside(lab: Lab, phone: "UiDriver") -> None:
    """A thumb that taps twice, a price that does not add up, a server that is restarted."""
    phone.fill_sale("2.00", what="Oat milk")
    phone.page.locator(".foot button").evaluate("button => { button.click(); button.click(); }")
    phone.until(phone.receipt(), "accepted")
    conflict = phone.sell("12.50", what="Grinder brush", agreed="12")
    phone.until(conflict, "refused")
    lab.say("12.00 was agreed, and the lines say 12.50: refused, and the clerk decides")
    phone.page.get_by_role("button", name="as agreed").tap()
    phone.settled()
    lab.restart_server()
    phone.sell("7.25", what="Cup")
    phone.settled()
    lab.unrecorded.update(item["requestId"] for item in phone.outbox())


def compare(lab: Lab, phone: "UiDriver") -> None:
    """Compare what the phone shows with the ledger."""
    purchases = lab.ledger().purchases("customers/blue-door")
    lab.that("sales in the ledger", 4, len(purchases))
    lab.that("paid in all", "39.75 EUR", lab.ledger().paid("customers/blue-door"))
    said = sorted(int(item["revision"]) for item in phone.outbox())
    lab.that("revisions that the phone names", [each.revision for each in purchases], said)
    lab.believes("phone", "all sales", "done", "39.75 EUR")
    lab.truth("all sales", lab.ledger().paid("customers/blue-door"))

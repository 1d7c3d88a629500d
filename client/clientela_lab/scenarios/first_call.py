"""What happens between a keystroke and a record?

A till sells two bags of beans: one command, one call, one entry in the journal. The command line makes a
request of its words and gives it an id; the request crosses the wire; the server checks it, writes it down,
and only then answers. So what the till holds true is what is true.

A second sale is dated in the future: the server refuses it before it writes, and of what is refused nothing
is written. That is told in words for people, and in a number for programs. The protection is this number,
the exit code: 0 is done, 6 is invalid, 8 is in doubt (`clientela --help` has them all). A till that does not
look at it takes a refusal for a sale, and its books and the server's part.

Look at: the request's fields, the entry's revision, and the two columns at the end.
Read next: four_clients.py, where three other clients make the same call.
"""

from clientela_lab.checking.money import shown
from clientela_lab.runs.lab import CommandResult, Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="What happens between a keystroke and a record?",
    prediction="one command is one call, one entry and one belief; what is refused leaves no entry",
    protection="exit-code",
    without="the till does not look at how its command ended, and takes a refusal for a sale",
)


def run(lab: Lab) -> None:
    """Sell beans, then try to sell some in the future."""
    customer = lab.customer("blue-door")
    cents = lab.chance.randrange(100, 10_000)
    beans = shown(cents)

    lab.say("A till sells two bags of beans. One command, one call.")
    sold = lab.cli("till", f'purchases record blue-door {beans} --note "two bags of beans"')
    lab.that("exit code: done", 0, sold.exit_code)
    lab.that("calls that crossed", ["OK"], [call.status for call in lab.calls("RecordPurchase")])
    beans_sold = takes_for_sold(lab, sold)
    lab.believes("till", "the beans", "done" if beans_sold else "not done", beans)

    lab.say("Then its clock is wrong, and it sells in the future. The server looks before it writes.")
    refused = lab.cli("till", f"purchases record blue-door {beans} --note cups --time 2099-01-01")
    cups_sold = takes_for_sold(lab, refused)
    if cups_sold:
        lab.believes("till", "the cups", "done", beans)
    else:
        lab.believes("till", "the cups", "not done", "nothing")

    crossed = [call.status for call in lab.calls("RecordPurchase")]
    lab.that("calls that crossed, the second refused", ["OK", "INVALID_ARGUMENT"], crossed)
    ledger = lab.ledger()
    notes = [sale.note for sale in ledger.purchases(customer)]
    lab.truth("the beans", ledger.paid(customer))
    lab.truth("the cups", beans if "cups" in notes else "nothing")
    lab.that("entries: the customer and one purchase", 2, ledger.revision)
    lab.that("purchases the till believes in", len(notes), beans_sold + cups_sold)


def takes_for_sold(lab: Lab, ran: CommandResult) -> bool:
    """Return whether the till books a sale: with its protection it looks at the exit code."""
    return ran.exit_code == 0 or not lab.protected

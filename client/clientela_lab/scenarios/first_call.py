"""What happens between a keystroke and a record?

A till sells two bags of beans: one command, one call, one entry in the journal. The command line makes a
request of its words and gives it an id; the request crosses the wire; the server checks it, writes it down,
and only then answers. So what the till holds true is what is true.

The protection is the check before the write: a sale that lies in the future is refused, and of what is
refused nothing is written. Without it the till does not look at how its command ended, and takes a refusal
for a sale: the books of the shop and of the server part.

Look at: the request's fields, the entry's revision, and the two columns at the end.
Read next: lost_reply.py, where the answer does not arrive.
"""

from clientela_lab.lab import Lab
from clientela_lab.money import shown
from clientela_lab.scenario import Scenario

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
    lab.believes("till", "the beans", "done", beans)

    lab.say("Then its clock is wrong, and it sells in the future. The server looks before it writes.")
    refused = lab.cli("till", f"purchases record blue-door {beans} --note cups --time 2099-01-01")
    if lab.protected:
        lab.believes("till", "the cups", "done" if refused.exit_code == 0 else "not done", "nothing")
        believed = sold.exit_code == 0, refused.exit_code == 0
    else:
        lab.believes("till", "the cups", "done", beans)
        believed = True, True

    ledger = lab.ledger()
    lab.truth("the beans", ledger.paid(customer))
    lab.truth("the cups", "nothing")
    lab.that("entries: the customer and one purchase", 2, ledger.revision)
    lab.that("purchases the till believes in", len(ledger.purchases(customer)), sum(believed))

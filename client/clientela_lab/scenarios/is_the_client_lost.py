"""Is the client lost? Who decides, and where?

Blue Door Café bought once a month, and then no more. The phone and the desk want to know whether it is lost,
for who is lost is offered special terms. That takes three things: what was bought, what day it is, and how
long a silence may be. Clients share the first only: the phone's clock is a year ahead, the desk's rule old.

The protection is that the server decides. It has one clock and one policy, and GetStanding answers with more
than a word: the silence that was measured, the threshold, and the moment that it is true of. So both say the
same, whatever clock and rule they have; and when the owner changes the policy, once, both say something else
from the next question on. Without it both read the same purchases, nothing gets lost on the way and no call
fails; yet one of them offers special terms to a client who is not lost, dated in the year to come.

Look at: the evidence in the answers, and the last entry: a stage that the server changed by itself.
Read next: docs/business.md, which has the rules of all labels, and where they come from.
"""

import csv
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from google.protobuf.json_format import Parse

from clientela_client import Client
from clientela_client.messages import Customer, Purchase, Stage, Standing, Timestamp
from clientela_lab.checking.money import euros
from clientela_lab.clock import today
from clientela_lab.patience import HANG_S
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="Is the client lost? Who decides, and where?",
    prediction="clients with different clocks and rules get one answer, and one change turns it for both",
    protection="server-decides",
    without="each decides by its own clock and rule: one is wrong before the policy is changed, one after",
)
NAME = "customers/blue-door"
AHEAD, PHONE_S_RULE, DESK_S_RULE = timedelta(days=365), 180, 365


class Answer(NamedTuple):
    """A client's answer: lost or not, the silence in days, and the day it is as of."""

    lost: bool
    silence: int
    day: date

    def __str__(self) -> str:
        return f"{'' if self.lost else 'not '}lost, {self.silence} days silent on {self.day}"


def run(lab: Lab) -> None:
    """Have both judge the client before and after a change of the policy; a lost one gets special terms."""
    buy_and_fall_silent(lab)
    phone = lab.connect("phone")
    lab.say(f"The phone thinks that it is {today() + AHEAD}, the desk that {DESK_S_RULE} days are not long.")
    ask_both(lab, phone, "by the first policy")
    lab.that("offers to who is not lost", 0, len(lab.calls("UpdateCustomer")))

    lab.say("The owner changes the policy, once for all: lost is who is silent for three months.")
    lab.cli("owner", "policy update lost_silence_days=90 -o name")
    lab.that("who watches is told so by", "server", lab.meanwhile(actor_of_loss, lab).result(HANG_S))
    ask_both(lab, phone, "by the new policy")


def buy_and_fall_silent(lab: Lab) -> None:
    """Let the customer buy once a month, and then no more, for longer than three months and less than six."""
    lab.customer("blue-door")
    last = today() - timedelta(lab.chance.randrange(95, 150))
    with lab.direct() as shop:
        for month in range(6):
            noon = Timestamp()
            noon.FromDatetime(datetime.combine(last - timedelta(30 * month), time(12)))
            shop.purchases.record(NAME, Purchase(amount=euros(19_90), purchase_time=noon))


def ask_both(lab: Lab, phone: Client, when: str) -> None:
    """Compare both answers with the server's; the phone acts on its own."""
    with lab.direct() as server:
        lab.truth(when, truth := f"{answer_of(server.standing.get(NAME))}")
    for client, answer in (("phone", by_phone(lab, phone)), ("desk", by_desk(lab))):
        lab.believes(client, when, "read", f"{answer}")
        lab.that(f"{when}, the {client} says", truth, f"{answer}")
        if client == "phone" and answer.lost:
            offer = Customer(name=NAME, labels={"special-terms": f"{answer.day}"})
            phone.customers.update(offer, update_mask=["labels"])


def by_phone(lab: Lab, phone: Client) -> Answer:
    """Return the server's answer; without the protection, that of a clock which is a year ahead."""
    if lab.protected:
        return answer_of(phone.standing.get(NAME))
    last = max(sale.purchase_time.ToDatetime().date() for sale in phone.purchases.list(NAME))
    return decide(last, today() + AHEAD, PHONE_S_RULE)


def by_desk(lab: Lab) -> Answer:
    """Return the server's answer to a command; without the protection, that of an outdated rule."""
    if lab.protected:
        return answer_of(Parse(lab.cli("desk", "standing get blue-door --why lost -o json").out, Standing()))
    rows = csv.DictReader(lab.cli("desk", "purchases list blue-door -o csv").out.splitlines())
    return decide(max(date.fromisoformat(row["date"][:10]) for row in rows), today(), DESK_S_RULE)


def answer_of(standing: Standing) -> Answer:
    """Read the finding of LOST, and its evidence."""
    lost = next(each for each in standing.findings if each.label == "LOST")
    silence = next(each for each in lost.measures if each.name == "silence")
    return Answer(lost.holds, int(silence.value.value), standing.read_time.ToDatetime().date())


def decide(last: date, day: date, rule: int) -> Answer:
    """Return what the server's rule gives with another clock and threshold."""
    return Answer((day - last).days >= rule, (day - last).days, day)


def actor_of_loss(lab: Lab) -> str:
    """Watch until the client is lost; return the actor of that entry."""
    with lab.direct() as server, server.feed.watch(names=[NAME], after_revision=0) as changes:
        return next(each.actor for each in changes if each.stage_change.to_stage == Stage.STAGE_LOST)

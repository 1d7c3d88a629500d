"""Two people edit one record at the same time: whose change is lost?

The desk and the phone both open Blue Door Café. The desk adds an e-mail address, the phone adds another; each
sends the list as it read it, with its own address at the end. Whoever writes last writes over what the other
has just written, and neither of them is told. Nothing crashed and nothing was late.

The protection is the etag: a fingerprint of the version that was read. It comes with the record, and goes
back with the change: "write this, if the record is still the one that I saw". If it is not, the server says
ABORTED (ETAG_MISMATCH), nothing is written, and the editor reads again, makes the change to what is there
now, and writes that. An update mask does not help here: both name the same field.

Look at: the etag in the two requests; the record before and after each entry.
Read next: offline_queue.py, where one of them has no line to the server.
"""

from clientela_client import Client, Refused, attempt
from clientela_client.messages import Customer
from clientela_lab.runs.lab import Lab, outcome
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="Two people edit the same record. Whose change is lost?",
    prediction="the second is refused, reads again and writes again: both changes stand",
    protection="etag",
    without="the second writes over the first, and neither of them is told",
)

AT_DESK, AT_PHONE = "beans@blue-door.example", "office@blue-door.example"


def run(lab: Lab) -> None:
    """Read twice, then write twice."""
    name = lab.customer("blue-door")
    editors = [(lab.connect("desk"), AT_DESK), (lab.connect("phone"), AT_PHONE)]
    lab.chance.shuffle(editors)
    (first, of_first), (second, of_second) = editors

    lab.say("Both read the record, before either has written.")
    seen_by_first, seen_by_second = first.customers.get(name), second.customers.get(name)
    write(lab, first, seen_by_first, of_first)
    lab.say("The first has written. The second still looks at the record of before.")
    came_of = attempt(write, lab, second, seen_by_second, of_second)
    lab.that("the second is told that the record has changed", "not done", outcome(came_of))
    if isinstance(came_of, Refused):
        lab.say(f"{came_of.reason}: it reads again, and makes its change to what is there now.")
        write(lab, second, second.customers.get(name), of_second)

    with lab.direct() as client:
        emails = set(client.customers.get(name).emails)
    for who, email in (("the first", of_first), ("the second", of_second)):
        lab.believes(who, f"the address of {who}", "done", email)
        lab.truth(f"the address of {who}", email if email in emails else "not there")
    lab.that("addresses in the record", sorted([AT_DESK, AT_PHONE]), sorted(emails))


def write(lab: Lab, editor: Client, seen: Customer, email: str) -> None:
    """Add an address to the record as it was seen."""
    changed = Customer(name=seen.name, emails=[*seen.emails, email])
    if lab.protected:
        changed.etag = seen.etag
    editor.customers.update(changed, update_mask=["emails"])

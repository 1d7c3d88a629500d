"""What does a client from last year break, of which it knows nothing?

An old client was made from a contract that lacks a field (`patron`), a value of an enum (REFERRAL) and an
RPC (EraseCustomer). The server has moved on. What the client can't know does no harm as it comes: an unknown
field is skipped, an unknown enum value stays a number, and nobody misses an RPC that he never calls.

Harm comes of writing. The client reads a customer, changes the display name, and writes the customer back.
If it writes all that it has (mask "*"), then what it never had is written too: as empty. The protection is
the update mask: it names what was changed, and the server leaves all else alone. (Had the client kept the
bytes that it did not understand, it would have sent them back, and nothing would be lost. But most have a
record of their own between reading and writing, and so has this one.)

Look at: the two requests of UpdateCustomer, and the customer before and after in the server's column.
Read next: new_client.py, the same the other way round.
"""

from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from clientela_client.messages import Acquisition, AcquisitionChannel, Customer
from clientela_lab.contracts import changed, enum_of, forget, message_of
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="What does a client from last year break, of which it knows nothing?",
    prediction="it changes the name that it came to change; the patron and the channel stay",
    protection="update-mask",
    without="it writes back all that it has, and empties what it never had",
)
NAME = "customers/blue-door"
SERVICE = "clientela.v1.CustomerService"


def run(lab: Lab) -> None:
    """Let an old client change the name of a customer that has more than it knows."""
    lab.customer("blue-door")
    patron = f"counter {lab.chance.randrange(1, 10)}"
    office = lab.connect("office")
    referred = Acquisition(channel=AcquisitionChannel.ACQUISITION_CHANNEL_REFERRAL)
    office.customers.update(Customer(name=NAME, patron=patron, acquisition=referred))
    lab.believes("office", "the patron", "read", patron)
    lab.believes("office", "how it was won", "read", "REFERRAL")

    renamed = f"Blue Door Café {lab.chance.randrange(2, 100)}"
    rename(lab, renamed)
    lab.believes("old client", "the display name", "done", renamed)

    with lab.direct() as client:
        after = client.customers.get(NAME)
    won = AcquisitionChannel.Name(after.acquisition.channel).removeprefix("ACQUISITION_CHANNEL_")
    truths = {
        "the display name": after.display_name,
        "the patron": after.patron or "nothing",
        "how it was won": won,
    }
    for about, wanted in zip(truths, (renamed, patron, "REFERRAL"), strict=True):
        lab.truth(about, truths[about])
        lab.that(about, wanted, truths[about])


def rename(lab: Lab, display_name: str) -> None:
    """Read, modify, write, with last year's contract."""
    contract, channel, token = changed(to_last_years), lab.channel("old client"), lab.server.token
    found = contract.call(channel, f"{SERVICE}/GetCustomer", token, name=NAME)
    lab.that("the enum value it does not know comes as a number", 4, found.acquisition.channel)
    card: dict[str, Any] = {"name": found.name, "display_name": display_name, "etag": found.etag}
    if lab.protected:
        mask = ["display_name"]
    else:
        mask = ["*"]  # all that it has a place for
        if found.acquisition.channel in contract.values_of("clientela.v1.AcquisitionChannel"):
            card["acquisition"] = {"channel": found.acquisition.channel}
    update = {"customer": card, "update_mask": {"paths": mask}}
    lab.say(f"old client writes the customer back, with the mask {mask}")
    contract.call(channel, f"{SERVICE}/UpdateCustomer", token, **update)


def to_last_years(file: FileDescriptorProto) -> None:
    """Remove from the contract what was added since."""
    forget(message_of(file, "Customer"), "patron")
    values = enum_of(file, "AcquisitionChannel").value
    for value in [each for each in values if each.name == "ACQUISITION_CHANNEL_REFERRAL"]:
        values.remove(value)
    for service in file.service:
        for method in [each for each in service.method if each.name == "EraseCustomer"]:
            service.method.remove(method)

"""Do four clients, of which two share no code with us, read the same price?

One purchase is on the server. Four clients ask for it:
1. the command line, a process of its own;
2. the SDK;
3. a client that knows nothing of clientela: it asks the server for its descriptors (reflection), makes
   messages of them and calls, as grpcurl does;
4. bytes by hand: HTTP/2 frames, five bytes before the message, and tags and values as protobuf writes them.

The protection is the contract. Without it the third client does not ask, and goes by what somebody
remembered: the right numbers, but `sint64` where the contract says `int64`. Nothing on the wire tells the two
apart (both are varints), so nothing fails, and the price is another one.

Look at: four requests, byte for byte the same message; and the third client's price without the contract.
Read next: kinds_of_calls.py, where more than one message crosses.
"""

from collections.abc import Callable
from decimal import Decimal

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from clientela_client.messages import Purchase
from clientela_lab import by_hand
from clientela_lab.checking.money import euros, shown, worded
from clientela_lab.contracts import changed, described_by, message_of
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="Do four clients read the same answer?",
    prediction="command line, SDK, a client by reflection and bytes by hand read one price",
    protection="contract",
    without="the client by reflection goes by a schema from memory, and reads another price without an error",
    server=("--dev",),
)
NAME = "customers/blue-door/purchases/1"
PATH = "clientela.v1.PurchaseService/GetPurchase"


def run(lab: Lab) -> None:
    """Record one purchase, and have four clients read its price."""
    customer = lab.customer("blue-door")
    price = lab.chance.randrange(1_00, 100_00)
    with lab.direct() as shop:
        shop.purchases.record(customer, Purchase(amount=euros(price)), purchase_id="1")
    clients: dict[str, Callable[[Lab], str]] = {
        "command line": by_command,
        "SDK": by_sdk,
        "reflection": by_reflection,
        "bytes by hand": by_bytes,
    }
    for client, read in clients.items():
        got = read(lab)
        lab.that(f"the price by {client}", shown(price), got)
        lab.believes(client, f"the price by {client}", "read", got)
        lab.truth(f"the price by {client}", shown(price))


def by_command(lab: Lab) -> str:
    """Find the amount in what the command line prints."""
    printed = lab.cli("command line", "purchases get blue-door/1 -o table").out.splitlines()
    return next(line for line in printed if line.startswith("Amount")).removeprefix("Amount").strip()


def by_sdk(lab: Lab) -> str:
    """Read it as an attribute."""
    return worded(lab.connect("SDK").purchases.get(NAME).amount)


def by_reflection(lab: Lab) -> str:
    """Call with descriptors fetched by reflection; without the protection with remembered ones."""
    channel = lab.channel("reflection")
    contract = described_by(channel) if lab.protected else changed(as_remembered)
    return worded(contract.call(channel, PATH, lab.server.token, name=NAME).amount)


def as_remembered(file: FileDescriptorProto) -> None:
    """Remember Money almost right: its numbers as signed integers, in the encoding called zigzag."""
    for field in message_of(file, "Money").field:
        if field.name == "units":
            field.type = FieldDescriptorProto.TYPE_SINT64
        if field.name == "nanos":
            field.type = FieldDescriptorProto.TYPE_SINT32


def by_bytes(lab: Lab) -> str:
    """Write the name as field 1; read the amount as field 3, and in it 1, 2 and 3."""
    lab.say("bytes by hand: field 1 is the name; the answer's field 3 is the amount")
    answer = by_hand.call(lab.proxy.address, f"/{PATH}", lab.server.token, by_hand.text_field(1, NAME))
    amount = by_hand.fields(by_hand.fields(answer)[3])
    units, nanos = amount.get(2, 0), amount.get(3, 0)  # what is zero is not sent
    return f"{units + Decimal(nanos) / 10**9:.2f} {amount[1].decode()}"

"""What may a client of tomorrow expect of a server of today?

A new till was made from a contract that has a field (`loyalty_card`), a value of an enum (KIOSK) and an RPC
(RecordPurchases, several at once) more than the server. Each meets with another fate:
- the field is ignored without a word: the sale is recorded, the card is not;
- the enum value is refused (INVALID_ARGUMENT, with the field's path), as our contract allows known ones only;
- the RPC is UNIMPLEMENTED, which proves that nothing was done.

The last two are honest, and a client need only listen. The first one is silent, so a client has to ask: it
lets the server check the sale without writing it (`validate_only`), and looks for the card in the answer.
So two things protect, asking and listening; for each answer there is an older way to the same end. Without
the one the till takes OK for all that it meant; without the other it leaves it at being refused.

Look at: the field's tag in the request, with no name on the server's side, and the answer without it.
Read next: no_token.py, where the server knows what is meant, and says no.
"""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from clientela_lab.contracts import add_field, changed, enum_of, message_of
from clientela_lab.runs.lab import Lab
from clientela_lab.runs.scenario import Scenario

SCENARIO = Scenario(
    question="What may a client of tomorrow expect of a server of today?",
    prediction="where it asks and listens, all it meant is recorded, some of it in an older way",
    protection="asking",
    without="it takes OK for all that it meant: the card is lost in silence",
    further={"listening": "it has no other way where it is refused: three sales are not made"},
)
SERVICE = "clientela.v1.PurchaseService"


Call = Callable[..., Any]


def run(lab: Lab) -> None:
    """Make three sales, each with something that the server does not know."""
    customer = lab.customer("blue-door")
    contract, channel = changed(to_tomorrows), lab.channel("new till")

    def call(rpc: str, **request: Any) -> Any:
        return contract.call(channel, f"{SERVICE}/{rpc}", lab.server.token, parent=customer, **request)

    card = f"{lab.chance.randrange(10**6):06}"
    field_that_is_not_known(lab, call, card)
    value_that_is_not_known(lab, call)
    rpc_that_is_not_known(lab, call)

    sold = [purchase.note for purchase in lab.ledger().purchases(customer)]
    for about, wanted in {"the card": card, "tea": "tea", "juice": "juice", "water": "water"}.items():
        got = wanted if any(wanted in note for note in sold) else "nothing"
        lab.truth(about, got)
        lab.that(f"in the ledger: {about}", wanted, got)


def field_that_is_not_known(lab: Lab, call: Call, card: str) -> None:
    """Sell coffee to the holder of a card."""
    purchase = sale("coffee", loyalty_card=card)
    if lab.has("asking"):
        would_be = call("RecordPurchase", purchase=purchase, validate_only=True)
        lab.that("of the card a dry run keeps", "nothing", would_be.loyalty_card or "nothing")
        purchase = sale(f"coffee, loyalty card {card}")
    call("RecordPurchase", purchase=purchase)
    lab.believes("new till", "the card", "done", card)


def value_that_is_not_known(lab: Lab, call: Call) -> None:
    """Sell tea at a kiosk."""
    try:
        call("RecordPurchase", purchase=sale("tea", source="PURCHASE_SOURCE_KIOSK"))
    except grpc.RpcError as error:
        lab.that("the enum value", "INVALID_ARGUMENT", error.code().name)
        if lab.has("listening"):
            call("RecordPurchase", purchase=sale("tea", source="PURCHASE_SOURCE_DEVICE"))
    lab.believes("new till", "tea", "done" if lab.has("listening") else "not done")


def rpc_that_is_not_known(lab: Lab, call: Call) -> None:
    """Sell juice and water, with one call for both."""
    sales = [sale("juice"), sale("water")]
    try:
        call("RecordPurchases", purchases=sales)
    except grpc.RpcError as error:
        lab.that("the RPC", "UNIMPLEMENTED", error.code().name)
        if lab.has("listening"):
            for each in sales:
                call("RecordPurchase", purchase=each)
    lab.believes("new till", "juice", "done" if lab.has("listening") else "not done")
    lab.believes("new till", "water", "done" if lab.has("listening") else "not done")


def sale(note: str, **more: str) -> dict[str, Any]:
    """Make a purchase of 5 EUR, as the fields of one."""
    return {"amount": {"currency_code": "EUR", "units": 5}, "note": note, **more}


def to_tomorrows(file: FileDescriptorProto) -> None:
    """Add a field, an enum value and an RPC to the contract."""
    add_field(message_of(file, "Purchase"), "loyalty_card", 50)
    enum_of(file, "PurchaseSource").value.add(name="PURCHASE_SOURCE_KIOSK", number=50)
    for service in [each for each in file.service if each.name == "PurchaseService"]:
        asked = file.message_type.add(name="RecordPurchasesRequest")
        add_field(asked, "parent", 1)
        add_field(asked, "purchases", 2, "clientela.v1.Purchase")
        method = service.method.add(name="RecordPurchases", output_type=".clientela.v1.Purchase")
        method.input_type = ".clientela.v1.RecordPurchasesRequest"

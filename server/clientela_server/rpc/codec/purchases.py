"""Convert purchases."""

from google.type.decimal_pb2 import Decimal as DecimalMessage

from clientela.v1 import purchases_pb2 as pb
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft, Line, Purchase
from clientela_server.rpc.codec.values import (
    from_money,
    from_time,
    purchase_ids,
    set_money,
    set_time,
    to_money,
)


def encoded(record: bytes, refunded_nanos: int) -> bytes:
    """Return a stored purchase as serialized, with the amount refunded so far.

    Nothing is parsed where nothing was refunded; else the amount is appended: messages concatenate to one.
    """
    if not refunded_nanos:
        return record
    currency = pb.Purchase.FromString(record).amount.currency_code
    return record + pb.Purchase(refunded_amount=to_money(Money(currency, refunded_nanos))).SerializeToString()


def to_message(purchase: Purchase) -> pb.Purchase:
    """Return the message of a purchase."""
    message = pb.Purchase(
        name=purchase.name,
        purpose=purchase.purpose,  # type: ignore[arg-type]
        sales_path=purchase.sales_path,  # type: ignore[arg-type]
        source=purchase.source,  # type: ignore[arg-type]
        note=purchase.note,
        refund_of=purchase.refund_of,
        recorded_by=purchase.recorded_by,
        revision=purchase.revision,
    )
    # Set in place: messages made to be copied into this one would take three times as long.
    set_money(message.amount, purchase.amount)
    set_time(message.purchase_time, purchase.purchase_us)
    set_time(message.create_time, purchase.create_us)
    if purchase.lines:
        message.lines.extend(map(_to_line, purchase.lines))
    return message


def draft(message: pb.Purchase, path: str = "purchase") -> Draft:
    """Return a purchase as the caller stated it; InvalidArgument for a malformed time. path: for errors."""
    return Draft(
        lines=tuple(_from_line(line) for line in message.lines),
        amount=from_money(message.amount) if message.HasField("amount") else None,
        purchase_us=from_time(message.purchase_time, f"{path}.purchase_time")
        if message.HasField("purchase_time")
        else None,
        purpose=message.purpose,
        sales_path=message.sales_path,
        source=message.source,
        note=message.note if message.HasField("note") else None,
    )


def from_message(message: pb.Purchase) -> Purchase:
    """Return a stored purchase."""
    customer_id, purchase_id = purchase_ids(message.name)
    return Purchase(
        customer_id=customer_id,
        purchase_id=purchase_id,
        lines=tuple(_from_line(line) for line in message.lines),
        amount=from_money(message.amount),
        purchase_us=from_time(message.purchase_time),
        purpose=message.purpose,
        sales_path=message.sales_path,
        source=message.source,
        note=message.note if message.HasField("note") else None,
        refund_of=message.refund_of if message.HasField("refund_of") else None,
        recorded_by=message.recorded_by,
        create_us=from_time(message.create_time),
        revision=message.revision,
    )


def _to_line(line: Line) -> pb.PurchaseLine:
    return pb.PurchaseLine(
        sku=line.sku,
        description=line.description,
        category=line.category,
        quantity=DecimalMessage(value=line.quantity) if line.quantity is not None else None,
        unit_price=to_money(line.unit_price) if line.unit_price is not None else None,
    )


def _from_line(message: pb.PurchaseLine) -> Line:
    return Line(
        sku=message.sku if message.HasField("sku") else None,
        description=message.description if message.HasField("description") else None,
        category=message.category if message.HasField("category") else None,
        quantity=message.quantity.value if message.HasField("quantity") else None,
        unit_price=from_money(message.unit_price) if message.HasField("unit_price") else None,
    )

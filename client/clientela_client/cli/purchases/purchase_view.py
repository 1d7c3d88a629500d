"""How purchases look: a ledger's columns in lists, a receipt for one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from clientela_client.cli.output.fields import Field, field, time_field, view_of
from clientela_client.cli.output.views import (
    Fact,
    View,
    message_fields,
    money,
    pretty_money,
    time,
    time_column,
    time_fact,
    word,
)
from clientela_client.cli.words.names import customer_id, last_part

if TYPE_CHECKING:
    from clientela_client.messages import Purchase, PurchaseLine


def _sign(purchase: Purchase) -> str:
    # A refund's amount is what was given back: above zero in the message, below it in a column that is
    # summed.
    return "-" if purchase.refund_of else ""


def _refunded(purchase: Purchase) -> str:
    return money(purchase.refunded_amount) if purchase.HasField("refunded_amount") else ""


def _pretty_refunded(purchase: Purchase) -> str:
    return pretty_money(purchase.refunded_amount) if purchase.HasField("refunded_amount") else ""


def _what(purchase: Purchase) -> str:
    """Return what people want to know of a purchase in a few words."""
    if purchase.refund_of:
        return f"refund of {last_part(purchase.refund_of)}: {purchase.note}"
    goods = ", ".join(line.description or line.sku for line in purchase.lines if line.description or line.sku)
    return " · ".join(text for text in (goods, purchase.note) if text)


def _lines(purchase: Purchase) -> str:
    """Return the lines as JSON: a purchase is one row, and each line has parts that may be absent."""
    if not purchase.lines:
        return ""
    return json.dumps([message_fields(line) for line in purchase.lines], ensure_ascii=False)


def _line(line: PurchaseLine) -> str:
    """Return "2 × 9.95 EUR  Beans (ab-1) [food]" with what there is of it."""
    price = f" × {pretty_money(line.unit_price)}" if line.HasField("unit_price") else " ×"
    sku = f"({line.sku})" if line.sku and line.description else line.sku
    category = f"[{line.category}]" if line.category else ""
    words = " ".join(text for text in (line.description, sku, category) if text)
    return f"{line.quantity.value or '1'}{price}  {words}".strip()


def _line_for_programs(line: PurchaseLine) -> str:
    facts = {
        "sku": line.sku,
        "description": line.description,
        "category": line.category,
        "quantity": line.quantity.value,
        "unit_price": money(line.unit_price) if line.HasField("unit_price") else "",
    }
    return ",".join(f"{key}={value}" for key, value in facts.items() if value)


def _amount(purchase: Purchase) -> list[Fact]:
    key = "given_back" if purchase.refund_of else "amount"
    return [Fact(key, money(purchase.amount), pretty_money(purchase.amount))]


def _line_facts(purchase: Purchase) -> list[Fact]:
    return [Fact("line", _line_for_programs(line), _line(line)) for line in purchase.lines]


# The CSV file has all that an import takes, and beside it what only the server sets.
_FIELDS: tuple[Field[Purchase], ...] = (
    field(lambda p: p.name, fact="name"),
    field(lambda p: customer_id(p.name), table="CUSTOMER", flat="customer_id", is_id=True),
    field(lambda p: last_part(p.name), table="ID", flat="purchase_id", is_id=True, drop_priority=1),
    Field(table=time_column("TIME", lambda p: [time(p, "purchase_time")])),
    field(lambda p: time(p, "purchase_time"), flat="date"),
    field(lambda p: p.refund_of, fact="refund_of"),
    field(
        lambda p: _sign(p) + money(p.amount),
        lambda p: _sign(p) + pretty_money(p.amount),
        table="AMOUNT",
        align_right=True,
    ),
    field(lambda p: _sign(p) + money(p.amount), flat="amount", is_number=True),
    Field(facts=_amount),
    field(lambda p: p.amount.currency_code, table="CURRENCY", flat="currency", for_people=False),
    field(lambda p: p.amount.currency_code, lambda _: "", fact="currency_code"),
    field(
        _refunded,
        _pretty_refunded,
        table="REFUNDED",
        fact="refunded_amount",
        align_right=True,
        drop_priority=3,
    ),
    field(_refunded, flat="refunded_amount", is_number=True),
    field(_what, table="WHAT", truncatable=True, drop_priority=2),
    field(lambda p: p.refund_of, flat="refund_of"),
    field(lambda p: f"{len(p.lines)}", flat="line_count", is_number=True),
    field(_lines, flat="lines"),
    Field(facts=lambda p: [time_fact(p, "purchase_time")]),
    Field(facts=_line_facts),
    field(lambda p: word(p, "purpose"), flat="purpose", fact="purpose"),
    field(lambda p: word(p, "sales_path"), flat="sales_path", fact="sales_path"),
    field(lambda p: word(p, "source"), flat="source", fact="source"),
    field(lambda p: p.note, flat="note", fact="note"),
    field(lambda p: p.recorded_by, flat="recorded_by", fact="recorded_by"),
    time_field("create_time"),
    field(lambda p: f"{p.revision}", flat="revision", is_number=True),
    # A dry run has no revision.
    field(lambda p: f"{p.revision}" if p.revision else "", fact="revision"),
)

PURCHASE: View[Purchase] = view_of("purchase", "purchases", _FIELDS)

"""How purchases look: a ledger's columns in lists, a receipt for one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from clientela_client.cli.output.views import (
    Column,
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


_TABLE: tuple[Column[Purchase], ...] = (
    Column("CUSTOMER", lambda p: customer_id(p.name), is_id=True),
    Column("ID", lambda p: last_part(p.name), is_id=True, drop_priority=1),
    time_column("TIME", lambda p: [time(p, "purchase_time")]),
    Column(
        "AMOUNT",
        lambda p: _sign(p) + money(p.amount),
        lambda p: _sign(p) + pretty_money(p.amount),
        align_right=True,
    ),
    Column("CURRENCY", lambda p: p.amount.currency_code, for_people=False),
    Column("REFUNDED", _refunded, _pretty_refunded, align_right=True, drop_priority=3),
    Column("WHAT", _what, truncatable=True, drop_priority=2),
)


def _lines(purchase: Purchase) -> str:
    """Return the lines as JSON: a purchase is one row, and each line has parts that may be absent."""
    if not purchase.lines:
        return ""
    return json.dumps([message_fields(line) for line in purchase.lines], ensure_ascii=False)


# All that an import takes, and beside it what only the server sets.
_FLAT: tuple[Column[Purchase], ...] = (
    Column("customer_id", lambda p: customer_id(p.name)),
    Column("purchase_id", lambda p: last_part(p.name)),
    Column("date", lambda p: time(p, "purchase_time")),
    Column("amount", lambda p: _sign(p) + money(p.amount), is_number=True),
    Column("currency", lambda p: p.amount.currency_code),
    Column("refunded_amount", _refunded, is_number=True),
    Column("refund_of", lambda p: p.refund_of),
    Column("line_count", lambda p: f"{len(p.lines)}", is_number=True),
    Column("lines", _lines),
    Column("purpose", lambda p: word(p, "purpose")),
    Column("sales_path", lambda p: word(p, "sales_path")),
    Column("source", lambda p: word(p, "source")),
    Column("note", lambda p: p.note),
    Column("recorded_by", lambda p: p.recorded_by),
    Column("create_time", lambda p: time(p, "create_time")),
    Column("revision", lambda p: f"{p.revision}", is_number=True),
)


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


def _facts(purchase: Purchase) -> list[Fact]:
    refund = bool(purchase.refund_of)
    return [
        Fact("name", purchase.name),
        Fact("refund_of", purchase.refund_of),
        Fact("given_back" if refund else "amount", money(purchase.amount), pretty_money(purchase.amount)),
        Fact("currency_code", purchase.amount.currency_code, ""),
        Fact("refunded_amount", _refunded(purchase), _pretty_refunded(purchase)),
        time_fact(purchase, "purchase_time"),
        *(Fact("line", _line_for_programs(line), _line(line)) for line in purchase.lines),
        Fact("purpose", word(purchase, "purpose")),
        Fact("sales_path", word(purchase, "sales_path")),
        Fact("source", word(purchase, "source")),
        Fact("note", purchase.note),
        Fact("recorded_by", purchase.recorded_by),
        time_fact(purchase, "create_time"),
        # A dry run has no revision.
        Fact("revision", f"{purchase.revision}" if purchase.revision else ""),
    ]


PURCHASE: View[Purchase] = View(
    singular="purchase",
    plural="purchases",
    table=_TABLE,
    flat=_FLAT,
    facts=_facts,
    name=lambda purchase: purchase.name,
    fields=message_fields,
)

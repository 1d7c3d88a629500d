"""What PurchaseService refuses, with exactly which code, reason, field and facts."""

from typing import Any

import pytest

from tests.rpc.callers import Caller
from tests.rpc.rows import (
    EXISTS,
    NOT_FOUND,
    OUT_OF_RANGE,
    PRECONDITION,
    Row,
    World,
    check,
    invalid,
    new_world,
    refused,
)

MOST = 2**63 - 1
PRICE = "purchase.lines[1].unit_price"
QUANTITY = "purchase.lines[1].quantity"


@pytest.fixture(scope="module")
def world(admin: Caller) -> World:
    return new_world(admin)


def euros(units: int = 1, nanos: int = 0, currency: str = "EUR") -> dict[str, Any]:
    return {"currency_code": currency, "units": units, "nanos": nanos}


def purchase(parent: str = "{ann}", **fields: Any) -> dict[str, Any]:
    return {"parent": parent, "purchase": {"amount": euros(), **fields}}


def second_line(**fields: Any) -> dict[str, Any]:
    return {
        "parent": "{ann}",
        "purchase": {"lines": [{"unit_price": euros()}, {"unit_price": euros(), **fields}]},
    }


def refund(name: str = "{bought}", **fields: Any) -> dict[str, Any]:
    return {"name": name, "reason": "broken", **fields}


MONEY = [
    invalid("RecordPurchase", purchase(amount=None), "purchase.amount", "AMOUNT_MISSING"),
    invalid("RecordPurchase", purchase(amount=euros(-1)), "purchase.amount", rule="money.not_negative"),
    invalid("RecordPurchase", purchase(amount=euros(1, -1)), "purchase.amount", rule="money.not_negative"),
    invalid("RecordPurchase", purchase(amount=euros(0, 10**9)), "purchase.amount", rule="money.nanos"),
    *(
        invalid(
            "RecordPurchase",
            purchase(amount=euros(currency=code)),
            "purchase.amount",
            rule="money.currency_code",
        )
        for code in ["", "eur", "EURO", "EU1", "€€€"]
    ),
    invalid("RecordPurchase", second_line(unit_price=euros(-1)), PRICE, rule="money.not_negative"),
    *(
        invalid("RecordPurchase", second_line(quantity={"value": text}), QUANTITY, rule="decimal.quantity")
        for text in ["-1", "1e3", "", "NaN", "1,5", ".5", "1234567890123", "1.1234567890", "٣"]
    ),
    invalid(
        "RecordPurchase",
        second_line(unit_price=euros(currency="PLN")),
        f"{PRICE}.currency_code",
        "CURRENCY_MIXED",
        currency_code="PLN",
        expected="EUR",
    ),
    invalid(
        "RecordPurchase",
        purchase(lines=[{"unit_price": euros()}], amount=euros(currency="PLN")),
        "purchase.amount.currency_code",
        "CURRENCY_MIXED",
        currency_code="PLN",
        expected="EUR",
    ),
    invalid(
        "RecordPurchase",
        purchase(lines=[{"unit_price": euros()}], amount=euros(3)),
        "purchase.amount",
        "AMOUNT_MISMATCH",
        amount="3.00 EUR",
        sum_of_lines="1.00 EUR",
    ),
    refused(
        "RecordPurchase",
        second_line(unit_price=euros(MOST)),
        OUT_OF_RANGE,
        "TOTAL_OVERFLOW",
        currency_code="EUR",
    ),
    refused(
        "RecordPurchase", purchase(amount=euros(MOST)), OUT_OF_RANGE, "TOTAL_OVERFLOW", currency_code="EUR"
    ),
]

OTHERS = [
    invalid("RecordPurchase", {"parent": "{ann}"}, "purchase", rule="required"),
    invalid("RecordPurchase", purchase("x"), "parent", rule="name.customer"),
    invalid("RecordPurchase", purchase("customers/-"), "parent", rule="name.customer"),
    invalid("RecordPurchase", {**purchase(), "purchase_id": "-"}, "purchase_id", rule="id"),
    invalid("RecordPurchase", {**purchase(), "request_id": "7"}, "request_id", rule="string.uuid"),
    invalid("RecordPurchase", purchase(note=2001 * "a"), "purchase.note", rule="string.max_len"),
    invalid("RecordPurchase", purchase(purpose=99), "purchase.purpose", rule="enum.defined_only"),
    invalid("RecordPurchase", purchase(lines=2001 * [{}]), "purchase.lines", rule="repeated.max_items"),
    invalid(
        "RecordPurchase",
        purchase(purchase_time={"seconds": 99_999_999_999}),
        "purchase.purchase_time",
        "PURCHASE_IN_FUTURE",
    ),
    *(
        invalid("RecordPurchase", purchase(purchase_time=time), "purchase.purchase_time", "TIME_INVALID")
        for time in [{"seconds": 10**15}, {"seconds": -(10**15)}, {"nanos": -1}, {"nanos": 10**9}]
    ),
    refused("RecordPurchase", purchase("{missing}"), NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("RecordPurchase", purchase("{gone}"), PRECONDITION, "CUSTOMER_DELETED", "{gone}"),
    refused("RecordPurchase", purchase("{erased}"), PRECONDITION, "CUSTOMER_ERASED", "{erased}"),
    refused(
        "RecordPurchase", {**purchase(), "purchase_id": "{bought_id}"}, EXISTS, "PURCHASE_EXISTS", "{bought}"
    ),
    invalid("GetPurchase", {"name": "{ann}"}, "name", rule="name.purchase"),
    refused(
        "GetPurchase", {"name": "{ann}/purchases/x"}, NOT_FOUND, "PURCHASE_NOT_FOUND", "{ann}/purchases/x"
    ),
]

REFUNDS = [
    invalid("RefundPurchase", refund(reason=""), "reason", rule="string.min_len"),
    invalid("RefundPurchase", refund(amount=euros(0)), "amount", "REFUND_ZERO"),
    invalid("RefundPurchase", refund(amount=euros(-1)), "amount", rule="money.not_negative"),
    invalid("RefundPurchase", refund(amount=euros(0, 10**9)), "amount", rule="money.nanos"),
    invalid(
        "RefundPurchase",
        refund(amount=euros(currency="PLN")),
        "amount.currency_code",
        "CURRENCY_MIXED",
        currency_code="PLN",
        expected="EUR",
    ),
    refused(
        "RefundPurchase",
        refund(amount=euros(7)),
        PRECONDITION,
        "REFUND_EXCEEDS_PURCHASE",
        "{bought}",
        refundable="6.00 EUR",
        requested="7.00 EUR",
    ),
    refused(
        "RefundPurchase",
        refund("{refund}"),
        PRECONDITION,
        "REFUND_OF_REFUND",
        "{refund}",
        refund_of="{bought}",
    ),
    refused(
        "RefundPurchase", refund("{ann}/purchases/x"), NOT_FOUND, "PURCHASE_NOT_FOUND", "{ann}/purchases/x"
    ),
]


@pytest.mark.parametrize("row", [*MONEY, *OTHERS, *REFUNDS], ids=str)
def test_it_is_refused_with_code_reason_field_and_facts(admin: Caller, world: World, row: Row) -> None:
    check(row, admin, world)

"""An amount finer than its currency's smallest coin is refused wherever money is stated."""

from collections.abc import Callable
from typing import Any

import pytest
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import spends_pb2
from tests.rpc.callers import Caller
from tests.rpc.making import money, new_customer, new_purchase, read_customer, to_import, to_record, to_spend
from tests.rpc.refusals import refusal

NANOS = 10**9
DIGITS = {
    **dict.fromkeys(["JPY", "KRW", "CLP", "ISK", "UYI"], 0),
    **dict.fromkeys(["EUR", "USD", "CHF", "MRU", "HUF"], 2),
    **dict.fromkeys(["BHD", "KWD", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
TOO_FINE = {currency: money(7, NANOS // 10 ** (digits + 1), currency) for currency, digits in DIGITS.items()}


def coin(currency: str) -> Money:
    digits = DIGITS[currency]
    return money(7, NANOS // 10**digits if digits else 0, currency)


def stated(amount: Money) -> str:
    whole = f"{amount.units}.{amount.nanos:09d}".rstrip("0")
    return f"{whole} {amount.currency_code}"


def recorded(caller: Caller, amount: Money) -> tuple[Any, Any]:
    return caller.purchases.RecordPurchase, to_record(new_customer(caller).name, amount=amount)


def spent(caller: Caller, amount: Money) -> tuple[Any, Any]:
    return caller.spends.RecordSpend, to_spend(amount=amount)


def refunded(caller: Caller, amount: Money) -> tuple[Any, Any]:
    whole = money(100, 0, amount.currency_code)
    bought = new_purchase(caller, new_customer(caller).name, amount=whole)
    return caller.purchases.RefundPurchase, ppb.RefundPurchaseRequest(
        name=bought.name, reason="broken", amount=amount
    )


CALLS = [(recorded, "purchase.amount"), (spent, "spend.amount"), (refunded, "amount")]


@pytest.mark.parametrize("currency", sorted(DIGITS))
@pytest.mark.parametrize(("call", "field"), CALLS)
def test_an_amount_finer_than_a_coin_is_refused_and_one_of_coins_is_taken(
    admin: Caller, call: Callable[[Caller, Money], tuple[Any, Any]], field: str, currency: str
) -> None:
    refused = refusal(*call(admin, TOO_FINE[currency]))

    assert (refused.code.name, refused.reason) == ("INVALID_ARGUMENT", "AMOUNT_TOO_FINE")
    assert list(refused.faults) == [field]
    assert dict(refused.facts) == {
        "field": field,
        "amount": stated(TOO_FINE[currency]),
        "currency_code": currency,
        "digits": str(DIGITS[currency]),
    }
    method, request = call(admin, coin(currency))
    assert method(request).amount == coin(currency)


@pytest.mark.parametrize("amount", [money(100, 500_000_000, "JPY"), money(2, 999_000_000)])
def test_a_dry_run_says_so_too(admin: Caller, amount: Money) -> None:
    request = to_record(new_customer(admin).name, amount=amount)
    request.validate_only = True

    assert refusal(admin.purchases.RecordPurchase, request).reason == "AMOUNT_TOO_FINE"
    spend = to_spend(amount=amount)
    spend.validate_only = True
    assert refusal(admin.spends.RecordSpend, spend).reason == "AMOUNT_TOO_FINE"


@pytest.mark.parametrize("currency", ["XAU", "XDR", "XPD"])
def test_a_code_without_a_minor_unit_may_be_as_fine_as_one_likes(admin: Caller, currency: str) -> None:
    for call, _ in CALLS:
        method, request = call(admin, money(0, 1, currency))
        assert method(request).amount == money(0, 1, currency)


def test_of_an_import_the_items_that_are_too_fine_are_refused_and_the_others_recorded(admin: Caller) -> None:
    ann = new_customer(admin).name
    amounts = [money(3), money(2, 999_000_000), money(100, 500_000_000, "JPY"), money(100, 0, "JPY")]
    items = [to_import(ann, amount=amount) for amount in amounts]

    answer = admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))

    assert answer.imported_count == 2
    assert [(each.index, each.status.reason, each.status.field) for each in answer.rejected] == [
        (1, "AMOUNT_TOO_FINE", "purchase.amount"),
        (2, "AMOUNT_TOO_FINE", "purchase.amount"),
    ]
    assert answer.rejected[0].status.message == (
        "purchase.amount is 2.999 EUR, and EUR has 2 digits behind the point."
    )
    totals = {each.currency_code: each.amount for each in read_customer(admin, ann).totals}
    assert totals == {"EUR": money(3), "JPY": money(100, 0, "JPY")}


def lines(*priced: tuple[str, Money]) -> list[ppb.PurchaseLine]:
    return [
        ppb.PurchaseLine(quantity=Decimal(value=how_many), unit_price=price) for how_many, price in priced
    ]


@pytest.mark.parametrize(
    ("priced", "place"),
    [
        ([("1", money(2, 999_000_000))], 0),
        ([("3", money(0, 333_000_000))], 0),
        ([("1", money(100, 500_000_000, "JPY"))], 0),
        ([("1", money(5)), ("1", money(0, 1_000_000)), ("1", money(0, 1_000_000))], 1),
    ],
)
def test_lines_that_come_to_less_than_a_coin_can_not_stand_for_the_amount(
    admin: Caller, priced: list[tuple[str, Money]], place: int
) -> None:
    request = ppb.RecordPurchaseRequest(
        parent=new_customer(admin).name, purchase=ppb.Purchase(lines=lines(*priced))
    )

    refused = refusal(admin.purchases.RecordPurchase, request)

    assert refused.reason == "AMOUNT_TOO_FINE"
    assert list(refused.faults) == [f"purchase.lines[{place}].unit_price"]
    assert not read_customer(admin, request.parent).totals


@pytest.mark.parametrize(
    ("priced", "amount", "paid"),
    [
        # 40.12 litres at 1.599 come to 64.15188; the till takes 64.15.
        ([("40.12", money(1, 599_000_000))], money(64, 150_000_000), money(64, 150_000_000)),
        ([("1000", money(0, 1_500_000))], None, money(1, 500_000_000)),
        ([("1", money(0, 5_000_000)), ("1", money(0, 5_000_000))], None, money(0, 10_000_000)),
        # Of a price in coins a part is rounded half up, line by line.
        ([("0.5", money(0, 10_000_000))], None, money(0, 10_000_000)),
        ([("0.5", money(101, 0, "JPY"))], None, money(51, 0, "JPY")),
    ],
)
def test_a_price_may_be_finer_where_what_was_paid_is_in_coins(
    admin: Caller, priced: list[tuple[str, Money]], amount: Money | None, paid: Money
) -> None:
    purchase = ppb.Purchase(lines=lines(*priced), amount=amount)

    answer = admin.purchases.RecordPurchase(
        ppb.RecordPurchaseRequest(parent=new_customer(admin).name, purchase=purchase)
    )

    assert answer.amount == paid
    assert list(answer.lines) == list(purchase.lines)


def test_what_every_money_of_a_request_is_checked_for_is_known_here() -> None:
    """The fields of money that a caller sets; a new one needs the check, and a line here."""
    found = set()
    for message in (
        ppb.RecordPurchaseRequest,
        ppb.RefundPurchaseRequest,
        ppb.ImportItem,
        spends_pb2.RecordSpendRequest,
    ):
        found |= {
            f"{inner.containing_type.name}.{inner.name}"
            for field in message.DESCRIPTOR.fields
            for inner in _monies(field)
        }
    assert found == {
        "Purchase.amount",
        "Purchase.refunded_amount",  # set by the server
        "PurchaseLine.unit_price",
        "RefundPurchaseRequest.amount",
        "Spend.amount",
    }


def _monies(field: Any) -> list[Any]:
    if field.message_type is None:
        return []
    if field.message_type.full_name == "google.type.Money":
        return [field]
    if not field.message_type.full_name.startswith("clientela."):
        return []
    return [inner for each in field.message_type.fields for inner in _monies(each)]

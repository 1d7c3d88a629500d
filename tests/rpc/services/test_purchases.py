"""PurchaseService: a purchase's life, and its RPCs; for the streams see test_imports, test_exports."""

from typing import Any

import grpc
import pytest
from google.type.decimal_pb2 import Decimal

from clientela.v1 import customers_pb2
from clientela.v1 import purchases_pb2 as pb
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import at, money, new_customer, new_purchase, read_customer, to_record
from tests.rpc.refusals import refusal

Code = grpc.StatusCode


def read(caller: Caller, name: str) -> pb.Purchase:
    found: pb.Purchase = caller.purchases.GetPurchase(pb.GetPurchaseRequest(name=name))
    return found


def refund(caller: Caller, name: str, **fields: Any) -> pb.Purchase:
    request = pb.RefundPurchaseRequest(**{"name": name, "reason": "broken", **fields})
    back: pb.Purchase = caller.purchases.RefundPurchase(request)
    return back


def test_the_life_of_a_purchase(clerk: Caller) -> None:
    # Ann buys two cups and half a kilo of tea.
    ann = new_customer(clerk)
    bought = new_purchase(
        clerk,
        ann.name,
        amount=money(20),
        lines=[
            pb.PurchaseLine(sku="cup", quantity=Decimal(value="2"), unit_price=money(6)),
            pb.PurchaseLine(sku="tea", quantity=Decimal(value="0.5"), unit_price=money(16)),
        ],
        purpose=pb.PURCHASE_PURPOSE_OWN_USE,
        note="gift wrap",
    )
    assert bought.name.startswith(f"{ann.name}/purchases/")
    assert bought.recorded_by == "clerk"
    assert bought.purchase_time == bought.create_time
    assert read(clerk, bought.name) == bought

    # One cup was broken: she gets its price back, and the purchase remembers.
    back = refund(clerk, bought.name, amount=money(6), reason="one cup was broken")
    assert (back.refund_of, back.note, back.amount) == (bought.name, "one cup was broken", money(6))
    assert back.revision > bought.revision
    assert read(clerk, bought.name).refunded_amount == money(6)

    # Then she brings back the rest, all that is left of it; there is nothing more to give back.
    assert refund(clerk, bought.name).amount == money(14)
    refused = refusal(
        clerk.purchases.RefundPurchase, pb.RefundPurchaseRequest(name=bought.name, reason="again")
    )
    assert (refused.code, refused.reason) == (Code.FAILED_PRECONDITION, "REFUNDED_WHOLLY")

    # The ledger holds three entries in the order in which they were made, and they come to nothing.
    entries = clerk.purchases.ListPurchases(pb.ListPurchasesRequest(parent=ann.name)).purchases
    assert [entry.amount.units for entry in entries] == [20, 6, 14]
    [totals] = read_customer(clerk, ann.name).totals
    assert (totals.purchase_count, totals.amount) == (1, money(0))


# ---- RecordPurchase


def test_the_amount_of_a_purchase_may_be_left_to_its_lines(admin: Caller) -> None:
    request = pb.RecordPurchaseRequest(parent=new_customer(admin).name)
    request.purchase.lines.append(
        pb.PurchaseLine(quantity=Decimal(value="3"), unit_price=money(0, 330_000_000))
    )

    assert admin.purchases.RecordPurchase(request).amount == money(0, 990_000_000)


def test_a_gift_is_a_purchase_of_zero_and_counts(admin: Caller) -> None:
    ann = new_customer(admin)
    new_purchase(admin, ann.name, 0)

    [totals] = read_customer(admin, ann.name).totals
    assert (totals.purchase_count, totals.amount) == (1, money(0))


def test_totals_are_kept_for_each_currency_in_order_of_their_codes(admin: Caller) -> None:
    ann = new_customer(admin)
    for currency in ("PLN", "EUR", "PLN"):
        new_purchase(admin, ann.name, amount=money(5, 0, currency))

    totals = read_customer(admin, ann.name).totals
    assert [(each.currency_code, each.amount.units) for each in totals] == [("EUR", 5), ("PLN", 10)]


def test_a_back_dated_purchase_moves_the_first_time_and_not_the_last(admin: Caller) -> None:
    ann = new_customer(admin)
    for seconds in (1_000, 3_000, 2_000, 500):
        new_purchase(admin, ann.name, purchase_time=at(seconds))

    [totals] = read_customer(admin, ann.name).totals
    assert (totals.first_purchase_time, totals.last_purchase_time) == (at(500), at(3_000))


def test_what_the_server_sets_is_not_taken_from_the_caller(clerk: Caller) -> None:
    ann = new_customer(clerk)
    made = new_purchase(clerk, ann.name, recorded_by="me", revision=7, refund_of=f"{ann.name}/purchases/x")

    assert made.recorded_by == "clerk"
    assert made.revision != 7
    assert not made.HasField("refund_of")


def test_a_purchase_may_be_given_an_id(admin: Caller) -> None:
    ann = new_customer(admin)
    request = to_record(ann.name)
    request.purchase_id = "order-2026.1"

    assert admin.purchases.RecordPurchase(request).name == f"{ann.name}/purchases/order-2026.1"
    assert refusal(admin.purchases.RecordPurchase, request).reason == "PURCHASE_EXISTS"


# ---- ListPurchases


def names(caller: Caller, parent: str, **asked: Any) -> list[str]:
    request = pb.ListPurchasesRequest(parent=parent, **asked)
    return [purchase.name for purchase in caller.purchases.ListPurchases(request).purchases]


def test_one_customers_purchases_are_listed_or_those_of_all(admin: Caller) -> None:
    token = fresh("by")
    ann, bob = new_customer(admin), new_customer(admin)
    sold = [new_purchase(admin, buyer.name, note=token).name for buyer in (ann, bob, ann)]

    assert names(admin, ann.name) == [sold[0], sold[2]]
    same = f'name = "{sold[0]}" OR name = "{sold[1]}"'
    assert names(admin, "customers/-", filter=same) == sold[:2]


def test_purchases_come_in_the_order_asked_for(admin: Caller) -> None:
    ann = new_customer(admin)
    dear = new_purchase(admin, ann.name, 30, purchase_time=at(10)).name
    cheap = new_purchase(admin, ann.name, 10, purchase_time=at(30)).name
    fair = new_purchase(admin, ann.name, 20, 50_000_000, purchase_time=at(20)).name

    assert names(admin, ann.name) == [dear, cheap, fair]
    assert names(admin, ann.name, order_by="amount") == [cheap, fair, dear]
    assert names(admin, ann.name, order_by="amount desc") == [dear, fair, cheap]
    assert names(admin, ann.name, order_by="purchase_time desc, name") == [cheap, fair, dear]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("amount >= 10", {"dear", "fair"}),
        ("amount = 10.050000000", {"fair"}),
        ("amount < 1 OR amount > 20", {"gift", "dear"}),
        ('purchase_time < "1970-01-01T00:00:25Z"', {"dear", "fair"}),
        ("amount.currency_code = PLN", {"gift"}),
        ("purpose = RESALE", {"fair"}),
        ("purpose = PURCHASE_PURPOSE_RESALE", {"fair"}),
        ("-purpose:RESALE", {"gift", "dear", "back"}),
        ("refund_of:*", {"back"}),
        ("recorded_by = clerk AND NOT refund_of:* amount > 11", {"dear"}),
    ],
)
def test_filters_find_purchases(clerk: Caller, shop: dict[str, str], wanted: str, found: set[str]) -> None:
    listed = names(clerk, shop["ann"], filter=wanted)

    assert {kind for kind, name in shop.items() if name in listed} == found


@pytest.fixture(scope="module")
def shop(clerk: Caller) -> dict[str, str]:
    """Some purchases of Ann, by a word for each."""
    ann = new_customer(clerk).name
    made = {
        "gift": new_purchase(clerk, ann, amount=money(0, 0, "PLN"), purchase_time=at(30)),
        "dear": new_purchase(clerk, ann, 30, purchase_time=at(10)),
        "fair": new_purchase(
            clerk, ann, 10, 50_000_000, purchase_time=at(20), purpose=pb.PURCHASE_PURPOSE_RESALE
        ),
    }
    shop = {kind: purchase.name for kind, purchase in made.items()}
    return {"ann": ann, **shop, "back": refund(clerk, shop["dear"], amount=money(1)).name}


def test_purchases_of_a_deleted_customer_are_still_there(admin: Caller) -> None:
    ann = new_customer(admin)
    bought = new_purchase(admin, ann.name)
    admin.customers.DeleteCustomer(customers_pb2.DeleteCustomerRequest(name=ann.name))

    assert names(admin, ann.name) == [bought.name]
    assert refund(admin, bought.name).refund_of == bought.name


# ---- RefundPurchase


def test_a_refund_sent_twice_with_one_request_id_is_given_once(admin: Caller) -> None:
    bought = new_purchase(admin, new_customer(admin).name)
    wish = {"amount": money(4), "request_id": request_id()}

    assert refund(admin, bought.name, **wish) == refund(admin, bought.name, **wish)
    assert read(admin, bought.name).refunded_amount == money(4)

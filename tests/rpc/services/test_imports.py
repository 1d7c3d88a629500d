"""ImportPurchases: a stream of messages, each item recorded, known already, or rejected with its reason."""

from collections.abc import Iterable

import grpc
import pytest

from clientela.v1 import purchases_pb2 as pb
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import at, money, new_customer, new_purchase, read_customer, to_import, to_record
from tests.rpc.refusals import refusal

Code = grpc.StatusCode


def imported(
    caller: Caller, *messages: Iterable[pb.ImportItem], create: bool = False
) -> pb.ImportPurchasesResponse:
    """Import messages of items."""
    stream = (pb.ImportPurchasesRequest(items=items, create_missing_customers=create) for items in messages)
    answer: pb.ImportPurchasesResponse = caller.purchases.ImportPurchases(stream)
    return answer


def counts(answer: pb.ImportPurchasesResponse) -> tuple[int, int, int]:
    return answer.imported_count, answer.duplicate_count, len(answer.rejected)


def test_a_stream_of_full_messages_is_recorded_and_sent_again_adds_nothing(admin: Caller) -> None:
    ann = new_customer(admin)
    messages = [[to_import(ann.name, 1) for _ in range(1000)] for _ in range(2)]

    assert counts(imported(admin, *messages)) == (2000, 0, 0)
    assert counts(imported(admin, *messages)) == (0, 2000, 0)

    [totals] = read_customer(admin, ann.name).totals
    assert (totals.purchase_count, totals.amount) == (2000, money(2000))


def test_an_item_sent_twice_within_one_message_is_recorded_once(admin: Caller) -> None:
    item = to_import(new_customer(admin).name)

    assert counts(imported(admin, [item, item])) == (1, 1, 0)


def test_a_stream_of_nothing_is_answered(admin: Caller) -> None:
    assert counts(imported(admin)) == (0, 0, 0)
    assert counts(imported(admin, [], [])) == (0, 0, 0)


def test_imported_purchases_read_as_others_do(clerk: Caller) -> None:
    ann = new_customer(clerk)
    item = to_import(ann.name, 7, purchase_time=at(1_000), source=pb.PURCHASE_SOURCE_IMPORT, note="x")
    answer = imported(clerk, [item])

    [entry] = clerk.purchases.ListPurchases(pb.ListPurchasesRequest(parent=ann.name)).purchases

    assert (entry.amount, entry.purchase_time, entry.note) == (money(7), at(1_000), "x")
    assert (entry.recorded_by, entry.revision) == ("clerk", answer.revision)


def test_the_purchases_name_may_say_whose_it_is(admin: Caller) -> None:
    ann = new_customer(admin)
    item = to_import(ann.name)
    item.ClearField("customer")
    item.purchase.name = f"{ann.name}/purchases/order-1"
    imported(admin, [item])

    found = admin.purchases.GetPurchase(pb.GetPurchaseRequest(name=item.purchase.name))
    assert found.amount == money(10)


def test_missing_customers_are_registered_where_asked_for_once_each(admin: Caller) -> None:
    new = [f"customers/{fresh()}" for _ in range(2)]
    messages = [[to_import(name), to_import(name)] for name in (*new, *new)]

    answer = imported(admin, *messages, create=True)

    assert counts(answer) == (8, 0, 0)
    assert answer.created_customer_count == 2
    assert read_customer(admin, new[0]).display_name == new[0].removeprefix("customers/")


def test_missing_customers_are_rejected_where_not(admin: Caller) -> None:
    item = to_import(f"customers/{fresh()}")

    [rejected] = imported(admin, [item]).rejected

    assert (rejected.index, rejected.request_id) == (0, item.request_id)
    assert (rejected.status.code, rejected.status.reason) == (Code.NOT_FOUND.value[0], "CUSTOMER_NOT_FOUND")
    assert rejected.status.metadata["name"] == item.customer


def test_rejected_items_are_reported_by_their_place_in_the_stream_and_the_rest_stands(admin: Caller) -> None:
    ann = new_customer(admin)
    messages = [[to_import(ann.name) for _ in range(5)] for _ in range(3)]
    messages[0][3].purchase.amount.units = -1
    messages[1][0].purchase.amount.currency_code = "euro"
    messages[2][4].customer = f"customers/{fresh()}"

    answer = imported(admin, *messages)

    assert counts(answer) == (12, 0, 3)
    assert [(each.index, each.status.reason, each.status.field) for each in answer.rejected] == [
        (3, "FIELD_INVALID", "purchase.amount"),
        (5, "FIELD_INVALID", "purchase.amount"),
        (14, "CUSTOMER_NOT_FOUND", ""),
    ]
    assert read_customer(admin, ann.name).totals[0].purchase_count == 12


def wrong(ann: str, name: str = "", **fields: object) -> pb.ImportItem:
    return pb.ImportItem(
        **{"purchase": pb.Purchase(amount=money(1), name=name), "customer": ann, "request_id": request_id()}
        | fields
    )


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"request_id": "7"}, "FIELD_INVALID", "request_id"),
        ({"request_id": ""}, "FIELD_INVALID", "request_id"),
        ({"purchase": None}, "FIELD_INVALID", "purchase"),
        ({"purchase": pb.Purchase()}, "AMOUNT_MISSING", "purchase.amount"),
        ({"customer": "ann"}, "FIELD_INVALID", "customer"),
        ({"customer": ""}, "FIELD_INVALID", "customer"),
        ({"customer": None}, "FIELD_MISSING", "customer"),
        ({"name": "customers/other/purchases/1"}, "PARENT_MISMATCH", "customer"),
        ({"name": "orders/1"}, "FIELD_INVALID", "purchase.name"),
        (
            {"purchase": pb.Purchase(amount=money(1), purchase_time=at(9_999_999_999))},
            "PURCHASE_IN_FUTURE",
            "purchase.purchase_time",
        ),
    ],
)
def test_what_is_wrong_with_an_item_is_reported_by_reason_and_field(
    admin: Caller, fields: dict[str, object], reason: str, field: str
) -> None:
    [rejected] = imported(admin, [wrong(new_customer(admin).name, **fields)]).rejected

    assert (rejected.status.reason, rejected.status.field) == (reason, field)
    assert rejected.status.code == Code.INVALID_ARGUMENT.value[0]
    assert rejected.status.message


def test_another_purchase_under_a_name_or_a_request_id_that_is_taken_is_rejected(admin: Caller) -> None:
    ann = new_customer(admin)
    taken = new_purchase(admin, ann.name).name
    first = to_import(ann.name, 1)
    other = pb.ImportItem(
        purchase=pb.Purchase(amount=money(2)), customer=ann.name, request_id=first.request_id
    )

    answer = imported(admin, [first, wrong(ann.name, name=taken), other])

    assert counts(answer) == (1, 0, 2)
    assert [each.status.reason for each in answer.rejected] == ["PURCHASE_EXISTS", "REQUEST_ID_REUSED"]


def named(purchase: pb.Purchase, name: str, **other: object) -> pb.ImportItem:
    """An item that states what a purchase says already, but for what is other."""
    stated = pb.Purchase(name=name, amount=purchase.amount, purchase_time=purchase.purchase_time)
    stated.lines.extend(purchase.lines)
    stated.MergeFrom(pb.Purchase(**other))
    return pb.ImportItem(purchase=stated, request_id=request_id())


def test_what_the_ledger_says_of_a_purchase_already_is_a_duplicate_whoever_says_it(
    admin: Caller, clerk: Caller
) -> None:
    ann = new_customer(admin)
    there = new_purchase(admin, ann.name, note="hi", lines=[pb.PurchaseLine(sku="a")])
    same = named(there, there.name, note="hi", source=pb.PURCHASE_SOURCE_IMPORT)

    assert counts(imported(clerk, [same])) == (0, 1, 0)
    again = named(there, f"{ann.name}/purchases/new")
    twice = named(there, f"{ann.name}/purchases/new")
    assert counts(imported(admin, [again, twice])) == (1, 1, 0), "also within one message"
    assert read_customer(admin, ann.name).totals[0].purchase_count == 2


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"amount": money(11)}, "amount"),
        ({"purchase_time": at(1_000)}, "purchase_time"),
        ({"note": "ho"}, "note"),
        ({"lines": [pb.PurchaseLine(sku="b")]}, "lines"),
        ({"purpose": pb.PURCHASE_PURPOSE_RESALE}, "purpose"),
        ({"sales_path": pb.SALES_PATH_DIRECT, "note": "ho"}, "sales_path, note"),
    ],
)
def test_a_purchase_that_says_something_else_is_refused_with_the_fields(
    admin: Caller, other: dict[str, object], differs: str
) -> None:
    ann = new_customer(admin)
    there = new_purchase(admin, ann.name, purchase_time=at(2_000))

    [rejected] = imported(admin, [named(there, there.name, **other)]).rejected

    assert rejected.status.reason == "PURCHASE_EXISTS"
    assert rejected.status.metadata["differs"] == differs
    assert admin.purchases.GetPurchase(pb.GetPurchaseRequest(name=there.name)) == there


def test_a_refund_is_no_duplicate_of_a_purchase(admin: Caller) -> None:
    ann = new_customer(admin)
    paid = new_purchase(admin, ann.name)
    refund = admin.purchases.RefundPurchase(pb.RefundPurchaseRequest(name=paid.name, reason="broken"))

    [rejected] = imported(admin, [named(refund, refund.name)]).rejected

    assert "refund_of" in rejected.status.metadata["differs"]


def test_a_recorded_purchases_request_id_is_known_to_an_import(admin: Caller) -> None:
    """The id stands for one request: an import's item is another one than RecordPurchase's."""
    ann = new_customer(admin)
    request = to_record(ann.name)
    request.request_id = request_id()
    admin.purchases.RecordPurchase(request)

    [rejected] = imported(admin, [wrong(ann.name, request_id=request.request_id)]).rejected

    assert rejected.status.reason == "REQUEST_ID_REUSED"


def test_more_than_a_thousand_items_in_a_message_are_refused(admin: Caller) -> None:
    items = [pb.ImportItem()] * 1001

    refused = refusal(admin.purchases.ImportPurchases, iter([pb.ImportPurchasesRequest(items=items)]))

    assert (refused.code, list(refused.faults)) == (Code.INVALID_ARGUMENT, ["items"])


def test_too_many_rejected_items_end_the_stream_and_what_was_recorded_stays(admin: Caller) -> None:
    ann = new_customer(admin)
    good, bad = pb.ImportPurchasesRequest(items=[to_import(ann.name)]), pb.ImportItem()
    stream = [good, *[pb.ImportPurchasesRequest(items=[bad] * 1000)] * 11]

    refused = refusal(admin.purchases.ImportPurchases, iter(stream))

    assert (refused.code, refused.reason) == (Code.FAILED_PRECONDITION, "IMPORT_TOO_MANY_REJECTED")
    assert refused.facts == {"limit": "10000"}
    assert read_customer(admin, ann.name).totals[0].purchase_count == 1


def test_a_stream_cut_in_the_middle_is_sent_again_whole(admin: Caller) -> None:
    ann = new_customer(admin)
    messages = [pb.ImportPurchasesRequest(items=[to_import(ann.name) for _ in range(10)]) for _ in range(4)]

    def cut() -> Iterable[pb.ImportPurchasesRequest]:
        yield from messages[:2]
        raise ConnectionError("the line was cut")

    with pytest.raises(grpc.RpcError):
        admin.purchases.ImportPurchases(cut())
    answer = admin.purchases.ImportPurchases(iter(messages))

    assert answer.imported_count + answer.duplicate_count == 40
    assert read_customer(admin, ann.name).totals[0].purchase_count == 40

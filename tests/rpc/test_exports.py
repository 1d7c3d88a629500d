"""ExportPurchases: the whole ledger, or one customer's, as it was at one revision."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from clientela.v1 import purchases_pb2 as pb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase, to_import
from tests.rpc.refusals import refusal


def exported(caller: Caller, parent: str, **asked: Any) -> list[pb.ExportPurchasesResponse]:
    return list(caller.purchases.ExportPurchases(pb.ExportPurchasesRequest(parent=parent, **asked)))


def purchases_of(pages: list[pb.ExportPurchasesResponse]) -> list[pb.Purchase]:
    return [purchase for page in pages for purchase in page.purchases]


def listed(caller: Caller, parent: str, **asked: Any) -> Iterator[pb.Purchase]:
    """All pages of the list."""
    request = pb.ListPurchasesRequest(parent=parent, page_size=1000, **asked)
    while True:
        page = caller.purchases.ListPurchases(request)
        yield from page.purchases
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


@pytest.fixture(scope="module")
def buyer(admin: Caller) -> str:
    """A customer with 1,200 purchases, some of them refunded."""
    ann = new_customer(admin).name
    messages = [
        pb.ImportPurchasesRequest(items=[to_import(ann, number) for number in range(600)]) for _ in range(2)
    ]
    admin.purchases.ImportPurchases(iter(messages))
    two = pb.ListPurchasesRequest(parent=ann, page_size=2, filter="amount > 0")
    for purchase in admin.purchases.ListPurchases(two).purchases:
        admin.purchases.RefundPurchase(pb.RefundPurchaseRequest(name=purchase.name, reason="x"))
    return ann


def test_an_export_is_the_list_in_pages_of_five_hundred(admin: Caller, buyer: str) -> None:
    pages = exported(admin, buyer)

    assert [len(page.purchases) for page in pages] == [500, 500, 202]
    assert purchases_of(pages) == list(listed(admin, buyer))
    assert len({page.revision for page in pages}) == 1


def test_an_export_of_all_customers_is_the_list_of_all(admin: Caller, buyer: str) -> None:
    assert purchases_of(exported(admin, "customers/-")) == list(listed(admin, "customers/-"))


def test_an_export_may_be_filtered(admin: Caller, buyer: str) -> None:
    wanted = "amount >= 599 OR refund_of:*"

    assert purchases_of(exported(admin, buyer, filter=wanted)) == list(listed(admin, buyer, filter=wanted))
    assert len(purchases_of(exported(admin, buyer, filter=wanted))) == 4


def test_an_export_of_no_purchases_is_empty(admin: Caller) -> None:
    assert purchases_of(exported(admin, new_customer(admin).name)) == []


def test_an_export_shows_one_moment_while_others_write(admin: Caller, buyer: str) -> None:
    export = admin.purchases.ExportPurchases(pb.ExportPurchasesRequest(parent=buyer))
    first = next(export)
    late = new_purchase(admin, buyer)
    [target] = admin.purchases.ListPurchases(
        pb.ListPurchasesRequest(parent=buyer, filter="amount = 300", page_size=1)
    ).purchases
    admin.purchases.RefundPurchase(pb.RefundPurchaseRequest(name=target.name, reason="late"))

    seen = purchases_of([first, *export])

    assert late.name not in {purchase.name for purchase in seen}
    assert max(purchase.revision for purchase in seen) <= first.revision < late.revision
    assert not next(purchase for purchase in seen if purchase.name == target.name).HasField("refunded_amount")


def test_an_export_of_nobody_is_refused(admin: Caller) -> None:
    request = pb.ExportPurchasesRequest(parent=f"customers/{fresh()}")

    refused = refusal(admin.purchases.ExportPurchases, request)

    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "CUSTOMER_NOT_FOUND")

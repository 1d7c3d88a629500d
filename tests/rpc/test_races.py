"""Concurrent writes: of two that conflict one is applied, and of others none is lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import money, new_customer, new_purchase, read_customer, to_create
from tests.rpc.refusals import Refused

RACES = 100


def both(method: Any, *requests: Any) -> list[Any]:
    """Send requests at the same time, without waiting in between; an answer or an error for each."""
    calls = [method.future(request) for request in requests]
    return [call.result() if call.exception() is None else Refused.of(call.exception()) for call in calls]


def test_of_two_updates_on_one_etag_one_wins_and_the_other_is_aborted(admin: Caller) -> None:
    ann = new_customer(admin)
    for race in range(RACES):
        patrons = [f"{editor}-{race}" for editor in ("jan", "eve")]
        requests = [
            cpb.UpdateCustomerRequest(customer=cpb.Customer(name=ann.name, patron=patron, etag=ann.etag))
            for patron in patrons
        ]

        answers = both(admin.customers.UpdateCustomer, *requests)

        [won] = [answer for answer in answers if not isinstance(answer, Refused)]
        [lost] = [answer for answer in answers if isinstance(answer, Refused)]
        assert (lost.code, lost.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
        assert lost.facts["current_etag"] == won.etag
        ann = read_customer(admin, ann.name)
        assert (ann, ann.etag != requests[0].customer.etag) == (won, True)


def test_an_update_and_a_deletion_on_one_etag_do_not_both_happen(admin: Caller) -> None:
    for _ in range(20):
        ann = new_customer(admin)
        update = admin.customers.UpdateCustomer.future(
            cpb.UpdateCustomerRequest(customer=cpb.Customer(name=ann.name, patron="Jan", etag=ann.etag))
        )
        deletion = admin.customers.DeleteCustomer.future(
            cpb.DeleteCustomerRequest(name=ann.name, etag=ann.etag)
        )

        errors = [call.exception() for call in (update, deletion)]

        assert errors.count(None) == 1
        found = read_customer(admin, ann.name)
        assert (found.patron == "Jan") == (errors[0] is None)
        assert found.HasField("delete_time") == (errors[1] is None)


def test_an_id_and_an_address_go_to_one_of_those_who_want_them(admin: Caller) -> None:
    for _ in range(20):
        customer_id, email = fresh(), f"{fresh()}@example.com"
        same_id = both(admin.customers.CreateCustomer, *[to_create(customer_id) for _ in range(4)])
        same_email = both(admin.customers.CreateCustomer, *[to_create(emails=[email]) for _ in range(4)])

        assert outcomes(same_id) == ["CUSTOMER_EXISTS"] * 3
        assert outcomes(same_email) == ["EMAIL_TAKEN"] * 3


def outcomes(answers: list[Any]) -> list[str]:
    return [answer.reason for answer in answers if isinstance(answer, Refused)]


def test_refunds_at_the_same_time_never_come_to_more_than_was_paid(admin: Caller) -> None:
    for _ in range(10):
        ann = new_customer(admin)
        bought = new_purchase(admin, ann.name, 10)
        request = ppb.RefundPurchaseRequest(name=bought.name, amount=money(3), reason="x")

        answers = both(admin.purchases.RefundPurchase, *[request] * 5)

        assert outcomes(answers) == ["REFUND_EXCEEDS_PURCHASE"] * 2
        assert read_customer(admin, ann.name).totals[0].amount == money(1)


def test_no_purchase_of_many_at_the_same_time_is_lost_from_the_totals(admin: Caller) -> None:
    ann = new_customer(admin)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda units: new_purchase(admin, ann.name, units), range(1, 101)))

    [totals] = read_customer(admin, ann.name).totals
    assert (totals.purchase_count, totals.amount) == (100, money(5050))

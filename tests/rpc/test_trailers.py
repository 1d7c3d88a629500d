"""What goes with every answer: which revision it reflects, and the id of the call."""

import re

import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_purchase, to_create, to_import, to_record
from tests.rpc.refusals import refusal
from tests.rpc.watching import head, written_since

REVISION, CALL_ID = "clientela-revision", "clientela-call-id"


def test_a_write_tells_the_revision_that_it_made(admin: Caller) -> None:
    before = head(admin)
    created, call = admin.customers.CreateCustomer.with_call(to_create())
    recorded, second = admin.purchases.RecordPurchase.with_call(to_record(created.name))
    written = [(each.revision, each.name) for each in written_since(admin, before)]

    assert written == [
        (int(dict(call.trailing_metadata())[REVISION]), created.name),
        (int(dict(second.trailing_metadata())[REVISION]), recorded.name),
    ]
    assert written[1][0] == recorded.revision


def test_a_read_after_a_write_reflects_it_and_tells_so(admin: Caller) -> None:
    for _ in range(20):
        trailers = admin.customers.CreateCustomer.trailers(request := to_create())
        name = f"customers/{request.customer_id}"
        read = admin.customers.GetCustomer.trailers(cpb.GetCustomerRequest(name=name))

        assert int(read[REVISION]) >= int(trailers[REVISION])


def test_every_read_tells_the_revision_that_it_reflects(admin: Caller) -> None:
    ann = new_customer(admin)
    bought = new_purchase(admin, ann.name)
    reads = [
        (admin.customers.GetCustomer, cpb.GetCustomerRequest(name=ann.name)),
        (admin.customers.BatchGetCustomers, cpb.BatchGetCustomersRequest(names=[ann.name])),
        (admin.customers.ListCustomers, cpb.ListCustomersRequest()),
        (admin.purchases.GetPurchase, ppb.GetPurchaseRequest(name=bought.name)),
        (admin.purchases.ListPurchases, ppb.ListPurchasesRequest(parent=ann.name)),
        (admin.feed.ListHistory, fpb.ListHistoryRequest(name=ann.name)),
    ]
    for method, request in reads:
        assert bought.revision <= int(method.trailers(request)[REVISION]) <= head(admin)


def test_streams_tell_their_revision_at_the_end(admin: Caller) -> None:
    ann = new_customer(admin)
    bought = new_purchase(admin, ann.name)
    export = admin.purchases.ExportPurchases(ppb.ExportPurchasesRequest(parent=ann.name))
    pages = list(export)
    imported, call = admin.purchases.ImportPurchases.with_call(
        iter([ppb.ImportPurchasesRequest(items=[to_import(ann.name)])])
    )

    assert int(dict(export.trailing_metadata())[REVISION]) == pages[0].revision >= bought.revision
    assert int(dict(call.trailing_metadata())[REVISION]) == imported.revision
    [written] = written_since(admin, bought.revision)
    assert written.revision == imported.revision


def test_a_request_sent_again_tells_the_revision_of_its_write(admin: Caller) -> None:
    request = to_create()
    request.request_id = "b7ad8c2e-9b5d-4e0c-8f0e-7d1f2a3b4c5d"
    first = admin.customers.CreateCustomer.trailers(request)
    new_customer(admin)

    assert admin.customers.CreateCustomer.trailers(request)[REVISION] == first[REVISION]


def test_every_answer_has_a_call_id_of_its_own_and_refusals_have_one_too(admin: Caller) -> None:
    ann = new_customer(admin)
    request = cpb.GetCustomerRequest(name=ann.name)
    ids = [admin.customers.GetCustomer.trailers(request)[CALL_ID] for _ in range(3)]
    lost = cpb.GetCustomerRequest(name=f"customers/{fresh()}")
    ids.append(refusal(admin.customers.GetCustomer, lost).trailers[CALL_ID])

    assert len(set(ids)) == 4
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in ids)


def test_a_refusal_for_what_is_not_there_tells_as_of_when(admin: Caller) -> None:
    """So that a reader who knows of a later write can tell that this answer is too old."""
    now = head(admin)
    lost = f"customers/{fresh()}"

    refused = refusal(admin.customers.GetCustomer, cpb.GetCustomerRequest(name=lost))

    assert int(refused.trailers[REVISION]) >= now


@pytest.mark.parametrize("sent", ["abc", "x" * 3000])
def test_a_callers_own_trace_id_does_no_harm(admin: Caller, sent: str) -> None:
    metadata = (
        ("x-request-id", sent),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    )

    assert admin.customers.CreateCustomer(to_create(), metadata=metadata).name

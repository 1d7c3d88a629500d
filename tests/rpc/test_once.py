"""Exactly once: a request id stands for one request, however often and however much at once it is sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import money, new_customer, new_purchase, read_customer, to_create, to_import, to_record
from tests.rpc.refusals import Refused, refusal
from tests.rpc.watching import head, written_since

AT_ONCE = 8


def all_at_once(method: Callable[[Any], Any], requests: list[Any]) -> list[Any]:
    """Send requests at the same time; an answer or an error for each."""

    def send(request: Any) -> Any:
        try:
            return method(request)
        except grpc.RpcError as error:
            return Refused.of(error)

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


def test_a_purchase_sent_eight_times_at_once_is_recorded_once_and_answered_eight_times(admin: Caller) -> None:
    ann = new_customer(admin)
    request = to_record(ann.name)
    for _ in range(10):
        request.request_id = request_id()
        before = head(admin)

        answers = all_at_once(admin.purchases.RecordPurchase, AT_ONCE * [request])

        assert all(answer == answers[0] for answer in answers)
        assert len(written_since(admin, before)) == 1
    assert read_customer(admin, ann.name).totals[0].purchase_count == 10


def test_of_two_bodies_under_one_request_id_the_first_to_come_is_done_and_the_other_refused(
    admin: Caller,
) -> None:
    ann = new_customer(admin)
    for _ in range(10):
        same, other = to_record(ann.name, 5), to_record(ann.name, 7)
        same.request_id = other.request_id = request_id()
        before = head(admin)

        answers = all_at_once(admin.purchases.RecordPurchase, [other, *(AT_ONCE - 1) * [same]])

        done = [answer for answer in answers if not isinstance(answer, Refused)]
        refused = [answer for answer in answers if isinstance(answer, Refused)]
        assert len(done) in (1, AT_ONCE - 1)
        assert all(answer == done[0] for answer in done)
        assert {(each.code, each.reason) for each in refused} == {
            (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
        }
        assert len(written_since(admin, before)) == 1


def life_of_a_customer() -> list[tuple[str, Any]]:
    """One write of each kind to the registry, in an order in which each can be done."""
    name = f"customers/{fresh()}"
    changed = cpb.Customer(name=name, patron="Jan")
    return [
        ("CreateCustomer", to_create(name.split("/")[1])),
        (
            "UpdateCustomer",
            cpb.UpdateCustomerRequest(customer=changed, update_mask=FieldMask(paths=["patron"])),
        ),
        ("DeleteCustomer", cpb.DeleteCustomerRequest(name=name)),
        ("UndeleteCustomer", cpb.UndeleteCustomerRequest(name=name)),
        ("EraseCustomer", cpb.EraseCustomerRequest(name=name)),
    ]


def test_every_write_of_the_registry_sent_again_gives_the_first_answer_and_writes_nothing(
    admin: Caller,
) -> None:
    for method, request in life_of_a_customer():
        request.request_id = request_id()
        write = getattr(admin.customers, method)
        first = write(request)
        before = head(admin)

        assert write(request) == first, method
        assert written_since(admin, before) == []


def test_the_first_answer_is_given_also_when_the_world_has_moved_on(admin: Caller) -> None:
    request = to_create()
    request.request_id = request_id()
    first = admin.customers.CreateCustomer(request)
    admin.customers.UpdateCustomer(
        cpb.UpdateCustomerRequest(customer=cpb.Customer(name=first.name, patron="Jan"))
    )
    new_purchase(admin, first.name)

    assert admin.customers.CreateCustomer(request) == first


def test_a_refund_sent_again_is_not_given_again(admin: Caller) -> None:
    bought = new_purchase(admin, new_customer(admin).name, 10)
    request = ppb.RefundPurchaseRequest(
        name=bought.name, amount=money(4), reason="x", request_id=request_id()
    )

    answers = all_at_once(admin.purchases.RefundPurchase, AT_ONCE * [request])

    assert all(answer == answers[0] for answer in answers)
    found = admin.purchases.GetPurchase(ppb.GetPurchaseRequest(name=bought.name))
    assert found.refunded_amount == money(4)


def test_another_body_or_another_method_under_a_used_id_is_refused_and_writes_nothing(admin: Caller) -> None:
    ann = new_customer(admin)
    used = request_id()
    admin.purchases.RecordPurchase(_with_id(to_record(ann.name, 5), used))
    before = head(admin)

    for method, request in (
        (admin.purchases.RecordPurchase, to_record(ann.name, 7)),
        (admin.customers.CreateCustomer, to_create()),
        (admin.customers.DeleteCustomer, cpb.DeleteCustomerRequest(name=ann.name)),
    ):
        refused = refusal(method, _with_id(request, used))
        assert (refused.code, refused.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
        assert refused.facts == {"request_id": used}
    assert written_since(admin, before) == []


def test_the_same_body_for_another_method_is_another_request(admin: Caller) -> None:
    ann = new_customer(admin)
    admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=ann.name))
    back = cpb.UndeleteCustomerRequest(name=ann.name, request_id=request_id())
    erase = cpb.EraseCustomerRequest(name=ann.name, request_id=back.request_id)
    assert back.SerializeToString() == erase.SerializeToString()
    admin.customers.UndeleteCustomer(back)

    assert refusal(admin.customers.EraseCustomer, erase).reason == "REQUEST_ID_REUSED"
    assert not read_customer(admin, ann.name).HasField("erase_time")


def test_a_used_id_tells_a_request_of_its_own_also_when_that_would_be_refused(admin: Caller) -> None:
    """What counts is that it is another request; what is wrong with that one does not matter."""
    ann = new_customer(admin)
    used = request_id()
    admin.purchases.RecordPurchase(_with_id(to_record(ann.name), used))

    refused = refusal(admin.purchases.RecordPurchase, _with_id(to_record(f"customers/{fresh()}"), used))

    assert refused.reason == "REQUEST_ID_REUSED"


def test_two_callers_may_use_the_same_id(admin: Caller, clerk: Caller) -> None:
    ann = new_customer(admin)
    request = _with_id(to_record(ann.name), request_id())

    recorded = {caller.purchases.RecordPurchase(request).name for caller in (admin, clerk)}

    assert len(recorded) == 2


def test_without_a_request_id_each_call_is_a_write_of_its_own(admin: Caller) -> None:
    ann = new_customer(admin)

    assert len({new_purchase(admin, ann.name).name for _ in range(3)}) == 3


@pytest.mark.parametrize("copies", [1, 3])
def test_an_import_sent_by_many_at_once_records_each_item_once(admin: Caller, copies: int) -> None:
    ann = new_customer(admin)
    items = [to_import(ann.name) for _ in range(50) for _ in range(copies)]
    message = ppb.ImportPurchasesRequest(items=items)

    answers = all_at_once(lambda each: admin.purchases.ImportPurchases(iter([each])), 4 * [message])

    assert sum(answer.imported_count for answer in answers) == 50 * copies
    assert sum(answer.duplicate_count for answer in answers) == 3 * 50 * copies
    assert read_customer(admin, ann.name).totals[0].purchase_count == 50 * copies


def _with_id(request: Any, used: str) -> Any:
    request.request_id = used
    return request

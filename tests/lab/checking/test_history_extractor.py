"""Requests and responses are extracted from a recording's bytes, and checked as any history is."""

from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as pb
from clientela.v1 import segments_pb2, spends_pb2, standing_pb2
from clientela_lab.checking.checker import Kind, check
from clientela_lab.checking.history import Row
from clientela_lab.checking.history_extractor import extract_history, key_of_entry, subject_of
from clientela_lab.checking.money import NANOS, euros
from clientela_lab.checking.recorded_calls import calls
from tests.lab.recorded import Script

RECORD = "PurchaseService/RecordPurchase"
NAME = "customers/ann/purchases/1"


def asked_for(note: str = "beans", request_id: str = "id-1", **more: Any) -> pb.RecordPurchaseRequest:
    purchase = pb.Purchase(amount=euros(500), note=note)
    return pb.RecordPurchaseRequest(parent="customers/ann", purchase=purchase, request_id=request_id, **more)


def answer(revision: int = 1, name: str = NAME) -> pb.Purchase:
    return pb.Purchase(name=name, revision=revision, amount=euros(500))


def row(revision: int = 1, key: str = "beans", name: str = NAME, amount: int = 5 * NANOS) -> Row:
    return Row(revision, name, key, "ann", amount)


def judged(script: Script, rows: list[Row], unrecorded: set[str] | None = None) -> list[Kind]:
    told = extract_history(calls(script.events), rows, unrecorded or set())
    return [breach.kind for breach in check(told, rows, {"ann": sum(each.amount for each in rows)})]


@pytest.mark.parametrize("cut", [0, 3, 20])
def test_a_message_is_read_from_the_frames_that_carried_it(cut: int) -> None:
    script = Script()
    call = script.begin(RECORD)
    script.message(call, asked_for(), cut=cut)
    [asked] = calls(script.events)
    assert asked.method == "PurchaseService.RecordPurchase"
    assert [request for _, request in asked.requests] == [asked_for()]
    assert asked.status is None


def test_what_is_no_message_of_ours_stays_away() -> None:
    script = Script()
    call = script.begin("Other/Rpc")
    for message in script.events:
        message["method"] = "/other.v1.Other/Rpc"
    script.message(call, asked_for())
    script.events[-1]["type"] = "other.v1.NobodyKnowsRequest"
    script.message(call, asked_for())
    script.events[-1]["type"] = None
    [asked] = calls(script.events)
    assert (asked.method, asked.requests) == ("Other.Rpc", [])


def test_a_sale_that_is_told_as_it_is_keeps_every_promise() -> None:
    script = Script()
    script.unary(RECORD, asked_for(), answer())
    assert judged(script, [row()]) == []


def test_a_sale_that_was_answered_and_is_not_there_is_lost() -> None:
    script = Script()
    script.unary(RECORD, asked_for(), answer())
    assert Kind.LOST in judged(script, [])


def test_a_reply_that_was_swallowed_was_not_told() -> None:
    script = Script()
    script.unary(RECORD, asked_for(), answer(), passed=False)
    assert judged(script, []) == []
    assert judged(script, [row()]) == []


def test_a_sale_asked_for_under_two_ids_and_there_twice_is_doubled() -> None:
    script = Script()
    script.unary(RECORD, asked_for(request_id="id-1"), answer(), passed=False)
    second = answer(2, "customers/ann/purchases/2")
    script.unary(RECORD, asked_for(request_id="id-2"), second)
    assert Kind.DOUBLED in judged(script, [row(), row(2, name=second.name)])


def test_a_refused_sale_that_is_there_is_seen() -> None:
    script = Script()
    script.unary(RECORD, asked_for(), status="INVALID_ARGUMENT")
    assert judged(script, []) == []
    assert Kind.REFUSED_YET_WRITTEN in judged(script, [row()])


def test_a_call_that_the_client_gave_up_stays_unknown() -> None:
    script = Script()
    script.unary(RECORD, asked_for(), status="CANCELLED", by="client")
    assert judged(script, []) == [] == judged(script, [row()])


def test_a_dry_run_asks_for_nothing() -> None:
    script = Script()
    script.unary(RECORD, asked_for(validate_only=True), answer(0, ""))
    assert judged(script, []) == []


def test_what_nobody_asked_for_is_foreign_unless_it_was_asked_for_past_the_proxy() -> None:
    assert Kind.FOREIGN in judged(Script(), [row(amount=0)])
    assert judged(Script(), [row(amount=0)], unrecorded={"beans"}) == []
    assert judged(Script(), [row(key=key_of_entry(1), amount=0)]) == []


def test_the_items_of_an_import_stand_each_for_itself() -> None:
    items = [
        pb.ImportItem(customer="customers/ann", purchase=pb.Purchase(amount=euros(500)), request_id=f"a-{n}")
        for n in range(2)
    ]
    rejected = pb.RejectedItem(request_id="a-1")
    rejected.status.code = 3
    script = Script()
    told = pb.ImportPurchasesResponse(imported_count=1, rejected=[rejected])
    script.unary("PurchaseService/ImportPurchases", pb.ImportPurchasesRequest(items=items), told)
    first = row(key="a-0", name="customers/ann/purchases/a0")
    assert judged(script, [first]) == []
    assert Kind.LOST in judged(script, [])
    assert Kind.REFUSED_YET_WRITTEN in judged(script, [first, row(2, "a-1", "customers/ann/purchases/a1")])


def test_the_customers_of_an_import_stand_each_for_itself() -> None:
    items = [cpb.CustomerItem(customer_id=each, request_id=f"a-{each}") for each in ("ann", "ben")]
    rejected = cpb.RejectedCustomer(request_id="a-ben")
    rejected.status.code = 6
    script = Script()
    told = cpb.ImportCustomersResponse(imported_count=1, rejected=[rejected])
    script.unary("CustomerService/ImportCustomers", cpb.ImportCustomersRequest(items=items), told)
    ann = row(key="a-ann", name="customers/ann", amount=0)
    assert judged(script, [ann]) == []
    assert Kind.LOST in judged(script, [])
    ben = Row(2, "customers/ben", "a-ben", "ben", 0)
    assert Kind.REFUSED_YET_WRITTEN in judged(script, [ann, ben])


def test_a_customer_of_an_import_that_is_named_by_the_server_may_have_any_name() -> None:
    script = Script()
    asked = cpb.ImportCustomersRequest(items=[cpb.CustomerItem(request_id="a-1")])
    script.unary("CustomerService/ImportCustomers", asked, cpb.ImportCustomersResponse(imported_count=1))
    made = Row(1, "customers/4d41c69ba7056d87819e", "a-1", "", 0)
    assert judged(script, [made]) == []


def test_a_read_is_held_against_the_ledger_of_its_revision() -> None:
    customer = cpb.Customer(name="customers/ann")
    customer.totals.add(currency_code="EUR", amount=euros(500))
    script = Script()
    script.unary(RECORD, asked_for(), answer())
    script.unary(
        "CustomerService/GetCustomer", cpb.GetCustomerRequest(name="customers/ann"), customer, revision=1
    )
    assert judged(script, [row()]) == []
    customer.totals[0].amount.units = 6
    script.unary(
        "CustomerService/GetCustomer", cpb.GetCustomerRequest(name="customers/ann"), customer, revision=1
    )
    assert judged(script, [row()]) == [Kind.READ_UNTRUE]


def test_a_refund_is_an_amount_below_zero() -> None:
    request = pb.RefundPurchaseRequest(name=NAME, amount=euros(200), reason="torn", request_id="id-2")
    back = answer(2, "customers/ann/purchases/2")
    script = Script()
    script.unary(RECORD, asked_for(), answer())
    script.unary("PurchaseService/RefundPurchase", request, back)
    assert judged(script, [row(), row(2, "torn", back.name, -2 * NANOS)]) == []
    assert Kind.CHANGED in judged(script, [row(), row(2, "torn", back.name, -3 * NANOS)])


def test_two_updates_of_one_version_are_seen() -> None:
    script = Script()
    for n in (1, 2):
        customer = cpb.Customer(name="customers/ann", patron=str(n), etag="v1")
        request = cpb.UpdateCustomerRequest(customer=customer, request_id=f"id-{n}")
        script.unary("CustomerService/UpdateCustomer", request, customer)
    rows = [Row(n, "customers/ann", f"id-{n}", "ann", 0) for n in (1, 2)]
    assert judged(script, rows) == [Kind.OVERWRITTEN]


def policy_changed(script: Script, request_id: str = "id-1") -> None:
    policy = standing_pb2.Policy(new_days=60)
    request = standing_pb2.UpdatePolicyRequest(policy=policy, request_id=request_id)
    script.unary("StandingService/UpdatePolicy", request, policy)


def test_a_policy_that_was_changed_is_an_entry_of_nobody_s() -> None:
    script = Script()
    policy_changed(script)
    entry = Row(1, "policy", "id-1", "policy", 0)
    assert judged(script, [entry]) == []
    assert Kind.LOST in judged(script, [])
    assert Kind.FOREIGN in judged(Script(), [entry])


def test_two_segments_and_a_customer_of_one_id_are_three() -> None:
    script = Script()
    segment = segments_pb2.Segment(name="segments/ann", filter="referrals > 0")
    made = segments_pb2.CreateSegmentRequest(segment=segment, segment_id="ann", request_id="id-1")
    script.unary("SegmentService/CreateSegment", made, segment)
    gone = segments_pb2.DeleteSegmentRequest(name=segment.name, etag='"1"', request_id="id-2")
    script.unary("SegmentService/DeleteSegment", gone, Empty())
    rows = [Row(place, segment.name, f"id-{place}", segment.name, 0) for place in (1, 2)]
    assert judged(script, rows) == []
    assert Kind.CHANGED in judged(script, [rows[0]._replace(cust="ann"), rows[1]])


def test_a_spend_is_asked_for_and_deleted_like_other_records() -> None:
    script = Script()
    spend = spends_pb2.Spend(name="spends/fair", channel="ACQUISITION_CHANNEL_ADVERTISING")
    recorded = spends_pb2.RecordSpendRequest(spend=spend, spend_id="fair", request_id="id-1")
    script.unary("SpendService/RecordSpend", recorded, spend)
    script.unary(
        "SpendService/DeleteSpend", spends_pb2.DeleteSpendRequest(name=spend.name, request_id="id-2"), Empty()
    )
    rows = [Row(place, spend.name, f"id-{place}", spend.name, 0) for place in (1, 2)]
    assert judged(script, rows) == []
    assert Kind.LOST in judged(script, rows[:1])


def test_whom_a_name_is_about() -> None:
    names = ("customers/ann", "customers/ann/purchases/1", "segments/ann", "spends/ann", "policy")
    assert [subject_of(name) for name in names] == ["ann", "ann", "segments/ann", "spends/ann", "policy"]

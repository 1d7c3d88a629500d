"""An entry finds the call that made it, and shows the record before and after."""

from typing import Any

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as pb
from clientela.v1 import segments_pb2, standing_pb2
from clientela.v1.feed_pb2 import Change
from clientela_lab.checking.journal import entries
from clientela_lab.checking.money import euros
from clientela_lab.checking.recorded_calls import calls
from tests.lab.recorded import Script

RECORD = "PurchaseService/RecordPurchase"


def bought(revision: int, request_id: str = "", name: str = "") -> Change:
    name = name or f"customers/ann/purchases/{revision}"
    purchase = pb.Purchase(name=name, amount=euros(500), revision=revision)
    method = "PurchaseService.RecordPurchase"
    return Change(revision=revision, name=name, method=method, request_id=request_id, purchase=purchase)


def asked_for(request_id: str = "") -> pb.RecordPurchaseRequest:
    return pb.RecordPurchaseRequest(parent="customers/ann", request_id=request_id or None)


def joined(script: Script, *changes: Change) -> list[Any]:
    return [entry["call"] for entry in entries(changes, calls(script.events))]


def test_by_the_request_id_the_first_call_that_carried_it() -> None:
    script = Script()
    first = script.unary(RECORD, asked_for("a"), passed=False)
    script.unary(RECORD, asked_for("a"), bought(1).purchase)
    assert joined(script, bought(1, "a")) == [first]


def test_who_was_refused_made_nothing_where_another_may_have() -> None:
    script = Script()
    script.unary(RECORD, asked_for("a"), status="RESOURCE_EXHAUSTED")
    second = script.unary(RECORD, asked_for("a"), bought(1).purchase)
    assert joined(script, bought(1, "a")) == [second]


def test_by_the_id_of_an_import_s_item() -> None:
    script = Script()
    request = pb.ImportPurchasesRequest(items=[pb.ImportItem(customer="customers/ann", request_id="x")])
    call = script.unary("PurchaseService/ImportPurchases", request)
    assert joined(script, bought(1, "x")) == [call]


def test_an_id_in_capitals_is_told_in_small_letters_and_found() -> None:
    script = Script()
    call = script.unary(RECORD, asked_for("AB-C"))
    assert joined(script, bought(1, "ab-c")) == [call]


def test_without_an_id_by_the_revision_that_was_answered() -> None:
    script = Script()
    one = script.unary(RECORD, asked_for(), bought(2).purchase)
    other = script.unary(RECORD, asked_for(), bought(1).purchase)
    assert joined(script, bought(1), bought(2)) == [other, one]


def test_without_an_answer_by_the_name_each_call_once() -> None:
    script = Script()
    answered = script.unary(RECORD, asked_for(), bought(1).purchase)
    lost = script.unary(RECORD, asked_for(), bought(2).purchase, passed=False)
    assert joined(script, bought(1), bought(2), bought(3)) == [answered, lost, None]


def test_what_nobody_was_seen_to_ask_for_has_no_call() -> None:
    assert joined(Script(), bought(1, "a"), bought(2)) == [None, None]


def test_it_shows_the_record_before_and_after() -> None:
    def change(revision: int, patron: str) -> Change:
        customer = cpb.Customer(name="customers/ann", patron=patron)
        method = "CustomerService.UpdateCustomer"
        return Change(revision=revision, name=customer.name, method=method, customer=customer)

    first, second = entries([change(1, "kim"), change(2, "lee")], [])
    assert (first["before"], first["after"]) == (None, {"name": "customers/ann", "patron": "kim"})
    assert (second["before"], second["after"]["patron"]) == (first["after"], "lee")
    assert second["revision"] == 2


def test_a_stage_that_time_has_changed_shows_its_evidence_and_is_no_record() -> None:
    ann = cpb.Customer(name="customers/ann")
    evidence = standing_pb2.Finding(label="LOST", holds=True, explanation="Too silent.")
    moved = standing_pb2.StageChange(customer=ann.name, to_stage=standing_pb2.STAGE_LOST, findings=[evidence])
    changes = [
        Change(revision=1, name=ann.name, customer=ann),
        Change(revision=2, name=ann.name, method="server", stage_change=moved),
        Change(revision=3, name=ann.name, customer=ann),
    ]
    made, changed, after = entries(changes, [])
    assert (changed["before"], changed["after"], changed["call"]) == (None, None, None)
    assert changed["stage_change"]["to_stage"] == "STAGE_LOST"
    assert changed["stage_change"]["findings"][0]["explanation"] == "Too silent."
    assert (made["stage_change"], after["before"]) == (None, {"name": "customers/ann"})


def test_who_came_into_a_segment_is_not_the_segment() -> None:
    segment = segments_pb2.Segment(name="segments/lost", filter='stage = "LOST"')
    moved = segments_pb2.MembershipChange(segment=segment.name, joined_customers=["customers/ann"])
    changes = [
        Change(revision=1, name=segment.name, segment=segment),
        Change(revision=2, name=segment.name, method="server", membership_change=moved),
        Change(revision=3, name=segment.name, segment=segment),
    ]
    _, came, after = entries(changes, [])
    assert (came["before"], came["after"]["joined_customers"]) == (None, ["customers/ann"])
    assert after["before"] == {"name": "segments/lost", "filter": 'stage = "LOST"'}


def test_of_the_policy_by_its_name() -> None:
    script = Script()
    call = script.unary(
        "StandingService/UpdatePolicy",
        standing_pb2.UpdatePolicyRequest(policy=standing_pb2.Policy(new_days=60)),
    )
    method = "StandingService.UpdatePolicy"
    assert joined(script, Change(revision=1, name="policy", method=method, policy=standing_pb2.Policy())) == [
        call
    ]

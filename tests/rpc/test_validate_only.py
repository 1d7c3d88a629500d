"""validate_only: everything is checked, the answer is as if it were done, and nothing is written."""

from typing import Any

import pytest
from google.protobuf.descriptor_pool import Default

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import segments_pb2, standing_pb2
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import day, new_customer, read_customer, to_create, to_record, to_spend
from tests.rpc.refusals import refusal
from tests.rpc.rows import METHODS, SERVICES
from tests.rpc.watching import head, written_since

HAVE_IT = [
    method.name
    for service in SERVICES
    for method in Default().FindServiceByName(f"clientela.v1.{service}").methods
    if "validate_only" in method.input_type.fields_by_name
]
NOBODY = "purchases > 1000000"
# What a dry answer can't know: they are given by the write that did not happen.
OF_THE_WRITE = ("name", "uid", "etag", "create_time", "update_time", "purchase_time", "revision")


def requests(ann: str) -> dict[str, tuple[Any, Any]]:
    """For each RPC that has it, a request that is fine and one that is refused by the state of the world."""
    missing = f"customers/{fresh()}"
    renamed = cpb.Customer(name=ann, patron="Jan")
    absent = recorded_nouns.recording(missing)
    return {
        **{rpc: (request, absent[rpc]) for rpc, request in recorded_nouns.recording(ann).items()},
        "CreateCustomer": (to_create(), to_create(ann.split("/")[1])),
        "UpdateCustomer": (
            cpb.UpdateCustomerRequest(customer=renamed),
            cpb.UpdateCustomerRequest(customer=cpb.Customer(name=missing, patron="Jan")),
        ),
        "RecordPurchase": (to_record(ann), to_record(missing)),
        "UpdatePolicy": (
            standing_pb2.UpdatePolicyRequest(policy=standing_pb2.Policy(new_days=90)),
            standing_pb2.UpdatePolicyRequest(policy=standing_pb2.Policy(etag='"0"')),
        ),
        "CreateSegment": (
            segments_pb2.CreateSegmentRequest(segment=segments_pb2.Segment(display_name="x", filter=NOBODY)),
            segments_pb2.CreateSegmentRequest(
                segment=segments_pb2.Segment(display_name="x", filter="mood = good")
            ),
        ),
        "UpdateSegment": (
            segments_pb2.UpdateSegmentRequest(
                segment=segments_pb2.Segment(name=f"segments/{fresh()}", display_name="x", filter=NOBODY),
                allow_missing=True,
            ),
            segments_pb2.UpdateSegmentRequest(
                segment=segments_pb2.Segment(name=f"segments/{fresh()}", display_name="x")
            ),
        ),
        "RecordSpend": (to_spend(), to_spend(end_date=day("2026-02-01"))),
    }


def test_every_rpc_that_has_it_is_tested_here() -> None:
    assert sorted(HAVE_IT) == sorted(requests("customers/ann"))


@pytest.mark.parametrize("name", HAVE_IT)
def test_a_dry_call_answers_as_the_real_one_would_and_writes_nothing(admin: Caller, name: str) -> None:
    ann = new_customer(admin)
    request, _ = requests(ann.name)[name]
    method = getattr(getattr(admin, METHODS[name][0]), name)
    before = head(admin)

    request.validate_only = True
    dry = method(request)
    assert written_since(admin, before) == []
    assert read_customer(admin, ann.name) == ann

    request.validate_only = False
    wet = method(request)
    assert len(written_since(admin, before)) == 1
    assert without(dry) == without(wet)


def without(answer: Any) -> Any:
    for field in OF_THE_WRITE:
        if field in answer.DESCRIPTOR.fields_by_name and field != "name":
            answer.ClearField(field)
    named = getattr(answer, "name", "")
    if named and (not named.startswith("customers/") or named.count("/") > 1):
        answer.ClearField("name")
        answer.ClearField("create_time")
    return answer


@pytest.mark.parametrize("name", HAVE_IT)
def test_a_dry_call_is_refused_where_the_real_one_would_be(admin: Caller, name: str) -> None:
    _, request = requests(new_customer(admin).name)[name]
    method = getattr(getattr(admin, METHODS[name][0]), name)
    wet = refusal(method, request)
    request.validate_only = True
    dry = refusal(method, request)

    assert (dry.code, dry.reason, dry.facts) == (wet.code, wet.reason, wet.facts)


@pytest.mark.parametrize("name", HAVE_IT)
def test_a_dry_call_leaves_its_request_id_free_for_the_real_one(admin: Caller, name: str) -> None:
    request, _ = requests(new_customer(admin).name)[name]
    method = getattr(getattr(admin, METHODS[name][0]), name)
    request.request_id = request_id()
    request.validate_only = True
    method(request)
    method(request)
    request.validate_only = False

    assert method(request) == method(request)

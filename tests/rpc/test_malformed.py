"""Malformed bytes are refused as such, in errors that reveal no internals of the server."""

import re
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.unknown_fields import UnknownFieldSet
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, read_customer, to_create, to_record
from tests.rpc.refusals import Refused, refusal
from tests.rpc.rows import METHODS, SERVICES, STREAMS_IN
from tests.rpc.watching import head, written_since

INVALID = grpc.StatusCode.INVALID_ARGUMENT
PATHS = {
    name: f"/clientela.v1.{service}/{name}"
    for service, noun in SERVICES.items()
    for name, (of, _) in METHODS.items()
    if of == noun
}
STREAMS_OUT = {"Watch", "ExportPurchases"}
GARBAGE = [b"\xff" * 11, b"\x0a\x7f\x00", b"\x0c"]  # no tag, truncated, an end without its beginning
NOT_UTF8 = {
    "GetCustomer": b"\x0a\x02\xc3\x28",  # name
    "CreateCustomer": b"\x0a\x04\x1a\x02\xc3\x28",  # customer.display_name
    "ImportCustomers": b"\x0a\x04\x1a\x02\xc3\x28",  # items[0].request_id
    "ImportPurchases": b"\x0a\x04\x1a\x02\xc3\x28",  # items[0].request_id
    "Watch": b"\x12\x02\xc3\x28",  # names[0]
}


def refused_or_none(method: Callable[[Any], Any], request: Any) -> Refused | None:
    """Make a call that may be refused or not."""
    try:
        method(request)
    except grpc.RpcError as error:
        return Refused.of(error)
    return None


def send(caller: Caller, name: str, payload: bytes) -> Refused:
    """Send bytes as the message of a method, and read how they are refused."""
    if name in STREAMS_IN:
        return refusal(caller.method(PATHS[name], "stream_unary"), iter([payload]))
    kind = "unary_stream" if name in STREAMS_OUT else "unary_unary"
    return refusal(caller.method(PATHS[name], kind), payload)


@pytest.mark.parametrize("name", PATHS)
def test_bytes_that_are_no_message_are_refused_as_such(admin: Caller, name: str) -> None:
    for payload in GARBAGE:
        refused = send(admin, name, payload)

        assert refused.code is INVALID
        assert refused.reason == "MESSAGE_MALFORMED"
        assert not re.search(r"Error|google|protobuf|Traceback|clientela_server", refused.message)


@pytest.mark.parametrize("name", NOT_UTF8)
def test_text_that_is_not_utf8_is_refused_as_such(admin: Caller, name: str) -> None:
    assert send(admin, name, NOT_UTF8[name]).reason == "MESSAGE_MALFORMED"


@given(payload=st.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_never_a_fault_of_ours(admin: Caller, payload: bytes) -> None:
    """They may even be a request: then it is done, or refused for what it says."""
    refused = refused_or_none(admin.method(PATHS["CreateCustomer"]), payload)

    assert refused is None or refused.code is INVALID


def test_a_token_is_asked_for_before_the_message_is_read(nobody: Caller) -> None:
    assert send(nobody, "CreateCustomer", GARBAGE[0]).code is grpc.StatusCode.UNAUTHENTICATED


def test_fields_of_a_later_contract_are_ignored(admin: Caller) -> None:
    request = to_create()
    unknown = b"\x8a\xf4\x03" + b"\x80\x80\x10" + b"x" * 2**18  # field 8001, 256 KiB

    made = admin.method(PATHS["CreateCustomer"])(request.SerializeToString() + unknown)

    created = cpb.Customer.FromString(made)
    assert read_customer(admin, created.name) == created
    assert len(UnknownFieldSet(created)) == 0


def test_a_message_that_is_too_large_is_refused_and_nothing_is_written(admin: Caller) -> None:
    before = head(admin)

    with pytest.raises(grpc.RpcError) as caught:
        admin.customers.CreateCustomer(to_create(display_name=2**21 * "a"))

    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert written_since(admin, before) == []


text = st.text(st.characters(codec="utf-8"), max_size=15)
text_without_nul = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=15)


@given(display_name=text, given_name=text, label=text, patron=text, note=text_without_nul)
def test_any_text_is_kept_to_the_letter_or_refused(
    admin: Caller, display_name: str, given_name: str, label: str, patron: str, note: str
) -> None:
    stated = cpb.Customer(
        display_name=display_name,
        person=cpb.Person(given_name=given_name),
        patron=patron,
        labels={"tag": label},
        preferences=cpb.Preferences(categories=["x" + label]),
    )
    refused = refused_or_none(admin.customers.CreateCustomer, cpb.CreateCustomerRequest(customer=stated))
    if refused is not None:
        assert refused.code is INVALID
        return
    [customer] = admin.customers.ListCustomers(
        cpb.ListCustomersRequest(order_by="create_time desc", page_size=1)
    ).customers
    assert (customer.display_name, customer.person, customer.patron) == (
        stated.display_name,
        stated.person,
        stated.patron,
    )
    assert (customer.labels, customer.preferences) == (stated.labels, stated.preferences)
    record = to_record(customer.name, note=note)
    refused = refused_or_none(admin.purchases.RecordPurchase, record)
    assert (refused.code if refused else None) in (None, INVALID)
    [*bought] = admin.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=customer.name)).purchases
    assert [each.note for each in bought] == ([] if refused else [note])


@pytest.mark.parametrize(
    "name", ["customers/a/../b", "customers/../../etc/passwd", "customers/%2e%2e", "/etc/passwd"]
)
def test_a_name_is_never_a_path(admin: Caller, name: str) -> None:
    assert refusal(admin.customers.GetCustomer, cpb.GetCustomerRequest(name=name)).code is INVALID
    assert refusal(admin.customers.EraseCustomer, cpb.EraseCustomerRequest(name=name)).code is INVALID


@pytest.mark.parametrize(
    "path",
    [
        "CustomerService/MergeCustomers",
        # As older clients ask: InsightService was split.
        "InsightService/GetStanding",
        "InsightService/RecordSpend",
    ],
)
def test_a_method_that_is_not_there_is_unimplemented(admin: Caller, path: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        admin.method(f"/clientela.v1.{path}")(b"")

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert new_customer(admin).name

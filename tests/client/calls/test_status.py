"""A status is read into facts, whatever its details hold."""

from google.protobuf.any_pb2 import Any as PackedMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.calls.status import facts_of
from clientela_client.errors import Facts, FieldViolation
from clientela_client.failure import Failure


def packed(*messages: Message) -> bytes:
    status = Status(code=3, message="no")
    for message in messages:
        status.details.add().Pack(message)
    data: bytes = status.SerializeToString()
    return data


def failed(data: bytes | str) -> Failure:
    return Failure("INVALID_ARGUMENT", "no", (), (("grpc-status-details-bin", data),))


def test_each_detail_is_found_where_it_belongs() -> None:
    violation = details.BadRequest.FieldViolation(field="customer.emails[0]", description="taken")
    data = packed(
        details.ErrorInfo(reason="EMAIL_TAKEN", domain="clientela", metadata={"name": "customers/ann"}),
        details.BadRequest(field_violations=[violation]),
        details.ResourceInfo(resource_name="customers/ann"),
        details.RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)),
        details.LocalizedMessage(locale="pl", message="nie"),
    )
    trailers = (("grpc-status-details-bin", data), ("clientela-call-id", "ab12"))
    assert facts_of(Failure("ALREADY_EXISTS", "no", (), trailers)) == Facts(
        code="ALREADY_EXISTS",
        message="no",
        reason="EMAIL_TAKEN",
        metadata={"name": "customers/ann"},
        violations=(FieldViolation("customer.emails[0]", "taken"),),
        resource="customers/ann",
        retry_after_s=1.5,
        localized_message="nie",
        call_id="ab12",
    )


def test_a_status_without_details_or_words_still_has_its_code() -> None:
    facts = facts_of(Failure("UNAVAILABLE", ""))
    assert (facts.code, facts.message) == ("UNAVAILABLE", "the server answered UNAVAILABLE without a word")


def test_details_of_an_unknown_kind_are_passed_over() -> None:
    assert facts_of(failed(packed(details.Help(), details.ErrorInfo(reason="R")))).reason == "R"


def test_a_detail_that_cannot_be_read_hides_no_other() -> None:
    status = Status.FromString(packed(details.ErrorInfo(reason="R")))
    broken = PackedMessage(type_url="type.googleapis.com/google.rpc.BadRequest", value=b"\xff")
    status.details.append(broken)
    facts = facts_of(failed(status.SerializeToString()))
    assert (facts.reason, facts.violations) == ("R", ())


@given(st.binary(max_size=60) | st.text(max_size=20))
def test_no_bytes_make_it_fail(data: bytes | str) -> None:
    assert facts_of(failed(data)).code == "INVALID_ARGUMENT"

"""An observer gets every event of the wire, unchanged."""

from collections.abc import Iterator

import pytest

from clientela.v1.customers_pb2 import CreateCustomerRequest
from clientela_client import Refused, Unavailable, WireEvent, connect
from clientela_client.calls.attempt import Outcome, Reply
from clientela_client.failure import Failure
from clientela_client.messages import Customer
from clientela_lab.servers.local_server import LocalServer
from tests.client.rehearsal import session
from tests.client.stage import KINDS, on_stage

ANN = Customer(name="customers/ann", display_name="Ann")


def test_a_call_is_reported_in_its_order_with_its_bytes(server: LocalServer, own_id: str) -> None:
    told: list[WireEvent] = []
    with connect(server.address, token=server.token, observer=told.append) as client:
        made = client.customers.create(Customer(display_name="Ann"), customer_id=own_id)
    kinds = ["request-metadata", "request-message", "response-metadata", "response-message", "status"]
    assert [event.kind for event in told] == kinds
    metadata, request, _, response, status = told
    assert dict(metadata.metadata)["authorization"] == f"Bearer {server.token}"
    assert CreateCustomerRequest.FromString(request.data) == request.message
    assert response.message == made == Customer.FromString(response.data)
    assert (status.code, "clientela-revision" in dict(status.metadata)) == ("OK", True)
    assert {event.path for event in told} == {"/clientela.v1.CustomerService/CreateCustomer"}
    times = [event.at_ms for event in told]
    assert times == sorted(times)


def test_a_refusal_is_reported_with_its_trailers(server: LocalServer) -> None:
    told: list[WireEvent] = []
    observed = connect(server.address, token=server.token, observer=told.append)
    with observed as client, pytest.raises(Refused):
        client.customers.get("customers/nobody-of-this-name")
    assert (told[-1].kind, told[-1].code) == ("status", "NOT_FOUND")
    assert "grpc-status-details-bin" in dict(told[-1].metadata)


@pytest.mark.parametrize("kind", KINDS)
def test_each_attempt_is_reported_by_its_number(kind: str) -> None:
    told: list[WireEvent] = []
    plays: Iterator[list[Outcome]] = iter(
        [[Failure("UNAVAILABLE", "away")], [Reply(ANN.SerializeToString())]]
    )
    asking = on_stage(kind, session(observer=told.append), lambda _: next(plays))
    asking.one(lambda c: c.customers.get("customers/ann"))
    statuses = [(event.attempt, event.code, event.details) for event in told if event.kind == "status"]
    assert statuses == [(1, "UNAVAILABLE", "away"), (2, "OK", "")]
    assert told[4].at_ms == pytest.approx(100.0)  # the first pause, by the stage's clock
    asking.close()


def test_bytes_that_are_no_message_are_told_as_they_are() -> None:
    told: list[WireEvent] = []
    client = on_stage("sync", session(observer=told.append), lambda _: [Reply(b"\xff")]).client
    with pytest.raises(Unavailable):
        client.customers.get("customers/ann")
    first = next(event for event in told if event.kind == "response-message")
    assert (first.data, first.message) == (b"\xff", None)


def test_a_stream_is_told_message_by_message(server: LocalServer) -> None:
    told: list[WireEvent] = []
    with connect(server.address, token=server.token, observer=told.append) as client:
        list(client.purchases.export())
    kinds = [event.kind for event in told]
    assert kinds[:3] == ["request-metadata", "request-message", "response-metadata"]
    assert kinds[-1] == "status"
    assert set(kinds[3:-1]) <= {"response-message"}

"""The callers of a measurement, against a real server: each answer is right, counted, and in the ledger."""

import itertools
from collections.abc import Iterator

import pytest

from clientela.v1.customers_pb2 import GetCustomerRequest
from clientela.v1.purchases_pb2 import RecordPurchaseRequest
from clientela_client import Client, connect
from clientela_client.messages import Customer, Money, Purchase
from clientela_lab.patience import HANG_S
from clientela_lab.scale.callers import Call, Target, WrongAnswer, call_for
from clientela_lab.servers.local_server import LocalServer

NAMES = [f"customers/c{number}" for number in range(5)]
GET = "/clientela.v1.CustomerService/GetCustomer"
RECORD = "/clientela.v1.PurchaseService/RecordPurchase"
A_MOMENT_S = 0.05


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer("--calls-per-second", "0") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: LocalServer) -> Iterator[Client]:
    with connect(server.address, token=server.token, timeout_s=HANG_S) as connected:
        for name in NAMES:
            connected.customers.create(Customer(display_name=name), customer_id=name.partition("/")[2])
        yield connected


def reads() -> Iterator[Call]:
    for name in itertools.cycle(NAMES):
        yield GetCustomerRequest(name=name).SerializeToString(), Customer(name=name).SerializeToString()


def writes() -> Iterator[Call]:
    purchase = Purchase(amount=Money(currency_code="EUR", units=1))
    for name in itertools.cycle(NAMES):
        request = RecordPurchaseRequest(parent=name, purchase=purchase)
        yield request.SerializeToString(), f"{name}/".encode()


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("callers", [1, 3, 20])
def test_any_number_of_callers_reads_from_several_servers(server: LocalServer, callers: int) -> None:
    target = Target(server.address, server.token, GET)

    answered = call_for([target, target], reads(), callers, A_MOMENT_S)

    assert answered.calls >= callers
    assert answered.seconds >= A_MOMENT_S
    assert 0 < answered.generator_s < answered.seconds


def test_each_write_that_is_counted_is_in_the_ledger(server: LocalServer, client: Client) -> None:
    answered = call_for([Target(server.address, server.token, RECORD)], writes(), 20, A_MOMENT_S)

    assert len(list(client.purchases.export("customers/-"))) == answered.calls


def test_an_answer_about_another_customer_ends_the_run(server: LocalServer, client: Client) -> None:
    mixed_up = ((request, b"customers/else") for request, _ in reads())

    with pytest.raises(WrongAnswer, match="customers/else"):
        call_for([Target(server.address, server.token, GET)], mixed_up, 4, A_MOMENT_S)


def test_a_refusal_ends_the_run_and_its_reason_is_reported(server: LocalServer) -> None:
    with pytest.raises(WrongAnswer, match="'grpc-status', '16'"):
        call_for([Target(server.address, "clt_none", GET)], reads(), 4, A_MOMENT_S)


def test_a_customer_that_is_not_there_ends_the_run(server: LocalServer) -> None:
    missing = itertools.repeat((GetCustomerRequest(name="customers/none").SerializeToString(), b"none"))

    with pytest.raises(WrongAnswer, match="'grpc-status', '5'"):
        call_for([Target(server.address, server.token, GET)], missing, 1, A_MOMENT_S)

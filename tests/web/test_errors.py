"""Every error, on every transport: the same code, the same sentence, the same details.

The errors are raised by a planted handler, since some of them take a broken disk to come about.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status

from clientela.v1 import customers_pb2
from clientela_server.config import Address
from clientela_server.domain import errors
from clientela_server.domain.errors import FieldFault, OutcomeUnknown, Refusal
from clientela_server.rpc.gate.error_map import CODES
from clientela_server.rpc.locales import catalogue
from clientela_server.rpc.services.customers import CustomerService
from clientela_server.store.database.connection import StoreDamaged
from tests.rpc.running import running
from tests.web.transports import TRANSPORTS, Place

PATH = "/clientela.v1.CustomerService/GetCustomer"
# These are not refusals: what went wrong is in the server.
FAILURES: dict[str, BaseException] = {
    "STORE_FAILED": OutcomeUnknown(),
    "DATA_DAMAGED": StoreDamaged("page 7"),
    "INTERNAL": ValueError("a bug"),
}
CUSTOMER = customers_pb2.Customer(name="customers/blue-door", display_name="Blue Door Café", etag='"1"')


def facts(reason: str) -> dict[str, str]:
    """Give a value to each fact that a reason's sentence names."""
    names = {name for _, name, _, _ in Formatter().parse(catalogue("en")[reason]) if name}
    return {name: f"{name} «ą» %" for name in names}


def refusal(reason: str, kind: type[Refusal]) -> Refusal:
    """Make a refusal that has every kind of detail."""
    faults = (FieldFault("customer.emails[0]", "is no e-mail address"),)
    return kind(reason, faults=faults, resource="customers/42", retry_after_s=1.25, **facts(reason))


ERRORS: dict[str, BaseException] = {
    **{
        reason: refusal(reason, errors.InvalidArgument)
        for reason in catalogue("en")
        if reason not in FAILURES
    },
    **{kind.__name__: refusal("CUSTOMER_NOT_FOUND", kind) for kind in CODES},
    **FAILURES,
}


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    async def get(_: Any, request: Any, call: Any) -> customers_pb2.Customer:
        call.revision = 7
        if request.name == CUSTOMER.name:
            return CUSTOMER
        raise ERRORS[request.name.partition("/")[2]].with_traceback(None)

    monkeypatch.setattr(CustomerService, "GetCustomer", get)
    # Ids of customers are in lower case: here a customer's id says which error is wanted.
    monkeypatch.setattr("clientela_server.rpc.gate.validation.check", lambda _: None)
    async with running(tmp_path, web=Address("127.0.0.1", 0)) as live:
        url = await live.server.start_web()
        yield Place(live.address, url, live.admin.token or "")


async def heard(place: Place, transport: str, name: str) -> Any:
    """Return the answer, or the error as JSON; ids of calls aside, for each call has one of its own."""
    request = customers_pb2.GetCustomerRequest(name=f"customers/{name}")
    answer = await TRANSPORTS[transport](place, PATH, request, customers_pb2.Customer)
    if not isinstance(answer, Status):
        return answer
    told = json_format.MessageToDict(answer)
    if name in FAILURES:
        told["message"] = told["message"].partition(" call id")[0]
        told["details"][0]["metadata"].pop("call_id")
    return told


@pytest.mark.parametrize("transport", [name for name in TRANSPORTS if name != "gRPC"])
async def test_every_error_is_the_same_as_on_grpc(place: Place, transport: str) -> None:
    differences = {
        name: (there, here)
        for name in ERRORS
        if (there := await heard(place, "gRPC", name)) != (here := await heard(place, transport, name))
    }
    assert differences == {}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_an_answer_is_the_same(place: Place, transport: str) -> None:
    assert await heard(place, transport, "blue-door") == CUSTOMER


async def test_the_table_has_every_kind_of_detail(place: Place) -> None:
    status = await heard(place, "gRPC", "NotFound")
    kinds = {detail["@type"].rpartition(".")[2] for detail in status["details"]}
    assert kinds == {"ErrorInfo", "BadRequest", "ResourceInfo", "RetryInfo"}


async def test_the_revision_and_the_call_id_are_reported(place: Place) -> None:
    body = b'{"name": "customers/blue-door"}'
    plain = (await asyncio.to_thread(place.ask, "GET", "/v1/customers/blue-door")).headers
    connect = (await asyncio.to_thread(place.ask, "POST", PATH, "application/json", body)).headers
    assert plain["clientela-revision"] == connect["trailer-clientela-revision"] == "7"
    assert plain["clientela-call-id"]
    assert connect["trailer-clientela-call-id"]

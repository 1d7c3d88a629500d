"""An error with much to say still arrives as that error.

Status, message and details travel as trailers, and clients take no more than 8 to 16 KiB of those: a longer
one would reach the caller as RESOURCE_EXHAUSTED, which says that he should try again.
"""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import money, new_customer, new_purchase, to_create
from tests.rpc.refusals import DETAILS, refusal
from tests.rpc.rows import METHODS

# What any client takes by default: grpc-java, the strictest, takes 8 KiB of headers in all.
TRAILERS_MAX = 6 * 1024
LETTERS = {"ascii": "a", "two bytes": "ą", "four bytes": "\U0001f3d4", "quotes": '"'}


def wide(letter: str) -> list[tuple[str, Any, grpc.StatusCode]]:
    """Requests that are wrong at length, made of one letter."""
    many = 1900 * letter
    quoted = '"' + 900 * letter.replace('"', '\\"') + '"'
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    return [
        ("ListPurchases", {"parent": "customers/-", "filter": f"revision = {quoted}"}, invalid),
        ("ListCustomers", {"filter": f"name = {quoted}"}, invalid),
        ("ListCustomers", {"filter": f"{quoted} = x"}, invalid),
        ("ListCustomers", {"order_by": 199 * letter}, invalid),
        ("ListCustomers", {"page_token": many}, invalid),
        ("DeleteCustomer", {"name": "{ann}", "etag": 10 * many}, grpc.StatusCode.ABORTED),
        (
            "UpdateCustomer",
            {"customer": {"name": "{ann}"}, "update_mask": FieldMask(paths=[10 * many])},
            invalid,
        ),
        ("GetCustomer", {"name": 10 * many}, invalid),
        ("CreateCustomer", {"customer": {"display_name": "A", "labels": {10 * many: "x"}}}, invalid),
    ]


@pytest.fixture(scope="module")
def ann(admin: Caller) -> str:
    return new_customer(admin).name


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
@pytest.mark.parametrize("place", range(len(wide("a"))), ids=[method for method, _, _ in wide("a")])
def test_a_long_value_is_reported_in_short(admin: Caller, ann: str, letter: str, place: int) -> None:
    method, fields, code = wide(letter)[place]
    noun, kind = METHODS[method]
    request = kind(**{key: ann if value == "{ann}" else value for key, value in fields.items()})
    if method == "UpdateCustomer":
        request.customer.name = ann

    arrives(getattr(getattr(admin, noun), method), request, code)


def arrives(method: Callable[..., Any], request: Any, code: grpc.StatusCode) -> Any:
    """The refusal comes as what it is, in no more than trailers hold; also with a message in Russian."""
    refused = refusal(method, request, metadata=(("accept-language", "ru"),))
    assert refused.code is code
    assert len(refused.trailers[DETAILS]) * 4 / 3 + wire_length(refused.message) <= TRAILERS_MAX
    return refused


def wire_length(message: str) -> int:
    """How long a status message is on the wire, where all but plain characters is percent-encoded."""
    return sum(1 if 0x20 <= byte <= 0x7E and byte != 0x25 else 3 for byte in message.encode())


def test_of_hundreds_of_wrong_fields_the_first_are_reported(admin: Caller, ann: str) -> None:
    lines = [ppb.PurchaseLine(sku=101 * "s", unit_price=money(-1)) for _ in range(500)]
    request = ppb.RecordPurchaseRequest(parent=ann, purchase=ppb.Purchase(lines=lines))

    refused = arrives(admin.purchases.RecordPurchase, request, grpc.StatusCode.INVALID_ARGUMENT)

    assert next(iter(refused.faults)) == "purchase.lines[0].sku"
    assert len(refused.faults) >= 10


def test_of_a_thousand_customers_that_are_not_there_the_first_are_reported_and_all_are_counted(
    admin: Caller,
) -> None:
    names = [f"customers/{fresh()}-{40 * 'x'}" for _ in range(1000)]

    refused = arrives(
        admin.customers.BatchGetCustomers,
        cpb.BatchGetCustomersRequest(names=names),
        grpc.StatusCode.NOT_FOUND,
    )

    assert refused.facts["count"] == "1000"
    assert names[0] in refused.faults["names[0]"]
    assert len(refused.faults) >= 10


def test_the_longest_names_are_reported_whole(admin: Caller) -> None:
    longest = new_customer(admin, fresh().ljust(63, "a"))
    bought = new_purchase(admin, longest.name)

    refused = refusal(
        admin.purchases.GetPurchase, ppb.GetPurchaseRequest(name=f"{longest.name}/purchases/{63 * 'p'}")
    )

    assert refused.facts["name"] == f"{longest.name}/purchases/{63 * 'p'}"
    assert bought.name.startswith(longest.name)
    assert refusal(admin.customers.CreateCustomer, to_create(longest.name.split("/")[1])).resource == (
        "clientela.dev/Customer",
        longest.name,
    )

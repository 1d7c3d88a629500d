"""What CustomerService refuses, with exactly which code, reason, field and facts."""

from typing import Any

import pytest

from tests.rpc.callers import Caller
from tests.rpc.rows import (
    ABORTED,
    EXISTS,
    NOT_FOUND,
    PRECONDITION,
    Row,
    World,
    check,
    invalid,
    new_world,
    refused,
)


@pytest.fixture(scope="module")
def world(admin: Caller) -> World:
    return new_world(admin)


def customer(**fields: Any) -> dict[str, Any]:
    return {"customer": {"display_name": "Ann", **fields}}


def update(name: str, path: str = "patron", **fields: Any) -> dict[str, Any]:
    return {"customer": {"name": name, "patron": "Jan", **fields}, "update_mask": {"paths": [path]}}


NAMES = [
    invalid("GetCustomer", {}, "name", rule="name.customer"),
    *(
        invalid("GetCustomer", {"name": name}, "name", rule="name.customer")
        for name in [
            "x",
            "customers/a/../b",
            "../customers/a",
            "customers/-",
            f"customers/{64 * 'a'}",
            "customers/a\n",
        ]
    ),
    invalid("CreateCustomer", {**customer(), "customer_id": "A!"}, "customer_id", rule="id"),
    invalid("CreateCustomer", {**customer(), "request_id": "7"}, "request_id", rule="string.uuid"),
    invalid("BatchGetCustomers", {}, "names", rule="repeated.min_items"),
    invalid("BatchGetCustomers", {"names": ["{ann}", "x"]}, "names[1]", rule="name.customer"),
    invalid("BatchGetCustomers", {"names": 1001 * ["{ann}"]}, "names", rule="repeated.max_items"),
    invalid("UpdateCustomer", customer(), "customer.name", "NAME_MISSING"),
    refused("GetCustomer", {"name": "{missing}"}, NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("CreateCustomer", {**customer(), "customer_id": "{ann_id}"}, EXISTS, "CUSTOMER_EXISTS", "{ann}"),
]

FIELDS = [
    invalid("CreateCustomer", {}, "customer", rule="required"),
    invalid("CreateCustomer", customer(display_name=""), "customer.display_name", "FIELD_MISSING"),
    invalid("CreateCustomer", customer(display_name=" \t"), "customer.display_name", "FIELD_MISSING"),
    invalid(
        "CreateCustomer", customer(display_name=201 * "a"), "customer.display_name", rule="string.max_len"
    ),
    invalid(
        "CreateCustomer", customer(phones=["+48221234567", "22 1"]), "customer.phones[1]", rule="phone.e164"
    ),
    invalid(
        "CreateCustomer", customer(phones=2 * ["+48221234567"]), "customer.phones", rule="repeated.unique"
    ),
    invalid("CreateCustomer", customer(emails=["ann"]), "customer.emails[0]", rule="string.email"),
    invalid("CreateCustomer", customer(emails=["a@x.eu", "A@x.eu"]), "customer.emails", "EMAIL_TWICE"),
    invalid("CreateCustomer", customer(labels={"Tier": "x"}), 'customer.labels["Tier"]', rule="label.key"),
    invalid(
        "CreateCustomer", customer(labels={"a": 64 * "x"}), 'customer.labels["a"]', rule="string.max_len"
    ),
    invalid(
        "CreateCustomer", customer(preferences={"language_code": "?"}), "customer.preferences.language_code"
    ),
    invalid(
        "CreateCustomer",
        customer(preferences={"contact_channels": [1, 99]}),
        "customer.preferences.contact_channels[1]",
    ),
    invalid("CreateCustomer", customer(acquisition={"channel": 99}), "customer.acquisition.channel"),
    invalid("CreateCustomer", customer(acquisition={"referrer": "bob"}), "customer.acquisition.referrer"),
    invalid(
        "CreateCustomer",
        {"customer_id": "new", **customer(acquisition={"referrer": "customers/new"})},
        "customer.acquisition.referrer",
        "REFERRER_IS_SELF",
        name="customers/new",
    ),
    refused(
        "CreateCustomer",
        customer(acquisition={"referrer": "{missing}"}),
        NOT_FOUND,
        "REFERRER_NOT_FOUND",
        "{missing}",
        field="customer.acquisition.referrer",
    ),
    refused(
        "CreateCustomer",
        customer(emails=["{email}"]),
        EXISTS,
        "EMAIL_TAKEN",
        "{ann}",
        field="customer.emails",
    ),
]

STATES = [
    refused("UpdateCustomer", update("{missing}"), NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("UpdateCustomer", update("{gone}"), PRECONDITION, "CUSTOMER_DELETED", "{gone}"),
    refused("UpdateCustomer", update("{erased}"), PRECONDITION, "CUSTOMER_ERASED", "{erased}"),
    refused("UpdateCustomer", update("{ann}", etag='"0"'), ABORTED, "ETAG_MISMATCH", "{ann}", etag='"0"'),
    *(
        invalid("UpdateCustomer", update("{ann}", path), "update_mask", "MASK_PATH_UNKNOWN", path=path)
        for path in ["nick", "person.nick", "labels.tier", "display_name.x", "", ".", "*,patron"]
    ),
    invalid("UpdateCustomer", update("{ann}", "display_name"), "customer.display_name", "FIELD_MISSING"),
    refused("DeleteCustomer", {"name": "{missing}"}, NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("DeleteCustomer", {"name": "{gone}"}, NOT_FOUND, "CUSTOMER_DELETED", "{gone}"),
    refused(
        "DeleteCustomer", {"name": "{ann}", "etag": '"0"'}, ABORTED, "ETAG_MISMATCH", "{ann}", etag='"0"'
    ),
    refused("UndeleteCustomer", {"name": "{missing}"}, NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("UndeleteCustomer", {"name": "{ann}"}, EXISTS, "CUSTOMER_NOT_DELETED", "{ann}"),
    refused("UndeleteCustomer", {"name": "{erased}"}, PRECONDITION, "CUSTOMER_ERASED", "{erased}"),
    refused("EraseCustomer", {"name": "{missing}"}, NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("EraseCustomer", {"name": "{erased}"}, PRECONDITION, "CUSTOMER_ERASED", "{erased}"),
]


@pytest.mark.parametrize("row", [*NAMES, *FIELDS, *STATES], ids=str)
def test_it_is_refused_with_code_reason_field_and_facts(admin: Caller, world: World, row: Row) -> None:
    check(row, admin, world)

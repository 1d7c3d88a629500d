"""What lists, exports and the feed refuse: sizes, tokens, filters, orders, names, revisions."""

from typing import Any

import pytest

from tests.rpc.callers import Caller
from tests.rpc.rows import NOT_FOUND, OUT_OF_RANGE, Row, World, check, invalid, new_world, refused

LISTS: dict[str, dict[str, Any]] = {
    "ListCustomers": {},
    "ListPurchases": {"parent": "customers/-"},
    "ListHistory": {"name": "{ann}"},
}


@pytest.fixture(scope="module")
def world(admin: Caller) -> World:
    return new_world(admin)


def customers(text: str, reason: str, **facts: str) -> Row:
    return invalid("ListCustomers", {"filter": text}, "filter", reason, **facts)


def purchases(text: str, reason: str, **facts: str) -> Row:
    return invalid("ListPurchases", {"parent": "customers/-", "filter": text}, "filter", reason, **facts)


PAGES = [
    *(
        invalid(method, {**asked, "page_size": -1}, "page_size", rule="int32.gte")
        for method, asked in LISTS.items()
    ),
    *(
        invalid(method, {**asked, "page_token": token}, "page_token", "PAGE_TOKEN_INVALID")
        for method, asked in LISTS.items()
        for token in ["abc", "a", "====", "ąę", "A" * 100]
    ),
]

FILTERS = [
    customers("patron:* AND city = Rome", "FILTER_FIELD_UNKNOWN", name="city", column="14"),
    customers("totals.amount > 1", "FILTER_FIELD_UNKNOWN", name="totals.amount", column="1"),
    customers("display_name.x = 1", "FILTER_FIELD_UNKNOWN", name="display_name.x", column="1"),
    customers("labels. = 1", "FILTER_MALFORMED", column="9"),
    customers("(patron:*", "FILTER_MALFORMED", column="10"),
    customers("patron = ", "FILTER_MALFORMED", column="10"),
    customers("AND", "FILTER_MALFORMED", column="1"),
    customers('patron = "Jan', "FILTER_MALFORMED", column="10"),
    customers("patron = a, b", "FILTER_MALFORMED", column="11"),
    customers(21 * "(" + "a" + 21 * ")", "FILTER_TOO_DEEP", column="21"),
    customers("create_time > yesterday", "FILTER_VALUE", name="create_time", value="yesterday", column="15"),
    customers("preferences.marketing_consent = yes", "FILTER_VALUE", value="yes"),
    customers("acquisition.channel = RADIO", "FILTER_VALUE", value="RADIO"),
    customers("acquisition.referrer = bob", "FILTER_VALUE", value="bob"),
    customers("name = ann", "FILTER_VALUE", value="ann"),
    customers("name > customers/a", "FILTER_OPERATOR", name="name", operator=">", column="1"),
    customers("emails = ann", "FILTER_OPERATOR", name="emails", operator="=", column="1"),
    customers("labels = tier", "FILTER_OPERATOR", name="labels", operator="=", column="1"),
    customers("acquisition.channel > ORGANIC", "FILTER_OPERATOR", name="acquisition.channel", operator=">"),
    invalid("ListCustomers", {"filter": 2001 * "a"}, "filter", rule="string.max_len"),
    purchases("sku = 7", "FILTER_FIELD_UNKNOWN", name="sku", column="1"),
    purchases("amount > 1 tea", "FILTER_FIELD_UNKNOWN", name="tea", column="12"),
    purchases("revision = 1.5", "FILTER_VALUE", name="revision", value="1.5", column="12"),
    *(
        purchases(f"amount > {text}", "FILTER_VALUE", name="amount", value=text)
        for text in ["tea", "NaN", "Infinity", "1e999999", "1e99", "0.0000000001", "9223372036854775808"]
    ),
    purchases("amount:1", "FILTER_OPERATOR", name="amount", operator=":"),
    purchases("recorded_by > 1 AND (a = 1", "FILTER_MALFORMED", column="27"),
    invalid(
        "ExportPurchases",
        {"parent": "customers/-", "filter": "sku = 7"},
        "filter",
        "FILTER_FIELD_UNKNOWN",
        name="sku",
    ),
]

ORDERS = [
    *(
        invalid("ListCustomers", {"order_by": text}, "order_by", "ORDER_FIELD_UNKNOWN", name=name)
        for text, name in [
            ("phones", "phones"),
            ("name down", "name"),
            ("name desc asc", "name"),
            ("name,,", ""),
            (" ", ""),
        ]
    ),
    invalid(
        "ListPurchases", {"parent": "{ann}", "order_by": "sku"}, "order_by", "ORDER_FIELD_UNKNOWN", name="sku"
    ),
    invalid("ListCustomers", {"order_by": 201 * "a"}, "order_by", rule="string.max_len"),
]

MISSING = [
    refused("ListPurchases", {"parent": "{missing}"}, NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("ExportPurchases", {"parent": "{missing}"}, NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused("ListHistory", {"name": "{missing}"}, NOT_FOUND, "CUSTOMER_NOT_FOUND", "{missing}"),
    refused(
        "ListHistory", {"name": "{ann}/purchases/x"}, NOT_FOUND, "PURCHASE_NOT_FOUND", "{ann}/purchases/x"
    ),
    invalid("ListHistory", {"name": "customers"}, "name", rule="name.resource"),
    invalid("Watch", {"after_revision": -1}, "after_revision", rule="int64.gte"),
    invalid("Watch", {"names": ["{ann}", "orders/*"]}, "names[1]", rule="name.watched"),
    invalid("Watch", {"names": 101 * ["*"]}, "names", rule="repeated.max_items"),
    refused("Watch", {"after_revision": 0, "epoch": "older"}, OUT_OF_RANGE, "EPOCH_CHANGED"),
    refused("Watch", {"after_revision": 10**9}, OUT_OF_RANGE, "REVISION_AHEAD", after_revision="1000000000"),
]


@pytest.mark.parametrize("row", [*PAGES, *FILTERS, *ORDERS, *MISSING], ids=str)
def test_it_is_refused_with_code_reason_field_and_facts(admin: Caller, world: World, row: Row) -> None:
    check(row, admin, world)

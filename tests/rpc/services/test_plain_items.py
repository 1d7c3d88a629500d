"""What is recognised as plain keeps every rule of the contract: protovalidate finds nothing in it either."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela.v1 import purchases_pb2 as pb
from clientela_server.domain.errors import InvalidArgument
from clientela_server.rpc.gate.validation import check
from clientela_server.rpc.services.plain_items import is_plain

UUID = "0123abcd-0123-4567-89ab-0123456789ab"
PLAIN = {"customer": "customers/a", "request_id": UUID, "currency_code": "EUR", "units": 1, "nanos": 0}


def made(said: dict[str, Any]) -> pb.ImportItem:
    item = pb.ImportItem(customer=said["customer"], request_id=said["request_id"])
    for name in ("currency_code", "units", "nanos"):
        setattr(item.purchase.amount, name, said[name])
    for name in ("purpose", "sales_path", "source", "name", "note"):
        if name in said:
            setattr(item.purchase, name, said[name])
    item.purchase.lines.extend(said.get("lines", ()))
    return item


enums = st.integers(-1, 9)
said = st.fixed_dictionaries(
    {
        "customer": st.just("customers/a.b_c-9") | st.from_regex(r"(customers/)?[A-Za-z0-9_.é\n-]{0,65}"),
        "request_id": st.just(UUID) | st.from_regex(r"[0-9a-fA-F-]{36}\n?") | st.just(UUID.upper()),
        "currency_code": st.just("EUR") | st.text("EURé1\n", max_size=4),
        "units": st.integers(-2, 2) | st.integers(-(2**63), 2**63 - 1),
        "nanos": st.just(0) | st.integers(-(2**31), 2**31 - 1),
    },
    optional={
        "purpose": enums,
        "sales_path": enums,
        "source": enums,
        "name": st.sampled_from(["", "customers/a/purchases/b", "x"]),
        "note": st.just("") | st.just("x" * 2001),
        "lines": st.lists(st.builds(pb.PurchaseLine, sku=st.just("x" * 101)), max_size=1),
    },
)


def is_refused(item: pb.ImportItem) -> bool:
    try:
        check(item)
    except InvalidArgument:
        return True
    return False


@given(said=said)
@example(PLAIN)
@example({**PLAIN, "customer": "customers/a\n"})
@example({**PLAIN, "request_id": f"{UUID}\n"})
@example({**PLAIN, "currency_code": "EUR\n"})
def test_what_is_plain_breaks_no_rule_and_is_not_changed(said: dict[str, Any]) -> None:
    item = made(said)
    before = item.SerializeToString(deterministic=True)
    if is_plain(item, item.ByteSize()):
        assert not is_refused(item)
        assert item.SerializeToString(deterministic=True) == before


def test_what_most_imports_send_is_plain() -> None:
    assert is_plain(made(PLAIN), 100)
    assert is_plain(made({**PLAIN, "purpose": 1, "sales_path": 2, "source": 4, "nanos": 999_999_999}), 100)


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer": ""},
        {"customer": "customers/-"},
        {"request_id": ""},
        {"request_id": UUID.upper()},
        {"currency_code": "eur"},
        {"units": -1},
        {"nanos": -1},
        {"nanos": 1_000_000_000},
        {"purpose": 99},
        {"name": "customers/a/purchases/b"},
        {"note": "x"},
        {"lines": [pb.PurchaseLine(sku="x")]},
    ],
)
def test_anything_else_is_left_to_the_contract(wrong: dict[str, Any]) -> None:
    assert not is_plain(made({**PLAIN, **wrong}), 100)


def test_what_is_large_is_left_to_the_contract_too() -> None:
    assert not is_plain(made(PLAIN), 1024)


def test_no_field_has_come_to_the_contract_that_is_not_looked_at() -> None:
    """A field added later may have rules: then `is_plain` must leave it to them, or look at it."""
    fields = {each.name for each in pb.Purchase.DESCRIPTOR.fields}
    looked_at = {"name", "lines", "amount", "purpose", "sales_path", "source", "note"}
    without_rules = {
        "purchase_time",
        "refund_of",
        "refunded_amount",
        "recorded_by",
        "create_time",
        "revision",
    }
    assert fields == looked_at | without_rules
    assert {each.name for each in pb.ImportItem.DESCRIPTOR.fields} == {"purchase", "customer", "request_id"}

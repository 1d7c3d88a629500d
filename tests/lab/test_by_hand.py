"""Bytes encoded and decoded by hand agree with protobuf."""

import pytest
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1.purchases_pb2 import GetPurchaseRequest
from clientela_lab import by_hand

TEXTS = st.text(max_size=31)


@given(TEXTS)
def test_a_text_is_written_as_protobuf_writes_it(text: str) -> None:
    if text:  # what is empty, protobuf does not write
        assert by_hand.text_field(1, text) == GetPurchaseRequest(name=text).SerializeToString()


@given(TEXTS, st.integers(0, 2**63 - 1), st.integers(0, 10**9 - 1))
def test_fields_are_read_as_protobuf_reads_them(currency: str, units: int, nanos: int) -> None:
    money = Money(currency_code=currency, units=units, nanos=nanos)

    read = by_hand.fields(money.SerializeToString())

    assert read == {field.number: as_sent(value) for field, value in money.ListFields()}


def as_sent(value: object) -> object:
    return value.encode() if isinstance(value, str) else value


def test_what_ends_within_a_number_is_no_message() -> None:
    with pytest.raises(ValueError, match="within a number"):
        by_hand.fields(b"\x10\xff")


def test_a_wire_type_that_our_messages_do_not_have_is_named() -> None:
    with pytest.raises(ValueError, match="wire type 5"):
        by_hand.fields(b"\x0d\0\0\0\0")

"""`order_by` (AIP-132): fields of the list, each with a direction, or a refusal with what there is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.orders import read_order

FIELDS = ("amount", "create_time", "name")
SPELLED = {
    "amount": ("amount", "AMOUNT", "Amount"),
    "create_time": ("create_time", "createTime", "CreateTime", "create_Time"),
    "name": ("name", "Name"),
}
DIRECTIONS = {False: ("", " asc", " ASC", "  asc "), True: (" desc", " DESC", "  Desc")}


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, list[tuple[str, bool]]]:
    """An order as somebody may write it, and what it means."""
    meant = draw(st.lists(st.tuples(st.sampled_from(FIELDS), st.booleans()), min_size=1, max_size=4))
    parts = [
        draw(st.sampled_from(SPELLED[field])) + draw(st.sampled_from(DIRECTIONS[falls]))
        for field, falls in meant
    ]
    return draw(st.sampled_from([",", ", ", " ,"])).join(parts), meant


@given(orders())
def test_an_order_is_read_whatever_the_case_and_spaces_are(order: tuple[str, list[tuple[str, bool]]]) -> None:
    text, meant = order
    assert read_order(text, FIELDS) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amount,",
        "amount down",
        "amount desc asc",
        "total",
        "amount; name",
        "desc",
        "create time",
        "-amount",
    ],
)
def test_what_is_no_order_is_refused_with_the_fields_that_there_are(text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_order(text, FIELDS)
    assert caught.value.reason == "ORDER_FIELD_UNKNOWN"
    assert caught.value.facts["known"] == "amount, create_time, name"
    assert caught.value.facts["field"] == "order_by"


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidArgument):
        assert {field for field, _ in read_order(text, FIELDS)} <= set(FIELDS)

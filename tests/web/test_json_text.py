"""JSON is read exactly or refused by the field's path, in bounded time."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import economics_pb2
from clientela.v1 import purchases_pb2 as ppb
from clientela_server.domain.errors import InvalidArgument
from clientela_server.web.codecs import from_json


def read(kind: type[Message], text: str) -> Any:
    return kind.FromString(from_json(kind, text))


def fault(kind: type[Message], text: str) -> str:
    with pytest.raises(InvalidArgument) as refused:
        from_json(kind, text)
    assert refused.value.reason in {"MESSAGE_MALFORMED", "FIELD_INVALID"}
    return refused.value.faults[0].path if refused.value.faults else ""


def purchase(units: str) -> str:
    return f'{{"purchase": {{"amount": {{"units": {units}}}}}}}'


@given(units=st.integers(-(2**63), 2**63 - 1), form=st.sampled_from(["{}", '"{}"', "{}.0", '"{}.0"', "{}e0"]))
def test_a_whole_number_comes_out_as_it_was_written(units: int, form: str) -> None:
    assert read(ppb.RecordPurchaseRequest, purchase(form.format(units))).purchase.amount.units == units


def _has_long_exponent(digits: str) -> bool:
    """Return whether it is written as nobody writes it: 0e000, 5e-007."""
    return len(digits.lower().partition("e")[2].lstrip("+-")) > 2


@given(
    digits=st.from_regex(r"-?(0|[1-9][0-9]{0,25})([.][0-9]{1,12})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    quoted=st.booleans(),
)
def test_a_number_is_exact_or_refused(digits: str, quoted: bool) -> None:
    text, exact = purchase(f'"{digits}"' if quoted else digits), Fraction(Decimal(digits))
    if -(2**63) <= exact < 2**63 and exact.denominator == 1 and not _has_long_exponent(digits):
        taken = read(ppb.RecordPurchaseRequest, text)
        assert taken.purchase.amount.units == exact
    elif not -(2**63) <= exact < 2**63 or exact.denominator != 1:
        assert fault(ppb.RecordPurchaseRequest, text) == "purchase.amount.units"


@given(share=st.floats(allow_nan=False, allow_infinity=False), quoted=st.booleans())
def test_a_double_comes_out_as_it_was_written(share: float, quoted: bool) -> None:
    text = f'"{share!r}"' if quoted else repr(share)
    assert read(economics_pb2.GetUnitEconomicsRequest, f'{{"grossMargin": {text}}}').gross_margin == share


@pytest.mark.parametrize(
    "word",
    [
        "1_0",
        "\uff11\uff10",
        "\u0661",
        " 1",
        "1 ",
        "+1",
        "0x1",
        "1e99999",
        "1E999990",
        "9" * 5000,
        "",
        "1.5",
        "Infinity",
        "-",
        "1e-1",
    ],
)
def test_what_is_no_whole_number_is_refused_by_its_field(word: str) -> None:
    assert fault(ppb.RecordPurchaseRequest, purchase(json.dumps(word))) == "purchase.amount.units"
    assert fault(cpb.ListCustomersRequest, json.dumps({"pageSize": word})) == "page_size"


@pytest.mark.parametrize("word", ["1_0", "\uff11", "0x1p3", "nan", "inf", "1e999", "9" * 500, ""])
def test_what_is_no_number_is_refused_by_its_field(word: str) -> None:
    assert fault(economics_pb2.GetUnitEconomicsRequest, json.dumps({"grossMargin": word})) == "gross_margin"


@pytest.mark.parametrize(
    "word",
    [
        "2026-W01-1",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-02-30T00:00:00Z",
        "\uff12026-01-31T00:00:00Z",
        "2026-01-31T00:00:00.1_0Z",
        "0000-01-01T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "9" * 100_000,
    ],
)
def test_what_is_no_time_is_refused_by_its_field(word: str) -> None:
    told = fault(ppb.RecordPurchaseRequest, json.dumps({"purchase": {"purchaseTime": word}}))
    assert told == "purchase.purchase_time"


@pytest.mark.parametrize("number", [1, 1.0, 2**31, -(2**31) - 1, True, [], {}])
def test_an_enum_is_a_name_or_a_number_of_32_bits(number: Any) -> None:
    text = json.dumps({"customer": {"acquisition": {"channel": number}}})
    if number == 1 and isinstance(number, int) and number is not True:
        assert read(cpb.CreateCustomerRequest, text).customer.acquisition.channel == 1
    else:
        assert fault(cpb.CreateCustomerRequest, text) == "customer.acquisition.channel"


@pytest.mark.parametrize(
    ("kind", "text", "path"),
    [
        (cpb.BatchGetCustomersRequest, json.dumps({"names": ["x"] * 200_000}), "names"),
        (
            cpb.CreateCustomerRequest,
            json.dumps({"customer": {"labels": {f"k{n}": "" for n in range(50_000)}}}),
            "customer.labels",
        ),
        (cpb.UpdateCustomerRequest, json.dumps({"updateMask": "a," * 400_000}), "update_mask"),
        (ppb.RecordPurchaseRequest, json.dumps({"purchase": {"lines": [{}] * 300_000}}), "purchase.lines"),
        (ppb.ImportPurchasesRequest, json.dumps({"items": [{}] * 300_000}), "items"),
    ],
    ids=["names", "labels", "mask", "lines", "items"],
)
def test_a_list_is_counted_before_it_is_made(
    kind: type[Message], text: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(*_: object) -> None:
        raise AssertionError("it was made")

    monkeypatch.setattr(json_format, "ParseDict", make)
    assert fault(kind, text) == path


@pytest.mark.parametrize(
    "text", ["[" * 500_000, '{"a":' * 100_000, '{"a":1,"a":1}', "NaN", "", "{", "\ufeff{}", "null", "[]"]
)
def test_what_is_no_object_is_refused(text: str) -> None:
    fault(cpb.GetCustomerRequest, text)


@given(
    message=st.builds(
        cpb.Customer,
        display_name=st.text(st.characters(exclude_categories=["Cs"])),
        phones=st.lists(st.text(max_size=3), max_size=3),
    )
)
def test_what_protobuf_writes_is_taken(message: cpb.Customer) -> None:
    assert read(cpb.Customer, json_format.MessageToJson(message)) == message

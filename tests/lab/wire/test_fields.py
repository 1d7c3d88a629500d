"""Protobuf fields are decoded as google.protobuf decodes them, with exact offsets."""

import pkgutil
from base64 import b64encode
from collections.abc import Iterator, Sequence
from importlib import import_module

import pytest
from google.protobuf import struct_pb2, wrappers_pb2
from google.protobuf.any_pb2 import Any as PackedMessage
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import FieldOptions, SourceCodeInfo, UninterpretedOption
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2
from hypothesis import assume, given
from hypothesis import strategies as st

from clientela import v1
from clientela.v1.customers_pb2 import Customer, GetCustomerRequest
from clientela.v1.purchases_pb2 import ImportPurchasesRequest, Purchase, PurchaseSource
from clientela_client.wire_format import fields as walker
from clientela_client.wire_format.fields import read_fields
from clientela_client.wire_format.nodes import FieldNode
from tests.lab.wire.messages import messages_of, rebuilt, shown


def every_type() -> list[Descriptor]:
    """Every message of the contract, and some of other kinds: proto2, recursion, packed numbers."""
    ours = [import_module(f"{v1.__name__}.{found.name}") for found in pkgutil.iter_modules(v1.__path__)]
    files = [module.DESCRIPTOR for module in ours if hasattr(module, "DESCRIPTOR")]
    others = [error_details_pb2, health_pb2, status_pb2, struct_pb2, wrappers_pb2]
    files += [module.DESCRIPTOR for module in others]
    of_files = [message for file in files for message in file.message_types_by_name.values()]
    return [*of_files, UninterpretedOption.DESCRIPTOR, SourceCodeInfo.DESCRIPTOR, FieldOptions.DESCRIPTOR]


TYPES = every_type()
NO_TEXT = "is no UTF-8"
one_type = st.sampled_from(TYPES)


def all_nodes(nodes: Sequence[FieldNode]) -> Iterator[FieldNode]:
    for node in nodes:
        yield node
        yield from all_nodes(node.get("fields", []))


@pytest.mark.parametrize("descriptor", TYPES, ids=lambda one: one.full_name)
@given(data=st.data())
def test_values_are_those_that_the_library_reads(descriptor: Descriptor, data: st.DataObject) -> None:
    message = data.draw(messages_of(descriptor))
    fields, wrong = read_fields(message.SerializePartialToString(), descriptor)
    assert wrong is None
    assert shown(rebuilt(fields, descriptor)) == shown(message)


@given(one_type, st.data())
def test_a_field_cut_out_by_its_range_is_a_message_with_that_field(
    descriptor: Descriptor, data: st.DataObject
) -> None:
    whole = data.draw(messages_of(descriptor)).SerializePartialToString()
    fields, _ = read_fields(whole, descriptor)
    ends = [0, *(node["at"][1] for node in fields)]
    assert [node["at"][0] for node in fields] == ends[:-1]
    assert ends[-1] == len(whole)
    for node in fields:
        [alone] = read_fields(whole[slice(*node["at"])], descriptor).fields
        assert alone.get("value") == node.get("value")
        assert [one["name"] for one in alone.get("fields", [])] == [
            one["name"] for one in node.get("fields", [])
        ]


@given(one_type, st.binary(max_size=80))
def test_random_bytes_are_read_as_the_library_reads_them(descriptor: Descriptor, noise: bytes) -> None:
    fields, wrong = read_fields(noise, descriptor)
    try:
        message = GetMessageClass(descriptor).FromString(noise)
    except DecodeError:
        assert wrong is not None
        return
    if wrong is None or not wrong.endswith(NO_TEXT):  # the library does not mind it in proto2
        assert wrong is None
        assert shown(rebuilt(fields, descriptor)) == shown(message)


@given(one_type, st.data(), st.binary(min_size=1, max_size=3))
def test_flipped_bytes_are_read_as_the_library_reads_them(
    descriptor: Descriptor, data: st.DataObject, noise: bytes
) -> None:
    whole = data.draw(messages_of(descriptor)).SerializePartialToString()
    assume(whole)
    at = data.draw(st.integers(0, len(whole)))
    test_random_bytes_are_read_as_the_library_reads_them.hypothesis.inner_test(
        descriptor, whole[:at] + noise + whole[at + len(noise) :]
    )


@given(st.binary(max_size=80))
def test_without_a_descriptor_every_field_is_shown_by_number(noise: bytes) -> None:
    fields, _ = read_fields(noise, None)
    assert all(node["name"] is None for node in all_nodes(fields))
    assert b"".join(noise[slice(*node["at"])] for node in fields) == noise


def test_names_types_and_places_of_a_purchase() -> None:
    purchase = Purchase(
        amount={"currency_code": "EUR", "units": 19, "nanos": 900_000_000},
        source=PurchaseSource.PURCHASE_SOURCE_PHONE,
        purchase_time={"seconds": 1_700_000_000},
    )
    fields, _ = read_fields(purchase.SerializePartialToString(), Purchase.DESCRIPTOR)
    amount, time, source = fields
    assert (amount["name"], amount["type"], amount["wire"]) == ("amount", "google.type.Money", "LEN")
    assert amount["value"] == "19.90 EUR"
    assert amount["at"] == (0, 15)
    assert [(one["name"], one["value"], one["at"]) for one in amount["fields"]] == [
        ("currency_code", "EUR", (2, 7)),
        ("units", "19", (7, 9)),
        ("nanos", 900_000_000, (9, 15)),
    ]
    assert time["value"] == "2023-11-14T22:13:20Z"
    assert (source["value"], source["type"]) == ("PURCHASE_SOURCE_PHONE", "clientela.v1.PurchaseSource")


def test_a_map_is_its_entries() -> None:
    customer = Customer(labels={"floor": "2"})
    [labels] = read_fields(customer.SerializePartialToString(), Customer.DESCRIPTOR).fields
    assert labels["name"] == "labels"
    assert [(one["name"], one["value"]) for one in labels["fields"]] == [("key", "floor"), ("value", "2")]


def test_a_field_that_the_descriptor_does_not_know_is_shown_with_a_guess() -> None:
    data = bytes.fromhex("f23f 02 6869  fa3f 01 ff  8040 05  8940 0000000000000040")
    fields, wrong = read_fields(data, GetCustomerRequest.DESCRIPTOR)
    assert wrong is None
    assert [(one["number"], one["name"], one["type"], one["wire"], one["value"]) for one in fields] == [
        (1022, None, "string?", "LEN", "hi"),
        (1023, None, "bytes?", "LEN", "/w=="),
        (1024, None, None, "VARINT", "5"),
        (1025, None, None, "I64", "0x4000000000000000"),
    ]


def test_what_breaks_inside_leaves_the_rest_readable() -> None:
    data = bytes.fromhex("1a 02 0a05  38 02")  # an amount whose currency is cut off; then the source
    (amount, source), wrong = read_fields(data, Purchase.DESCRIPTOR)
    assert wrong == "5 bytes are missing"
    assert amount["fields"] == [
        {"number": 0, "name": None, "type": None, "wire": "?", "at": (2, 4), "value": "CgU="}
    ]
    assert source["value"] == "PURCHASE_SOURCE_PHONE"


def test_text_that_is_no_utf8_is_shown_escaped_and_said_to_be_wrong() -> None:
    [name], wrong = read_fields(b"\x0a\x02\xff!", Purchase.DESCRIPTOR)
    assert (name["value"], wrong) == ("\\xff!", "name is no UTF-8")


@pytest.mark.parametrize("levels", [90, 5000])
def test_deep_nesting_is_followed_as_far_as_the_library_does(levels: int) -> None:
    nested = b"\x0b" * levels + b"\x0c" * levels  # groups in groups
    _, wrong = read_fields(nested, GetCustomerRequest.DESCRIPTOR)
    assert wrong == (None if levels == 90 else "nested deeper than 100")


def test_more_fields_than_anybody_can_look_at_are_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walker, "FIELDS_MAX", 10)
    request = ImportPurchasesRequest(items=[{"request_id": "a"}] * 20)
    fields, wrong = read_fields(request.SerializePartialToString(), ImportPurchasesRequest.DESCRIPTOR)
    assert wrong == "more than 10 fields: the rest is not shown"
    assert len(list(all_nodes(fields))) <= 13


@given(
    st.integers(-62135596900, 253402300900), st.integers(-1, 1_000_000_000) | st.sampled_from([0, 120_000])
)
def test_a_time_is_said_as_the_library_says_it(seconds: int, nanos: int) -> None:
    time = Timestamp(seconds=seconds, nanos=nanos)
    [node] = read_fields(Purchase(create_time=time).SerializeToString(), Purchase.DESCRIPTOR).fields
    try:
        said = time.ToJsonString()
    except ValueError:
        assert "value" not in node
    else:
        assert node["value"] == said


@pytest.mark.parametrize(
    ("units", "nanos", "said"),
    [
        (240, 0, "240.00 EUR"),
        (0, 5_000_000, "0.005 EUR"),
        (-1, -500_000_000, "-1.50 EUR"),
        (0, -10_000_000, "-0.01 EUR"),
        (1, -1, None),
        (2**63 - 1, 999_999_999, "9223372036854775807.999999999 EUR"),
    ],
)
def test_an_amount_is_said_in_full(units: int, nanos: int, said: str | None) -> None:
    purchase = Purchase(amount={"units": units, "nanos": nanos, "currency_code": "EUR"})
    [node] = read_fields(purchase.SerializeToString(), Purchase.DESCRIPTOR).fields
    assert node.get("value") == said


def opened(message: Message) -> list[FieldNode]:
    """What stands in the value of the Any that a Status holds."""
    status = status_pb2.Status(details=[message])
    fields, wrong = read_fields(status.SerializeToString(), status_pb2.Status.DESCRIPTOR)
    assert wrong is None
    return next(node for node in fields if node["name"] == "details")["fields"]


def packed(message: Message) -> PackedMessage:
    holds = PackedMessage()
    holds.Pack(message)
    return holds


CUSTOMER = Customer(name="customers/blue-door", display_name="Blue Door Café")


@pytest.mark.parametrize("deep", range(4))
def test_what_is_packed_in_an_any_is_opened_however_deep(deep: int) -> None:
    message: Message = CUSTOMER
    for _ in range(deep + 1):
        message = packed(message)
    assert isinstance(message, PackedMessage)
    nodes = opened(message)
    for _ in range(deep):
        assert (nodes[1]["type"], nodes[1].get("value")) == ("google.protobuf.Any", None)
        nodes = nodes[1]["fields"]
    url, value = nodes
    assert url["value"] == "type.googleapis.com/clientela.v1.Customer"
    assert (value["name"], value["type"]) == ("value", "clientela.v1.Customer")
    assert {one["name"]: one["value"] for one in value["fields"]} == {
        "name": "customers/blue-door",
        "display_name": "Blue Door Café",
    }


def test_the_fields_of_what_is_packed_lie_where_they_are_said_to() -> None:
    whole = status_pb2.Status(details=[packed(packed(CUSTOMER))]).SerializeToString()
    fields, _ = read_fields(whole, status_pb2.Status.DESCRIPTOR)
    name = next(node for node in all_nodes(fields) if node["name"] == "display_name")
    assert whole[slice(*name["at"])] == b"\x1a\x0f" + "Blue Door Café".encode()


def test_a_well_known_message_that_is_packed_is_said_in_one_value() -> None:
    assert opened(packed(Timestamp(seconds=5)))[1]["value"] == "1970-01-01T00:00:05Z"


def test_the_type_may_come_behind_the_value() -> None:
    whole = packed(CUSTOMER).SerializeToString()
    [url, value] = read_fields(whole, PackedMessage.DESCRIPTOR).fields
    turned = whole[slice(*value["at"])] + whole[slice(*url["at"])]
    [first, _] = read_fields(turned, PackedMessage.DESCRIPTOR, lambda _: Customer.DESCRIPTOR).fields
    assert [one["name"] for one in first["fields"]] == ["name", "display_name"]


@pytest.mark.parametrize(
    ("url", "value"),
    [("x/shop.Unheard", b"\x08\x01"), ("x/clientela.v1.Customer", b"\x0a\xff"), ("", b"\x0a\x01a")],
    ids=["a type that nobody knows", "bytes that are not of that type", "no type"],
)
def test_what_cannot_be_opened_stays_bytes_and_breaks_nothing(url: str, value: bytes) -> None:
    node = opened(PackedMessage(type_url=url, value=value))[-1]
    assert (node["type"], node["value"]) == ("bytes", b64encode(value).decode())
    assert "fields" not in node

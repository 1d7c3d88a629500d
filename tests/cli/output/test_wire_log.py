"""`--wire` shows what crossed: every byte, the token masked, long streams counted."""

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2, purchases_pb2
from clientela_client.calls.wire import WireEvent
from clientela_client.cli.output.wire_log import WireLog
from clientela_client.cli.output.wire_walk import walk
from clientela_client.messages import Customer, ImportItem, Money, Person, Preferences, Purchase, PurchaseLine

PATH = "/clientela.v1.CustomerService/GetCustomer"

texts = st.text(max_size=20)
int64s = st.integers(-(2**63), 2**63 - 1)
monies = st.builds(Money, currency_code=texts, units=int64s, nanos=st.integers(-(2**31), 2**31 - 1))
customers = st.builds(
    Customer,
    name=texts,
    emails=st.lists(texts, max_size=3),
    labels=st.dictionaries(texts, texts, max_size=3),
    person=st.builds(Person, given_name=texts),
    preferences=st.builds(
        Preferences, marketing_consent=st.booleans(), contact_channels=st.lists(st.integers(0, 5), max_size=4)
    ),
)
purchases = st.builds(
    Purchase,
    name=texts,
    amount=monies,
    lines=st.lists(st.builds(PurchaseLine, sku=texts, unit_price=monies), max_size=3),
    purpose=st.integers(0, 3),
    revision=int64s,
)


@given(customers | purchases)
def test_the_pieces_are_all_bytes_of_the_message(message: Message) -> None:
    data = message.SerializeToString()
    pieces = walk(data, message.DESCRIPTOR)
    assert b"".join(piece.tag + piece.value for piece in pieces) == data
    for piece in pieces:
        assert piece.tag == encoded(piece.number * 8 + piece.wire_type)
        assert piece.name != "(unknown)"


def encoded(number: int) -> bytes:
    """Write a varint, by the library: it stands behind the tag of a field."""
    return Purchase(revision=number).SerializeToString()[len(Purchase(revision=1).SerializeToString()) - 1 :]


@given(purchases)
def test_numbers_mean_what_they_are(purchase: Purchase) -> None:
    meanings = {
        piece.name: piece.meaning
        for piece in walk(purchase.SerializeToString(), purchase.DESCRIPTOR)
        if not piece.depth
    }
    assert meanings.get("revision", "0") == str(purchase.revision)


@given(purchases, st.binary(max_size=40))
def test_of_unknown_fields_and_of_no_message_at_all_every_byte_is_shown(
    purchase: Purchase, noise: bytes
) -> None:
    for data in (purchase.SerializeToString(), noise):
        assert b"".join(piece.tag + piece.value for piece in walk(data, None)) == data


def test_a_cut_message_is_no_message() -> None:
    data = Customer(name="customers/anna").SerializeToString()
    for end in range(1, len(data)):
        last = walk(data[:end], None)[-1]
        assert (last.number, last.meaning.partition(":")[0]) == (0, "not protobuf")


def shown(capsys: pytest.CaptureFixture[str], *events: WireEvent, color: bool = False) -> str:
    log = WireLog(color=color)
    for event in events:
        log(event)
    written = capsys.readouterr()
    assert written.out == ""
    return written.err


def message_event(kind: str, message: Message) -> WireEvent:
    return WireEvent(kind, PATH, 1, 0.5, message=message, data=message.SerializeToString())  # type: ignore[arg-type]


def test_a_call_is_shown_as_it_crossed(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(
        capsys,
        WireEvent(
            "request-metadata", PATH, 1, 0.1, metadata=(("authorization", "Bearer clt_secret_of_mine"),)
        ),
        message_event("request-message", customers_pb2.GetCustomerRequest(name="customers/42")),
        WireEvent("response-metadata", PATH, 1, 3.0),
        message_event("response-message", Customer(name="customers/42")),
        WireEvent("status", PATH, 1, 4.25, metadata=(("clientela-revision", "7"),), code="OK"),
    )
    assert text.splitlines() == [
        "",
        f"▶ POST {PATH}   0.1 ms",
        "    authorization: Bearer … (25 characters, not shown)",
        "    (and what HTTP/2 and gRPC add: :authority, content-type, te, user-agent, grpc-timeout)",
        "▶ message: GetCustomerRequest, 5 + 14 bytes   0.5 ms",
        '    name: "customers/42"',
        "    The same as bytes: a prefix of 5, then the fields. A field is a tag (its number * 8 + its type)",
        "    and a value: type 0 is a varint, 2 a length and that many bytes. Names do not cross.",
        "    0000  00                                   not compressed",
        "    0001  00 00 00 0e                          14 bytes follow",
        '    0005  0a 0c 63 75 73 74 6f 6d 65 72 73 2f  1 name: "customers/42"  (type 2)',
        "    0011  34 32",
        "◀ response metadata   3.0 ms",
        "    (none)",
        "◀ message: Customer, 5 + 14 bytes   0.5 ms",
        '    name: "customers/42"',
        "    0000  00                                   not compressed",
        "    0001  00 00 00 0e                          14 bytes follow",
        '    0005  0a 0c 63 75 73 74 6f 6d 65 72 73 2f  1 name: "customers/42"  (type 2)',
        "    0011  34 32",
        "◀ status OK   4.2 ms",
        "    clientela-revision: 7",
        "",
    ]


def test_a_second_attempt_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(
        capsys,
        WireEvent("request-metadata", PATH, 1, 0.1),
        WireEvent("status", PATH, 1, 0.2, code="UNAVAILABLE", details="gone"),
        WireEvent("request-metadata", PATH, 2, 0.3),
    )
    assert "◀ status UNAVAILABLE: gone" in text
    assert f"▶ POST {PATH}  attempt 2" in text


def test_of_a_stream_the_first_messages_are_shown_and_the_rest_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    request = purchases_pb2.ImportPurchasesRequest(items=[ImportItem(request_id="1")])
    text = shown(
        capsys,
        WireEvent("request-metadata", PATH, 1, 0.1),
        *[message_event("request-message", request)] * 1003,
        WireEvent("status", PATH, 1, 9.0, code="OK"),
    )
    assert text.count("▶ message") == 3
    assert text.index("▶ ... and 1,000 messages more") < text.index("◀ status OK")


def test_a_long_message_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    many = customers_pb2.ListCustomersResponse(customers=[Customer(name="customers/42")] * 1000)
    text = shown(capsys, message_event("response-message", many))
    assert len(text.splitlines()) < 150
    assert "2,940 lines more" in text


def test_bytes_that_are_no_message_are_shown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, WireEvent("response-message", PATH, 1, 0.1, data=b"\x0a\xff"))
    assert "not a message of the contract" in text and "not protobuf" in text


def test_text_from_the_server_does_not_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = Customer(name="\x1b[2J\x9b")
    status = WireEvent("status", PATH, 1, 0.1, code="OK", details="\x1b[2J", metadata=(("x", "\x1b[2J"),))
    text = shown(capsys, message_event("response-message", evil), status)
    assert "\x1b" not in text and "\x9b" not in text

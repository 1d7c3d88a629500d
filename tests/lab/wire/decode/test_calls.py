"""Calls are assembled from frames: each begins once, ends once, and its messages have exact offsets."""

import gzip
import zlib

import pytest
from google.protobuf.any_pb2 import Any as PackedMessage
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from hpack import Encoder
from hyperframe.frame import HeadersFrame, SettingsFrame
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1.customers_pb2 import Customer, GetCustomerRequest
from clientela_lab.wire.decode import messages as sizes
from clientela_lab.wire.decode.events import frame_event
from clientela_lab.wire.decode.frame_decoder import FrameReader
from tests.lab.wire.exchange import Exchange, bin_value, prefixed

GET = "/clientela.v1.CustomerService/GetCustomer"
IMPORT = "/clientela.v1.PurchaseService/ImportPurchases"
REQUEST = GetCustomerRequest(name="customers/blue-door").SerializeToString()
REPLY = Customer(name="customers/blue-door", display_name="Blue Door Café").SerializeToString()


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def unary(exchange: Exchange, stream: int = 1) -> None:
    exchange.ask(GET, [("grpc-timeout", "250m"), ("authorization", "Bearer clt_secret")], stream)
    exchange.data(prefixed(REQUEST), stream, up=True, end=True)
    exchange.answer([("clientela-revision", "7")], stream)
    exchange.data(prefixed(REPLY), stream, up=False)
    exchange.end(stream=stream)


def test_a_unary_call_is_a_beginning_two_messages_and_an_end(exchange: Exchange) -> None:
    unary(exchange)
    begin, asked, answered, end = exchange.events
    assert begin == {
        "event": "call_begin",
        "call": 1,
        "conn": 1,
        "stream": 1,
        "method": GET,
        "kind": "unary",
        "timeout_s": 0.25,
        "metadata": [
            ("content-type", "application/grpc"),
            ("grpc-timeout", "250m"),
            ("authorization", "Bearer …"),
        ],
        "frame": 1,
    }
    assert (asked["from"], asked["type"], asked["index"]) == ("client", "clientela.v1.GetCustomerRequest", 0)
    assert [(one["name"], one["value"]) for one in asked["fields"]] == [("name", "customers/blue-door")]
    assert (answered["from"], answered["type"]) == ("server", "clientela.v1.Customer")
    assert answered["parts"] == [{"frame": 4, "at": (9, 14 + len(REPLY))}]
    assert (end["status"], end["by"], end["ms"], end["text"]) == ("OK", "server", 400.0, "")
    assert end["metadata"] == [("content-type", "application/grpc"), ("clientela-revision", "7")]
    assert end["trailers"] == [("grpc-status", "0")]


def test_of_a_secret_nothing_is_shown(exchange: Exchange) -> None:
    exchange.ask(GET, [("authorization", "clt_secret")])
    assert ("authorization", "…") in exchange.events[0]["metadata"]


def test_calls_on_one_connection_are_kept_apart(exchange: Exchange) -> None:
    exchange.ask(GET, stream=1)
    exchange.ask(IMPORT, stream=3)
    exchange.data(prefixed(b""), 3, up=True)
    exchange.data(prefixed(REQUEST), 1, up=True, end=True)
    assert [(one["call"], one["kind"]) for one in exchange.of("call_begin")] == [
        (1, "unary"),
        (2, "client_stream"),
    ]
    assert [(one["call"], one["length"]) for one in exchange.of("message")] == [(2, 0), (1, len(REQUEST))]
    assert (exchange.calls.number_of(3), exchange.calls.number_of(5)) == (2, None)


@given(st.lists(st.integers(0, 40), max_size=6), st.lists(st.integers(1, 60), max_size=12))
def test_messages_are_whole_however_they_are_cut_into_frames(lengths: list[int], cuts: list[int]) -> None:
    exchange = Exchange()
    exchange.ask("/unknown.Service/Method")
    sent = [bytes([number]) * length for number, length in enumerate(lengths)]
    left = b"".join(prefixed(one) for one in sent)
    for cut in [*cuts, len(left)]:
        exchange.data(left[:cut], up=True)
        left = left[cut:]
    found = exchange.of("message")
    assert [one["length"] for one in found] == lengths
    for event, data in zip(found, sent, strict=True):
        pieces = [exchange.frames[part["frame"] - 1][slice(*part["at"])] for part in event["parts"]]
        assert b"".join(pieces) == prefixed(data)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_message_is_unpacked(exchange: Exchange, encoding: str, pack: object) -> None:
    assert callable(pack)
    exchange.ask(GET, [("grpc-encoding", encoding)])
    exchange.data(prefixed(pack(REQUEST), 1), up=True)
    [message] = exchange.of("message")
    assert message["compressed"]
    assert message["fields"][0]["value"] == "customers/blue-door"
    assert bin_value(REQUEST) == message["unpacked"].rstrip("=")
    assert "wrong" not in message


@pytest.mark.parametrize(
    ("encoding", "data", "why"),
    [
        ("snappy", b"..", "compressed by snappy, which is not read here"),
        ("", b"..", "compressed by nobody knows what, which is not read here"),
        ("gzip", b"..", "not compressed by gzip: Error -3 while decompressing data: incorrect header check"),
        ("gzip", gzip.compress(bytes(1000), mtime=0), "more than 100 bytes when unpacked"),
    ],
)
def test_what_cannot_be_unpacked_says_why(
    exchange: Exchange, encoding: str, data: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "UNPACKED_BYTES_MAX", 100)
    exchange.ask(GET, [("grpc-encoding", encoding)])
    exchange.data(prefixed(data, 1), up=True)
    [message] = exchange.of("message")
    assert (message["wrong"], message["fields"]) == (why, [])


def test_no_more_is_kept_of_a_message_than_anybody_can_look_at(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "MESSAGE_BYTES_MAX", 30)
    exchange.ask(GET)
    exchange.data(prefixed(REQUEST * 2)[:20], up=True)
    exchange.data(prefixed(REQUEST * 2)[20:] + prefixed(REQUEST), up=True)
    long, short = exchange.of("message")
    assert long["wrong"] == f"of {2 * len(REQUEST)} bytes only 30 are shown"
    assert short["fields"][0]["value"] == "customers/blue-door"


def test_bytes_that_are_no_message_are_said_to_be_none(exchange: Exchange) -> None:
    exchange.ask(GET)
    exchange.data(b"\x07\0\0\0\x01?", up=True)
    exchange.data(prefixed(REQUEST), up=True)
    [message] = exchange.of("message")
    assert message["wrong"] == "no gRPC message begins with 0x07"


def test_an_error_comes_with_its_text_and_details(exchange: Exchange) -> None:
    info = ErrorInfo(reason="CUSTOMER_NOT_FOUND", domain="clientela", metadata={"name": "customers/x"})
    status = Status(code=5)
    status.details.add().Pack(info)
    status.details.append(PackedMessage(type_url="type.googleapis.com/shop.Unknown", value=b"\x08\x01"))
    exchange.ask(GET, end=True)
    details = ("grpc-status-details-bin", bin_value(status.SerializeToString()))
    exchange.end("5", [("grpc-message", "Caf%C3%A9 100%25"), details])
    [end] = exchange.of("call_end")
    assert (end["status"], end["text"]) == ("NOT_FOUND", "Café 100%")
    assert end["details"] == [
        {
            "type": "google.rpc.ErrorInfo",
            "reason": "CUSTOMER_NOT_FOUND",
            "domain": "clientela",
            "metadata": {"name": "customers/x"},
        },
        {"type": "shop.Unknown", "value": "CAE="},
    ]


@pytest.mark.parametrize("name", ["x", 200 * "x", "\u0142\u20ac"])
def test_details_that_came_as_bytes_behind_a_zero_are_read_too(exchange: Exchange, name: str) -> None:
    status = Status(code=5)
    status.details.add().Pack(ErrorInfo(reason="R", metadata={"name": name}))
    exchange.ask(GET, end=True)
    exchange.end("5", [("grpc-status-details-bin", b"\0" + status.SerializeToString())])
    [end] = exchange.of("call_end")
    assert end["details"] == [{"type": "google.rpc.ErrorInfo", "reason": "R", "metadata": {"name": name}}]


@pytest.mark.parametrize("packed", ["***", "AAAA", "\u20ac"])
def test_details_that_cannot_be_read_are_shown_as_they_came(exchange: Exchange, packed: str) -> None:
    exchange.ask(GET, end=True)
    exchange.end("99", [("grpc-status-details-bin", packed)])
    [end] = exchange.of("call_end")
    assert (end["status"], end["details"]) == ("99", [{"type": "?", "value": packed}])


def test_a_reset_ends_a_call_without_a_status_and_shows_what_had_begun(exchange: Exchange) -> None:
    exchange.ask(IMPORT)
    exchange.data(prefixed(REQUEST)[:11], up=True)
    exchange.reset(up=True)
    begun, end = exchange.events[1:]
    assert begun["wrong"] == f"6 of {len(REQUEST)} bytes came"
    assert (end["status"], end["text"], end["by"]) == (None, "RST_STREAM CANCEL", "client")


def test_a_message_on_its_way_when_the_other_side_resets_is_reported(exchange: Exchange) -> None:
    exchange.ask(GET)
    exchange.reset(up=True)
    exchange.data(prefixed(REPLY), up=False)
    exchange.end()
    assert [one["event"] for one in exchange.events] == ["call_begin", "call_end", "message"]


def test_a_reset_after_the_status_changes_nothing(exchange: Exchange) -> None:
    exchange.ask(IMPORT)
    exchange.end("3")
    exchange.data(prefixed(b""), up=True)
    exchange.reset(up=False)
    assert [one["event"] for one in exchange.events] == ["call_begin", "call_end", "message"]


def test_what_the_proxy_does_is_said_to_be_the_proxys(exchange: Exchange) -> None:
    exchange.ask(GET, end=True)
    exchange.reset(up=False, by_proxy=True)
    [end] = exchange.of("call_end")
    assert end["by"] == "tap"


def test_a_message_of_which_a_part_was_swallowed_has_not_passed(exchange: Exchange) -> None:
    exchange.ask(GET)
    exchange.data(prefixed(REQUEST)[:9], up=True)
    exchange.data(prefixed(REQUEST)[9:], up=True, passed=False)
    exchange.data(prefixed(REQUEST), up=True)
    assert [one["passed"] for one in exchange.of("message")] == [False, True]


def test_a_goaway_ends_what_the_server_does_not_look_at(exchange: Exchange) -> None:
    exchange.ask(GET, stream=1)
    exchange.ask(GET, stream=3)
    exchange.goaway(1)
    [end] = exchange.of("call_end")
    assert (end["stream"], end["status"], end["by"]) == (3, None, "server")
    assert end["text"] == "GOAWAY NO_ERROR: the server does not look at it"


def test_the_end_of_the_connection_ends_its_calls(exchange: Exchange) -> None:
    unary(exchange)
    exchange.ask(GET, stream=3)
    [end] = exchange.calls.cut(9.0)
    assert end["event"] == "call_end"
    assert (end["stream"], end["by"], end["text"]) == (3, "cut", "the connection ended")
    assert exchange.calls.cut(9.0) == []


def test_an_answer_that_is_no_grpc_is_reported_by_its_http_status(exchange: Exchange) -> None:
    exchange.ask(GET, end=True)
    exchange.headers([(":status", "503")], 1, up=False, end=True)
    [end] = exchange.of("call_end")
    assert (end["status"], end["text"]) == (None, "HTTP 503")


def test_a_method_that_nobody_knows_is_shown_by_numbers(exchange: Exchange) -> None:
    exchange.ask("/shop.Till/Open")
    exchange.data(prefixed(REQUEST), up=True)
    begin, message = exchange.events
    assert (begin["kind"], message["type"]) == ("?", None)
    assert [(one["number"], one["name"], one["value"]) for one in message["fields"]] == [
        (1, None, "customers/blue-door")
    ]


def test_a_request_that_is_no_grpc_is_no_call(exchange: Exchange) -> None:
    exchange.headers([(":method", "GET"), (":path", "/")], 1, up=True, end=True)
    exchange.headers([(":status", "200")], 1, up=False, end=True)
    assert exchange.events == []


@pytest.mark.parametrize(
    ("text", "seconds"), [("1H", 3600), ("99999999n", 0.099999999), ("x", None), ("²S", None)]
)
def test_the_time_left_is_reported_in_seconds(exchange: Exchange, text: str, seconds: float | None) -> None:
    exchange.ask(GET, [("grpc-timeout", text)])
    assert exchange.events[0].get("timeout_s") == (None if seconds is None else pytest.approx(seconds))


SECRETS = [("cookie", "id=hunter2"), ("x-api-key", "hunter2"), ("x-session-bin", bin_value(b"hunter2"))]
HIDDEN = [(name, "…") for name, _ in SECRETS]


@pytest.mark.parametrize("kind", ["application/grpc", "application/grpc-web+proto"])
def test_no_side_of_a_call_tells_a_secret_whatever_its_name(exchange: Exchange, kind: str) -> None:
    exchange.headers(
        [(":path", f"{GET}?key=hunter2"), ("content-type", kind), *SECRETS], stream=1, up=True, end=True
    )
    exchange.answer(SECRETS)
    exchange.data(b"\x80" + prefixed(b"set-cookie: id=hunter2\r\n")[1:], up=False)
    exchange.end(more=[*SECRETS, ("grpc-message", "")])

    begin, trailers_in_the_body, end = exchange.events
    assert begin["method"] == f"{GET}?…"
    assert [pair for pair in begin["metadata"] if pair[0] in dict(SECRETS)] == HIDDEN
    assert end["metadata"][1:] == HIDDEN
    assert end["trailers"] == [("grpc-status", "0"), *HIDDEN, ("grpc-message", "")]
    assert (trailers_in_the_body["fields"], trailers_in_the_body["length"]) == ([], 24)
    for event in exchange.events:
        assert "hunter2" not in str(event)
        assert bin_value(b"hunter2") not in str(event)


def test_no_frame_tells_a_secret_in_words() -> None:
    headers = HeadersFrame(1, Encoder().encode(SECRETS), flags=["END_HEADERS"])
    settings = SettingsFrame()
    [_, frame] = FrameReader(from_client=False).feed(settings.serialize() + headers.serialize())
    assert frame_event(frame, 1)["headers"] == HIDDEN

"""An answer that is no gRPC is shown as what it is: never as messages, and with its HTTP status."""

import gzip
from typing import Any

import pytest

from clientela_lab.wire.watch.event_format import EventFormat
from tests.lab.wire.exchange import Exchange, prefixed

GET = "/clientela.v1.CustomerService/GetCustomer"
PAGE = b"<html><title>502 Bad Gateway</title>\n<h1>502 Bad Gateway</h1> nginx</html>"
HTML = ("content-type", "text/html")


@pytest.fixture
def exchange() -> Exchange:
    exchange = Exchange()
    exchange.ask(GET, end=True)
    return exchange


def answer(exchange: Exchange, status: str, *more: tuple[str, str]) -> None:
    exchange.headers([(":status", status), *more], 1, up=False)


def told(exchange: Exchange) -> tuple[Any, Any]:
    assert exchange.of("message") == []
    [body], [end] = exchange.of("body"), exchange.of("call_end")
    assert end["status"] is None
    assert exchange.events[-1] is end
    return body, end


def test_a_proxys_error_with_a_body_is_not_read_as_a_message(exchange: Exchange) -> None:
    answer(exchange, "502", HTML, ("server", "nginx"))
    exchange.data(PAGE[:9], up=False)
    exchange.data(PAGE[9:], up=False, end=True)

    body, end = told(exchange)
    assert (body["type"], body["length"], body["text"]) == ("text/html", len(PAGE), PAGE.decode())
    assert (body["from"], body["method"], body["passed"]) == ("server", GET, True)
    pieces = [exchange.frames[part["frame"] - 1][slice(*part["at"])] for part in body["parts"]]
    assert b"".join(pieces) == PAGE
    assert (end["text"], end["by"]) == ("HTTP 502", "server")
    assert end["metadata"] == [HTML, ("server", "nginx")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("200", "text/html"),
        ("404", "application/json"),
        ("200", "application/json"),
        ("503", "application/grpc"),
    ],
)
def test_it_is_reported_by_its_status_or_its_type(exchange: Exchange, status: str, kind: str) -> None:
    answer(exchange, status, ("content-type", kind))
    exchange.data(prefixed(b"{}"), up=False, end=True)
    _, end = told(exchange)
    assert end["text"] == f"HTTP {status}"


def test_an_error_of_a_gateway_that_speaks_grpc_keeps_its_status(exchange: Exchange) -> None:
    exchange.answer()
    exchange.end("14", [("grpc-message", "no healthy upstream")])
    [end] = exchange.of("call_end")
    assert (end["status"], end["text"]) == ("UNAVAILABLE", "no healthy upstream")


def test_early_hints_are_no_answer_yet(exchange: Exchange) -> None:
    answer(exchange, "103", ("link", "</a>"))
    exchange.answer()
    exchange.data(prefixed(b""), up=False)
    exchange.end()
    [end] = exchange.of("call_end")
    assert (end["status"], len(exchange.of("message")), exchange.of("body")) == ("OK", 1, [])


def test_an_answer_of_grpc_that_ends_without_a_status_ends_the_call(exchange: Exchange) -> None:
    exchange.answer()
    exchange.data(prefixed(b""), up=False, end=True)
    [end] = exchange.of("call_end")
    assert (end["status"], end["text"]) == (None, "HTTP 200")


def test_a_packed_body_is_unpacked_and_bytes_are_not_taken_for_text(exchange: Exchange) -> None:
    answer(exchange, "502", HTML, ("content-encoding", "gzip"))
    exchange.data(gzip.compress(PAGE), up=False, end=True)
    assert told(exchange)[0]["text"] == PAGE.decode()
    for encoding, data in (("br", PAGE), ("gzip", PAGE), ("", b"\x89PNG\0")):
        other = Exchange()
        other.ask(GET, end=True)
        answer(other, "502", ("content-encoding", encoding))
        other.data(data, up=False, end=True)
        assert "text" not in told(other)[0]


def test_of_a_long_body_the_beginning_is_kept(exchange: Exchange) -> None:
    answer(exchange, "500", HTML)
    for _ in range(20):
        exchange.data(b"a" * 16_000, up=False)
    exchange.reset(up=False)
    body, end = told(exchange)
    assert (body["length"], body["text"]) == (320_000, "a" * 4000)
    assert end["text"] == "RST_STREAM CANCEL"


def test_a_body_that_was_swallowed_has_not_passed_and_one_that_comes_late_is_no_message(
    exchange: Exchange,
) -> None:
    answer(exchange, "502", HTML)
    exchange.data(PAGE, up=False, passed=False)
    exchange.reset(up=True)
    exchange.data(PAGE, up=False, end=True)
    assert not told(exchange)[0]["passed"]


def test_a_terminal_shows_it_on_a_line_that_commands_nothing(exchange: Exchange) -> None:
    answer(exchange, "502", HTML)
    exchange.data(PAGE + b"\x1b[2J", up=False, end=True)
    event_format = EventFormat(frames=False)
    _, body, end = [str(event_format.of({"t": 0.0, "passed": True, **event})) for event in exchange.events]
    assert "CustomerService/GetCustomer" in body
    assert f"{len(PAGE) + 4} bytes of text/html: <html><title>502 Bad Gateway</title> <h1>" in body
    assert "\x1b" not in body
    assert end.endswith("HTTP 502")

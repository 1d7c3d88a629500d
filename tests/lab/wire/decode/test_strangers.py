"""Protocols other than gRPC are identified: by their first bytes, HTTP by its request."""

import asyncio
import ssl
from typing import Any

import pytest
from hpack import Encoder
from hyperframe.frame import HeadersFrame, SettingsFrame
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab.patience import HANG_S
from clientela_lab.wire.decode.calls import Calls
from clientela_lab.wire.decode.descriptors import packaged
from clientela_lab.wire.decode.frame import PREFACE
from clientela_lab.wire.decode.frame_decoder import FrameReader
from clientela_lab.wire.decode.strangers import not_http2
from clientela_lab.wire.record.recording import Recorder
from clientela_lab.wire.record.transcript import Transcript
from clientela_lab.wire.watch.event_format import EventFormat
from tests.lab.wire.sockets import connected, proxying, serving


def client_hello() -> bytes:
    context, out = ssl.create_default_context(), ssl.MemoryBIO()
    hello = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="blue-door.example")
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    return out.read()


TLS = "TLS, which is read only where the tap has the server's certificate (--tls): not HTTP/2"
DOES_IT = "does the other side speak TLS?"
NAMES: list[tuple[bytes, str]] = [
    (b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 GET /hello: not HTTP/2"),
    (b"POST /a.B/C?key=hunter2 HTTP/1.0\r\n", "HTTP/1.0 POST /a.B/C?…: not HTTP/2"),
    (b"HTTP/1.1 400 Bad Request\r\n", "HTTP/1.1 400 Bad Request: not HTTP/2"),
    (client_hello(), TLS),
    (
        b"\x15\x03\x03\0\x02\x02\x46",
        "a TLS alert (protocol version: does the other side speak TLS?): not HTTP/2",
    ),
    (b"\x15\x03\x03\0\x02\x02\x28", "a TLS alert (handshake failure): not HTTP/2"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH: not HTTP/2"),
    (b"\0\0\0\x08\x04\xd2\x16\x2f", "PostgreSQL: not HTTP/2"),
    (b"\0\0\0\x55\0\x03\0\0user\0", "PostgreSQL: not HTTP/2"),
    (b"\x4a\0\0\0\x0a8.0.36\0", "MySQL: not HTTP/2"),
    (b"*1\r\n$4\r\nPING\r\n", "Redis: not HTTP/2"),
    (b"AMQP\0\0\x09\x01", "AMQP: not HTTP/2"),
    (b"\x10\x25\0\x04MQTT", "MQTT: not HTTP/2"),
    (b"220 mail.example ESMTP\r\n", "SMTP or FTP: not HTTP/2"),
    (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "the PROXY protocol before what it is about: not HTTP/2"),
]


@pytest.mark.parametrize(("began", "name"), NAMES, ids=lambda one: one[:24] if isinstance(one, str) else "")
def test_another_protocol_is_named_by_its_first_bytes(began: bytes, name: str) -> None:
    for from_client in (True, False):
        [frame] = FrameReader(from_client).feed(began)
        assert (frame.kind, frame.raw, frame.wrong) == ("RAW", began, name)


@given(st.sampled_from(NAMES), st.integers(1, 9))
def test_it_passes_at_once_in_whatever_pieces_and_is_named_when_it_can_be(
    told: tuple[bytes, str], size: int
) -> None:
    began, name = told
    reader = FrameReader(from_client=True)
    frames = [frame for at in range(0, len(began), size) for frame in reader.feed(began[at : at + size])]
    assert b"".join(frame.raw for frame in frames) == began
    if not began.startswith(b"P"):  # what may be HTTP/2's own preface is waited for
        assert len(frames) == -(-len(began) // size)
    if not began.startswith(b"\x15"):
        assert frames[-1].wrong == name


@given(st.binary(max_size=60))
def test_whatever_comes_is_named_or_not_and_breaks_nothing(noise: bytes) -> None:
    name = not_http2(noise)
    assert name is None or name.endswith(": not HTTP/2")


def test_http2_itself_is_no_stranger() -> None:
    assert not_http2(PREFACE) is None
    assert not_http2(SettingsFrame(settings={1: 0, 3: 100, 4: 1 << 20}).serialize()) is None


def shown(events: list[Any]) -> list[str]:
    event_format = EventFormat(frames=False)
    return [line.text for event in events if event_format.wants(event) and (line := event_format.of(event))]


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ([(":method", "GET"), (":path", "/hello?key=hunter2")], "HTTP/2 GET /hello?…: not gRPC"),
        (
            [(":method", "POST"), (":path", "/a.B/C"), ("content-type", "application/json")],
            "HTTP/2 POST /a.B/C of application/json: not gRPC",
        ),
    ],
)
def test_a_request_of_http2_that_is_no_grpc_is_named(headers: list[tuple[str, str]], name: str) -> None:
    recorder = Recorder(upstream="", listen="")
    transcript = Transcript(1, recorder, Calls(packaged()))
    asked = HeadersFrame(1, Encoder().encode(headers), flags=["END_HEADERS", "END_STREAM"])
    transcript.feed(True, PREFACE + SettingsFrame().serialize() + asked.serialize(), 0.0, True)
    assert recorder.events[-1]["wrong"] == name  # type: ignore[typeddict-item]
    assert shown(recorder.events) == [name]


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(5)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize("rules", [(), ("delay 1ms",)], ids=["as it comes", "under a rule"])
@pytest.mark.parametrize("began", [b"GET /hello HTTP/1.1\r\n\r\n", client_hello()], ids=["HTTP", "TLS"])
async def test_a_proxy_says_what_came_in_its_place_without_being_asked_for_frames(
    began: bytes, rules: tuple[str, ...]
) -> None:
    async with serving(hangs_up) as upstream, proxying(upstream, *rules) as proxy:
        async with connected(proxy.address) as (reader, writer):
            writer.write(began)
            async with asyncio.timeout(HANG_S):
                assert (await reader.read()).startswith(b"HTTP/1.1 400")
        while proxy.connections:
            await asyncio.wait([next(iter(proxy.connections)).finished], timeout=HANG_S)
        proxy.decoding.catch_up()
        said = shown(proxy.recorder.events)
    name = not_http2(began)
    assert [text for text in said if text.endswith("not HTTP/2")] == [
        name,
        "HTTP/1.1 400 Bad Request: not HTTP/2",
    ]

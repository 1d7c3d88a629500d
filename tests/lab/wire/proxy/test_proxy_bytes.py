"""A proxy changes no byte that no rule changes, applies backpressure, and forwards FIN and RST."""

import asyncio
import random
import socket
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab.wire.decode.frame import PREFACE
from clientela_lab.wire.proxy.endpoint import Endpoint
from clientela_lab.wire.record import decoding
from tests.lab.wire.sockets import WITHIN_S, connected, proxying, serving

SETTINGS = bytes.fromhex("000000040000000000")
# Rules that are there, and do not act: then the proxy makes frames before it passes bytes on.
NO_RULES: tuple[str, ...] = ()
IDLE_RULES = ("drop-reply NoSuchMethod", "cut-after 999999999 down", "delay 1ms connection 99")

chunks = st.lists(st.binary(min_size=1, max_size=3000), max_size=12)
beginnings = st.sampled_from([b"", PREFACE, PREFACE + SETTINGS, b"GET / HTTP/1.1\r\n"])


async def exchange(
    up: Sequence[bytes], down: Sequence[bytes], rules: Sequence[str]
) -> tuple[bytes, bytes, bytes]:
    """Send both at once through a proxy; return what came up, what came down, and the recording."""
    arrived = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set_result(await talk(reader, writer, down))

    async with (
        asyncio.timeout(WITHIN_S),
        serving(serve) as upstream,
        proxying(upstream, *rules) as proxy,
    ):
        async with connected(proxy.address) as (reader, writer):
            came_down = await talk(reader, writer, up)
            came_up = await arrived
    return came_up, came_down, proxy.recorder.events


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chunks: Sequence[bytes]) -> bytes:
    """Send, and read meanwhile; return what came."""
    reading = asyncio.ensure_future(reader.read())
    for chunk in chunks:
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0)
    writer.write_eof()
    return await reading


@pytest.mark.parametrize("rules", [NO_RULES, IDLE_RULES], ids=["no rules", "idle rules"])
@given(begin=beginnings, up=chunks, down=chunks)
async def test_what_comes_out_is_what_went_in(
    rules: Sequence[str], begin: bytes, up: list[bytes], down: list[bytes]
) -> None:
    came_up, came_down, events = await exchange([begin, *up], down, rules)
    assert came_up == begin + b"".join(up)
    assert came_down == b"".join(down)
    assert recorded(events, "client") == came_up
    assert recorded(events, "server") == came_down


def recorded(events: Sequence[Mapping[str, Any]], side: str) -> bytes:
    frames = (event for event in events if event["event"] == "frame" and event["from"] == side)
    return b"".join(b64decode(frame["raw"]) for frame in frames)


async def test_a_rule_may_come_in_the_middle_of_a_frame() -> None:
    text = PREFACE + SETTINGS + data_frame(b"a" * 1000) + data_frame(b"b" * 1000)
    seen = asyncio.Queue[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            seen.put_nowait(data)

    async with asyncio.timeout(WITHIN_S), serving(serve) as upstream, proxying(upstream) as proxy:
        async with connected(proxy.address) as (_, writer):
            writer.write(text[:500])
            came = await seen.get()
            proxy.rules.add("cut-after 999999 up")
            for at in range(500, len(text), 100):
                writer.write(text[at : at + 100])
                await writer.drain()
                await asyncio.sleep(0)
            while came != text:
                came += await seen.get()
    assert recorded(proxy.recorder.events, "client") == text


def data_frame(content: bytes) -> bytes:
    return len(content).to_bytes(3, "big") + bytes([0, 0, 0, 0, 0, 1]) + content


@pytest.mark.parametrize("rules", [NO_RULES, IDLE_RULES], ids=["no rules", "idle rules"])
async def test_a_big_message_goes_through_unchanged(rules: Sequence[str]) -> None:
    frames = [data_frame(random.Random(number).randbytes(16_384)) for number in range(1024)]
    up, down = [PREFACE, SETTINGS, *frames], [SETTINGS, *reversed(frames)]
    came_up, came_down, _ = await exchange(up, down, rules)
    assert came_up == b"".join(up)
    assert came_down == b"".join(down)


@pytest.mark.parametrize("rules", [NO_RULES, IDLE_RULES, ("throttle 8kbit",)], ids=str)
async def test_who_sends_waits_for_who_reads(rules: Sequence[str]) -> None:
    """What is neither read nor refused lies with its sender, not here: memory stays bounded."""
    done = asyncio.Event()
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()

    async def push(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(PREFACE + SETTINGS)
        while True:
            writer.write(data_frame(b"x" * 16_000))
            sent += 16_009
            await writer.drain()

    async with serving(serve) as upstream, proxying(upstream, *rules, keep=False) as proxy:
        async with connected(proxy.address) as (_, writer):
            pushing = asyncio.ensure_future(push(writer))
            still = -1
            async with asyncio.timeout(WITHIN_S):
                while still != sent:
                    still = sent
                    await asyncio.wait([pushing], timeout=0.3)
            held = proxy.decoding.waiting + sum(line.held for line in proxy.connections)
            pushing.cancel()
            await asyncio.wait([pushing])
            writer.transport.abort()
            done.set()
    assert sent < 30_000_000
    assert held < 2_000_000


async def test_a_slow_decoder_slows_the_line_down_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "BACKLOG_BYTES_MAX", 10_000)
    frames = [data_frame(bytes([number % 256]) * 900) for number in range(300)]
    came_up, _, events = await exchange([PREFACE, SETTINGS, *frames], [], NO_RULES)
    assert came_up == PREFACE + SETTINGS + b"".join(frames)
    assert recorded(events, "client") == came_up


@pytest.mark.parametrize("rules", [NO_RULES, IDLE_RULES], ids=["no rules", "idle rules"])
async def test_one_side_may_go_on_talking_when_the_other_has_ended(rules: Sequence[str]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"heard " + await reader.read())

    async with (
        asyncio.timeout(WITHIN_S),
        serving(serve) as upstream,
        proxying(upstream, *rules) as proxy,
    ):
        async with connected(proxy.address) as (reader, writer):
            writer.write(b"all of it")
            writer.write_eof()
            assert await reader.read() == b"heard all of it"
        [line] = proxy.connections or [None]
        if line:
            await line.finished
    assert [event["by"] for event in proxy.recorder.events if event["event"] == "close"] == ["client"]


async def test_a_reset_is_passed_on() -> None:
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x")
        try:
            await reader.read()
        finally:
            ended.set()

    async with asyncio.timeout(WITHIN_S), serving(serve) as upstream, proxying(upstream) as proxy:
        async with connected(proxy.address) as (reader, writer):
            await reader.readexactly(1)
            writer.transport.abort()
            await ended.wait()


async def test_a_server_that_is_not_there_closes_the_client() -> None:
    async with serving(None) as upstream:  # type: ignore[arg-type]
        pass
    async with asyncio.timeout(WITHIN_S), proxying(upstream) as proxy:
        async with connected(proxy.address) as (reader, _):
            assert await reader.read() == b""
    [close] = [event for event in proxy.recorder.events if event["event"] == "close"]
    assert close["by"] == "tap"
    assert close["why"].startswith("the server was not reached")


async def test_small_frames_do_not_wait_for_acknowledgements() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(1))

    async with asyncio.timeout(WITHIN_S), serving(serve) as upstream, proxying(upstream) as proxy:
        async with connected(proxy.address) as (reader, writer):
            writer.write(b"x")
            await reader.readexactly(1)
            [line] = proxy.connections
            for end in (line.client, line.server):
                raw = end._transport.get_extra_info("socket")
                assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_frames_that_came_together_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a rule that does nothing would cost a packet for each frame."""
    written: list[bytes] = []
    write = Endpoint.write
    monkeypatch.setattr(Endpoint, "write", lambda self, data: (written.append(data), write(self, data)))
    up = PREFACE + SETTINGS + data_frame(b"a") * 10
    came_up, _, _ = await exchange([up], [], IDLE_RULES)
    assert came_up == up
    assert written == [up]

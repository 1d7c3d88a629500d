"""A fault of the connection delays any bytes whole, or delivers them whole up to the cut."""

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab.wire.decode.frame import PREFACE
from tests.lab.wire.proxy.test_proxy_bytes import SETTINGS, beginnings, chunks, data_frame, exchange
from tests.lab.wire.sockets import WITHIN_S, connected, proxying, serving

SLOW = ("delay 2ms jitter 2ms", "throttle 100mbit", "black-hole until 10ms")


@pytest.mark.parametrize("rule", SLOW)
@given(begin=beginnings, up=chunks, down=chunks)
async def test_what_is_late_is_whole_and_in_order(
    rule: str, begin: bytes, up: list[bytes], down: list[bytes]
) -> None:
    came_up, came_down, _ = await exchange([begin, *up], down, (rule,))
    assert came_up == begin + b"".join(up)
    assert came_down == b"".join(down)


@given(begin=beginnings, up=chunks, count=st.integers(0, 4000))
async def test_a_cut_comes_behind_the_very_byte(begin: bytes, up: list[bytes], count: int) -> None:
    sent = begin + b"".join(up)
    arrived = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came = b""
        try:
            while data := await reader.read(1000):
                came += data
        finally:
            arrived.set_result(came)

    async with asyncio.timeout(WITHIN_S), serving(serve) as upstream:
        async with proxying(upstream, f"cut-after {count} up") as proxy:
            async with connected(proxy.address) as (_, writer):
                with suppress(OSError):  # it may be cut meanwhile
                    for chunk in [begin, *up]:
                        writer.write(chunk)
                        await asyncio.sleep(0)
                    writer.write_eof()
                assert await arrived == sent[:count]
    [why] = [event["why"] for event in proxy.recorder.events if event["event"] == "close"]
    assert ("cut behind" in why) is (len(sent) >= count and bool(sent))


async def test_a_cut_of_both_directions_counts_both() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(SETTINGS + data)

    async with asyncio.timeout(WITHIN_S), serving(serve) as upstream:
        async with (
            proxying(upstream, "cut-after 60") as proxy,
            connected(proxy.address) as (reader, writer),
        ):
            writer.write(PREFACE + SETTINGS)  # 33 up; 42 down, of which 27 arrive
            assert len(await reader.read()) == 27


async def test_a_swallowed_direction_stays_silent_though_it_goes_on() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)

    async with asyncio.timeout(WITHIN_S), serving(serve) as upstream:
        async with proxying(upstream) as proxy, connected(proxy.address) as (reader, writer):
            writer.write(PREFACE + SETTINGS)
            await reader.readexactly(len(PREFACE + SETTINGS))
            proxy.rules.add("black-hole down")
            writer.write(data_frame(b"lost"))
            writer.write_eof()
            assert await reader.read() == b""
    lost = [event for event in proxy.recorder.events if event["event"] == "frame" and not event["passed"]]
    assert [(event["from"], event["length"]) for event in lost] == [("server", 13)]

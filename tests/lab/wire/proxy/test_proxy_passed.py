"""Bytes sent before the server is connected arrive; undelivered ones are not recorded as passed.

The asyncio of Python 3.11.2, which Debian 12 has, reads on after connection_made though reading was paused
there: so do the tests here, on whatever Python.
"""

import asyncio
from asyncio import selector_events
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from clientela_lab.wire.decode.frame import PREFACE
from clientela_lab.wire.proxy.endpoint import Endpoint
from clientela_lab.wire.proxy.upstream import Upstream
from tests.lab.wire.proxy.test_proxy_bytes import IDLE_RULES, NO_RULES, SETTINGS, data_frame, recorded
from tests.lab.wire.sockets import WITHIN_S, connected, proxying, serving

HELLO = PREFACE + SETTINGS + data_frame(b"first")
with_and_without_rules = pytest.mark.parametrize("rules", [NO_RULES, IDLE_RULES], ids=["none", "idle"])


@pytest.fixture
def came(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Read as Python 3.11.2 does, and tell when something was read."""

    def reads_though_paused(self: Any, fd: int, callback: Any, *arguments: Any) -> None:
        if not self._closing:
            self._loop._add_reader(fd, callback, *arguments)

    came, received = asyncio.Event(), Endpoint.data_received

    def tells(self: Endpoint, data: bytes) -> None:
        received(self, data)
        came.set()

    monkeypatch.setattr(selector_events._SelectorTransport, "_add_reader", reads_though_paused)
    monkeypatch.setattr(Endpoint, "data_received", tells)
    return came


@pytest.fixture
def far_server(came: asyncio.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no server before the client has said something."""
    connect = Upstream.connect

    async def connects_late(self: Upstream, protocol: Any) -> Any:
        await came.wait()
        return await connect(self, protocol)

    monkeypatch.setattr(Upstream, "connect", connects_late)


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the connection to the server never come about."""

    async def never_connects(self: Upstream, protocol: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(Upstream, "connect", never_connects)


def passed(events: Sequence[Any], side: str = "client") -> list[tuple[str, bool]]:
    frames = [event for event in events if event["event"] == "frame" and event["from"] == side]
    return [(frame["kind"], frame["passed"]) for frame in frames]


def closes(events: Sequence[Any]) -> Iterator[str]:
    return (event["why"] for event in events if event["event"] == "close")


@pytest.mark.usefixtures("far_server")
@with_and_without_rules
async def test_what_a_client_says_before_there_is_a_server_arrives(rules: Sequence[str]) -> None:
    arrived = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set_result(await reader.read())

    async with (
        asyncio.timeout(WITHIN_S),
        serving(serve) as upstream,
        proxying(upstream, *rules) as proxy,
    ):
        async with connected(proxy.address) as (_, writer):
            writer.write(HELLO)
            writer.write_eof()
            assert await arrived == HELLO
    assert recorded(proxy.recorder.events, "client") == HELLO
    assert passed(proxy.recorder.events) == [("PREFACE", True), ("SETTINGS", True), ("DATA", True)]


@pytest.mark.usefixtures("no_server")
@with_and_without_rules
async def test_what_is_said_where_there_never_is_a_server_has_not_passed(
    came: asyncio.Event, rules: Sequence[str]
) -> None:
    async with asyncio.timeout(WITHIN_S), proxying("127.0.0.1:1", *rules) as proxy:
        async with connected(proxy.address) as (_, writer):
            writer.write(HELLO)
            await came.wait()
            [line] = proxy.connections
            line.client.abort()
            await line.finished
    assert passed(proxy.recorder.events) == [("PREFACE", False), ("SETTINGS", False), ("DATA", False)]


@asynccontextmanager
async def talking(*rules: str) -> Any:
    """Return a proxy whose client has said hello to a server that heard it; and its line."""
    heard, done = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        heard.set()
        await done.wait()

    async with (
        asyncio.timeout(WITHIN_S),
        serving(serve) as upstream,
        proxying(upstream, *rules) as proxy,
    ):
        async with connected(proxy.address) as (_, writer):
            writer.write(HELLO)
            await heard.wait()
            [line] = proxy.connections
            try:
                yield proxy, line
                await line.finished
            finally:
                done.set()


@with_and_without_rules
async def test_what_comes_when_the_server_is_gone_has_not_passed(rules: Sequence[str]) -> None:
    async with talking(*rules) as (proxy, line):
        line.server.close()
        line.client.data_received(data_frame(b"second"))
    kept = passed(proxy.recorder.events)
    assert kept == [("PREFACE", True), ("SETTINGS", True), ("DATA", True), ("DATA", False)]


async def test_a_frame_of_which_only_the_beginning_passed_has_not_passed() -> None:
    second = data_frame(b"second")
    async with talking() as (proxy, line):
        line.client.data_received(second[:12])
        line.server.close()
        line.client.data_received(second[12:] + data_frame(b"third")[:11])
    kept = passed(proxy.recorder.events)
    assert kept[3:] == [("DATA", False), ("RAW", False)]


async def test_what_waited_for_its_time_when_the_line_ended_is_reported() -> None:
    async with talking() as (proxy, line):
        proxy.rules.add("delay 10min up")
        line.client.data_received(data_frame(b"second"))
        line.abort("no more of this")
    assert list(closes(proxy.recorder.events)) == [
        "no more of this; the last 15 bytes up were lost on their way"
    ]


async def test_what_the_other_side_did_not_take_is_reported() -> None:
    much = data_frame(b"x" * 16_000) * 2000
    async with talking() as (proxy, line):
        line.client.data_received(much)
        untaken = line.server._transport.get_write_buffer_size()
        line.abort("no more of this")
    assert untaken
    assert list(closes(proxy.recorder.events)) == [
        f"no more of this; the last {untaken:,} bytes up were lost on their way"
    ]

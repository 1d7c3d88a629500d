"""The line between clients and a server, as a TCP proxy that loses, cuts and refuses as it is told.

Each connection gets a `Rule`, which decides of every piece of bytes what is passed on, and whether the line
is cut then. It runs on a thread of its own; what it counts may be read from any thread.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from clientela_lab.patience import HANG_S
from clientela_lab.servers.accepting import stop_accepting

_FRAME_HEAD = 9
_HEADERS, _END_STREAM = 1, 1


class Rule(Protocol):
    """Decides for one connection."""

    def pass_on(self, upwards: bool, data: bytes) -> tuple[bytes, bool]:
        """Return what is passed on of what came (upwards: to the server), and whether the line holds."""


class PassAll:
    """A line that works; counts the bytes of each direction."""

    def __init__(self) -> None:
        self.passed = {True: 0, False: 0}

    def pass_on(self, upwards: bool, data: bytes) -> tuple[bytes, bool]:
        """Pass on everything."""
        self.passed[upwards] += len(data)
        return data, True


class CutAfter:
    """A line that is cut after so many bytes of one direction."""

    def __init__(self, upwards: bool, count: int) -> None:
        self._upwards = upwards
        self._left = count

    def pass_on(self, upwards: bool, data: bytes) -> tuple[bytes, bool]:
        """Pass on what is left."""
        if upwards != self._upwards:
            return data, True
        passed = data[: self._left]
        self._left -= len(passed)
        return passed, self._left > 0


class LoseSecondReply:
    """A line that carries one answer, loses the next one, and is cut when that was all said.

    It reads the heads of HTTP/2 frames: an answer ends with the HEADERS frame that ends its stream.
    """

    def __init__(self, on_loss: Callable[[], None]) -> None:
        self._on_loss = on_loss
        self._waiting = b""
        self._answers = 0

    def pass_on(self, upwards: bool, data: bytes) -> tuple[bytes, bool]:
        """Pass on requests, and of what comes back all until the first answer has ended."""
        if upwards:
            return data, True
        self._waiting += data
        passed = b""
        while frame := self._next_frame():
            if not self._answers:
                passed += frame
            if frame[3] == _HEADERS and frame[4] & _END_STREAM:
                self._answers += 1
        if self._answers < 2:
            return passed, True
        self._on_loss()
        return passed, False

    def _next_frame(self) -> bytes:
        """Take a whole frame off what waits; empty where there is none yet."""
        if len(self._waiting) < _FRAME_HEAD:
            return b""
        size = _FRAME_HEAD + int.from_bytes(self._waiting[:3], "big")
        if len(self._waiting) < size:
            return b""
        frame, self._waiting = self._waiting[:size], self._waiting[size:]
        return frame


class Proxy:
    """A line to `target` ("host:port"), at `address`. `connects`: when each connection was asked for.

    shut: nobody listens at the address, as before a server's start, until it is opened.
    """

    def __init__(self, target: str, rule: Callable[[], Rule] = PassAll, *, shut: bool = False) -> None:
        self.rule = rule
        self.address = ""
        self.connects: list[float] = []
        self._target = target.rsplit(":", 1)
        self._down = False
        self._shut = shut
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def cut(self) -> None:
        """Take the line down: connections break, and new ones are shut in the client's face."""
        self._down = True
        self._loop.call_soon_threadsafe(self._break_all)

    def mend(self) -> None:
        """Let the line work again, for new connections."""
        self._down = False

    def open(self) -> None:
        """Listen from now on."""
        asyncio.run_coroutine_threadsafe(self._server.start_serving(), self._loop).result(HANG_S)

    def _break_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects.append(time.monotonic())
        if self._down:
            writer.transport.abort()
            return
        try:
            up_reader, up_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        rule = self.rule()
        ends = {writer, up_writer}
        self._open |= ends
        upwards = asyncio.ensure_future(_carry(reader, up_writer, True, rule))
        downwards = asyncio.ensure_future(_carry(up_reader, writer, False, rule))
        await asyncio.wait([upwards, downwards], return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.transport.abort()
        await asyncio.wait([upwards, downwards])
        self._open -= ends

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.run_coroutine_threadsafe(self._serve(), self._loop)
        host, port = serving.result(HANG_S).sockets[0].getsockname()
        self.address = f"{host}:{port}"
        return self

    async def _serve(self) -> asyncio.Server:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", 0, start_serving=not self._shut
        )
        return self._server

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(HANG_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANG_S)
        self._loop.close()

    async def _close(self) -> None:
        await stop_accepting(self._server)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=HANG_S)


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upwards: bool, rule: Rule
) -> None:
    """Carry one direction until one end is gone, or the rule says so."""
    writer.transport.set_write_buffer_limits(0)  # so that `drain` waits until all is out, before a cut
    holds = True
    with suppress(OSError):
        while holds and (data := await reader.read(65536)):
            passed, holds = rule.pass_on(upwards, data)
            writer.write(passed)
            await writer.drain()

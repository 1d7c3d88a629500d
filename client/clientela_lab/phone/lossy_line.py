"""An HTTP proxy that drops requests or replies on demand: what a tunnel does to a phone.

It stands between a browser and the server's web port. Requests are understood as far as their ends go, so
that one of them can be lost as a whole: before it arrives ("request"), or after the server has answered it
("reply"), which is the one that leaves a doubt. All else passes byte for byte, but for the port in `Host`
and `Origin`, which is the proxy's and must be the server's.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Literal, Self

from clientela_lab.patience import HANG_S
from clientela_lab.servers.accepting import stop_accepting

Fate = Literal["pass", "request", "reply"]
_HEAD_END = b"\r\n\r\n"


def passes(_path: str) -> Fate:
    """Forward everything."""
    return "pass"


class LossyLine:
    """The proxy on a thread of its own, as a context manager; `url` is for the browser."""

    def __init__(self, upstream: str) -> None:
        self._host, _, port = upstream.partition("://")[2].rpartition(":")
        self._port = int(port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lossy-line")
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None
        self._own_port = 0
        #: Chooses what becomes of each request, by its path.
        self.fate: Callable[[str], Fate] = passes
        #: The paths of the requests that were lost, and how.
        self.lost: list[tuple[str, Fate]] = []

    @property
    def url(self) -> str:
        """The URL for the browser."""
        return f"http://{self._host}:{self._own_port}"

    def lose_next(self, method: str, fate: Fate = "reply", times: int = 1) -> None:
        """Drop the next `times` calls of a method, each at its `fate`."""
        left = [times]

        def choose(path: str) -> Fate:
            if not path.endswith(f"/{method}") or not left[0]:
                return "pass"
            left[0] -= 1
            return fate

        self.fate = choose

    def cut(self) -> None:
        """Close all connections, the feed's among them."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(HANG_S)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(HANG_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANG_S)
        self._loop.close()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._accept, self._host, 0)
        self._own_port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        await stop_accepting(self._server)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._attend(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        """Close the connection also of a task that was cancelled before it began."""
        self._tasks.pop(task).close()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            await _end(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, upstream = await asyncio.open_connection(self._host, self._port)
        passing = asyncio.ensure_future(_pass(answers, writer))
        try:
            while True:
                path, request = await _request(reader)
                fate = self.fate(path)
                if fate != "pass":
                    await _cancel(passing)
                    await self._lose(path, fate, request, answers, upstream)
                    return
                upstream.write(self._as_upstream(request))
                await upstream.drain()
        finally:
            upstream.close()  # first: who is cut and closed is cancelled twice, and waits no more then
            await _cancel(passing)
            await _end(upstream)

    async def _lose(
        self,
        path: str,
        fate: Fate,
        request: bytes,
        answers: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> None:
        if fate == "reply":
            upstream.write(self._as_upstream(request))
            await upstream.drain()
            # The server has answered when the first byte is here: the write is on its disk.
            await answers.read(1)
        self.lost.append((path, fate))

    def _as_upstream(self, request: bytes) -> bytes:
        head, end, body = request.partition(_HEAD_END)
        own, theirs = f"{self._host}:{self._own_port}", f"{self._host}:{self._port}"
        return head.replace(own.encode(), theirs.encode()) + end + body


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = await reader.readuntil(_HEAD_END)
    path = head.split(b" ", 2)[1].decode()
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return path, head + await reader.readexactly(length)


async def _pass(answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await answers.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        # Ends the wait for the next request, too.
        writer.close()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()

"""A proxy on a thread of its own, as a context manager: for scenarios and tests.

Rule: an error on that thread is raised when the context is left, not swallowed.
Read next: proxy.py.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from clientela_lab.patience import HANG_S
from clientela_lab.wire.decode.descriptors import Descriptors
from clientela_lab.wire.decode.events import Event
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.faults.server_process import HasPid, ServerProcess
from clientela_lab.wire.proxy.proxy import Proxy, address_of, bind_socket
from clientela_lab.wire.proxy.upstream import ProxyTls
from clientela_lab.wire.record.recording import Recorder

T = TypeVar("T")


class LocalProxy:
    """A proxy at `address`, before the server at `upstream` ("host:port").

    rules: those in force from the start; add more by `proxy.rules.add("drop-reply RecordPurchase 1")`, at any
    time, from any thread. server: the process that rules may kill or freeze. folder: where to write
    recording.jsonl, if anywhere. descriptors: for decoding messages; the packaged ones by default. title:
    the recording's title.
    """

    def __init__(
        self,
        upstream: str,
        *,
        rules: Rules | None = None,
        server: HasPid | None = None,
        folder: Path | None = None,
        tls: ProxyTls | None = None,
        descriptors: Descriptors | None = None,
        title: str = "",
    ) -> None:
        self.rules = rules if rules is not None else Rules()
        self._upstream = upstream
        self._server = ServerProcess(server)
        self._file = folder / "recording.jsonl" if folder else None
        self._tls = tls
        self._descriptors = descriptors
        self._title = title
        self._errors: list[BaseException] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._failed)
        self._thread = threading.Thread(target=self._loop.run_forever, name="tap")

    @property
    def file(self) -> Path | None:
        """The recording's file, if any."""
        return self._file

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` with each event from now on, on the proxy's thread; it must not record events."""
        self._recorder.listen(listener)

    def record(self, event: dict[str, Any] | Event) -> int:
        """Record an event after all that is queued for decoding, and return its number."""
        return self._on_thread(self._record(cast(Event, event)))

    def events(self) -> list[Event]:
        """Return all events so far; after the context, all of them."""
        if self._thread.is_alive():
            self._on_thread(self._catch_up())
        return self._recorder.events

    @property
    def recording(self) -> list[Event]:
        """All events so far, as `events()`."""
        return self.events()

    def __enter__(self) -> Self:
        listener = bind_socket("127.0.0.1:0")
        self.address = address_of(listener)
        self._recorder = Recorder(
            upstream=self._upstream, listen=self.address, title=self._title, file=self._file
        )
        self._thread.start()
        try:
            self._proxy = self._on_thread(self._start(listener))
        except BaseException:
            listener.close()
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._on_thread(self._proxy.close())
        finally:
            self._end()
        if error is None and self._errors:
            raise self._errors[0]

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANG_S)
        self._loop.close()
        self._recorder.close()

    async def _start(self, listener: Any) -> Proxy:
        proxy = Proxy(
            self._upstream,
            recorder=self._recorder,
            listen=listener,
            rules=self.rules,
            tls=self._tls,
            server=self._server,
            descriptors=self._descriptors,
        )
        await proxy.start()
        return proxy

    async def _record(self, event: Event) -> int:
        self._proxy.decoding.catch_up()
        return self._recorder.record(event)

    async def _catch_up(self) -> None:
        self._proxy.decoding.catch_up()

    def _on_thread(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(HANG_S)

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._errors.append(context.get("exception") or RuntimeError(context["message"]))

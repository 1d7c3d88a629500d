"""A request delivered a second time, on a connection of the proxy's own.

A client that retries, a proxy that resends, a queue that delivers at least once: the server sees the same
bytes again. Rule: same headers, same body; the answer is recorded like any other, and forwarded nowhere.
"""

import asyncio
from typing import Any, Protocol, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, StreamEnded, StreamReset
from h2.events import Event as H2Event
from h2.exceptions import ProtocolError

from clientela_lab.patience import HANG_S
from clientela_lab.wire.faults.rule import Request
from clientela_lab.wire.proxy.upstream import Upstream
from clientela_lab.wire.record.decoding import Decoding
from clientela_lab.wire.record.recording import Recorder
from clientela_lab.wire.record.transcript import Transcript

_CONFIG = H2Configuration(
    client_side=True,
    header_encoding="utf-8",
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
)


class DeliveryHost(Protocol):
    """What a second delivery needs of the proxy."""

    upstream: Upstream
    recorder: Recorder
    decoding: Decoding

    def next_connection_number(self) -> int:
        """Return the next connection's number."""

    def transcript(self, conn: int, *, by_proxy: bool = False) -> Transcript:
        """Return the transcript of a new connection."""

    def note(self, event: dict[str, Any]) -> None:
        """Record an event after all that is queued for decoding."""


class SecondDelivery(asyncio.Protocol):
    """Connects, sends the request, and waits for the end of the answer."""

    def __init__(self, proxy: DeliveryHost, request: Request) -> None:
        self._proxy = proxy
        self._request = request
        self._unsent = memoryview(request.body)
        self._conn = proxy.next_connection_number()
        self._transcript = proxy.transcript(self._conn, by_proxy=True)
        self._h2 = H2Connection(_CONFIG)
        self._transport: asyncio.Transport | None = None
        self._why = "answered"
        self._answered = asyncio.get_running_loop().create_future()
        self._gone = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Deliver the request; the connection is closed in any case."""
        self._proxy.note({"event": "open", "conn": self._conn, "peer": "tap", "tls": self._over_tls})
        try:
            await self._proxy.upstream.connect(lambda: self)
            await asyncio.wait_for(self._answered, HANG_S)
        except OSError as error:
            self._why = (
                "no answer" if isinstance(error, TimeoutError) else self._proxy.upstream.explain(error)
            )
        finally:
            await self._close()

    @property
    def _over_tls(self) -> bool:
        return self._proxy.upstream.tls.client_context is not None

    async def _close(self) -> None:
        if self._transport:
            self._transport.abort()
            await self._gone
        self._proxy.decoding.add(0, self._transcript.finish, self._proxy.recorder.now())
        self._proxy.note({"event": "close", "conn": self._conn, "by": "tap", "why": self._why})

    # ---- asyncio.Protocol --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        self._transport = cast(asyncio.Transport, transport)
        self._h2.initiate_connection()
        self._h2.send_headers(1, self._request.headers, end_stream=not self._request.body)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Decode the answer as it comes."""
        self._proxy.decoding.add_bytes(self._transcript, False, data, True)
        try:
            for event in self._h2.receive_data(data):
                self._take(event)
            self._send()
        except ProtocolError as error:
            self._end(f"not understood: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        """End the delivery: the socket is closed."""
        self._end(str(exc or "the server closed the connection"))
        self._gone.set_result(None)

    # ---- HTTP/2 ------------------------------------------------------------------------------------------

    def _take(self, event: H2Event) -> None:
        match event:
            case DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, 1)
            case StreamEnded() | StreamReset():
                self._end("answered")
            case ConnectionTerminated():
                self._end("the server said goodbye")

    def _send(self) -> None:
        """Send what the server's flow-control windows allow; its next WINDOW_UPDATE resumes."""
        while self._unsent and not self._answered.done():
            size = min(self._h2.local_flow_control_window(1), self._h2.max_outbound_frame_size)
            if size <= 0:
                break
            piece, self._unsent = self._unsent[:size], self._unsent[size:]
            self._h2.send_data(1, bytes(piece), end_stream=not self._unsent)
        data = self._h2.data_to_send()
        if data and self._transport:
            passed = not self._transport.is_closing()
            self._transport.write(data)
            self._proxy.decoding.add_bytes(self._transcript, True, data, passed)

    def _end(self, why: str) -> None:
        if not self._answered.done():
            self._why = why
            self._answered.set_result(None)

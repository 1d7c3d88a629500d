"""The proxy: forwards bytes between clients and a server, injects faults by rules, and records it all.

    client ── endpoint ── pipe ──▸ endpoint ── server     a connection has two endpoints and a pipe each way
                             rules?  ╰─▸ decoding ─▸ recorder

Rules: no byte is changed that no rule changes; bytes are forwarded first and decoded afterwards; once closed
it leaves no task, timer or socket behind.
Read next: connection.py, pipe.py, rules.py; local_proxy.py for a proxy on a thread of its own.
"""

import asyncio
import socket
from collections import Counter
from contextlib import suppress
from itertools import count
from typing import Any, cast

from clientela_lab.servers.accepting import stop_accepting
from clientela_lab.wire.decode.calls import Calls
from clientela_lab.wire.decode.descriptors import Descriptors, packaged
from clientela_lab.wire.decode.events import Event
from clientela_lab.wire.faults.rule import Request
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.faults.server_process import ServerProcess
from clientela_lab.wire.proxy.connection import Connection
from clientela_lab.wire.proxy.endpoint import Endpoint
from clientela_lab.wire.proxy.second_delivery import SecondDelivery
from clientela_lab.wire.proxy.tls_acceptor import TlsAcceptor
from clientela_lab.wire.proxy.upstream import ProxyTls, Upstream, host_and_port
from clientela_lab.wire.record.decoding import Decoding
from clientela_lab.wire.record.recording import Recorder
from clientela_lab.wire.record.transcript import Transcript

_BACKLOG = 512
_CLOSE_WITHIN_S = 10.0


def bind_socket(listen: str) -> socket.socket:
    """Bind and listen at "host:port" (port 0: a free one). Raises OSError."""
    host, port = host_and_port(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


def address_of(listener: socket.socket) -> str:
    """Return a listening socket's "host:port"."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Proxy:
    """An asyncio proxy before the server at `upstream` ("host:port").

    listen: the address for clients, or a socket that listens already. server: the server's process, for
    rules that kill or freeze it. descriptors: for decoding messages; the packaged ones by default.
    """

    def __init__(
        self,
        upstream: str,
        *,
        recorder: Recorder,
        listen: str | socket.socket = "127.0.0.1:0",
        rules: Rules | None = None,
        tls: ProxyTls | None = None,
        server: ServerProcess | None = None,
        descriptors: Descriptors | None = None,
    ) -> None:
        self._tls = tls or ProxyTls()
        self.upstream = Upstream(upstream, self._tls)
        self.recorder = recorder
        self.rules = rules if rules is not None else Rules()
        self.connections: set[Connection] = set()
        self._server = server or ServerProcess(None)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._thawing: asyncio.TimerHandle | None = None
        self._descriptors = descriptors or packaged()
        self._call_numbers = count(1)
        self._connection_count = 0
        self._calls: Counter[str] = Counter()
        self._socket = bind_socket(listen) if isinstance(listen, str) else listen
        self._serving: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """The address for clients, "host:port"."""
        return address_of(self._socket)

    async def start(self) -> None:
        """Accept clients."""
        self.decoding = Decoding(self._on_backlog)
        loop = asyncio.get_running_loop()
        self._serving = await loop.create_server(self._client, sock=self._socket, backlog=_BACKLOG)

    async def close(self) -> None:
        """Stop accepting, abort all connections, and finish their part of the recording."""
        if self._serving:
            await stop_accepting(self._serving)
        self._socket.close()
        for connection in list(self.connections):
            connection.abort("the tap was closed")
        waiting: set[asyncio.Future[None]] = {
            connection.finished for connection in self.connections
        } | self._deliveries
        waiting |= self._handshakes
        for task in self._deliveries | self._handshakes:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=_CLOSE_WITHIN_S)
        if self._thawing:
            self._thawing.cancel()
            self._thaw()
        self.decoding.close()

    # ---- called by connections ---------------------------------------------------------------------------

    def _client(self) -> Endpoint | TlsAcceptor:
        return (
            TlsAcceptor(self, self._tls.server_context)
            if self._tls.server_context
            else self.new_connection().client
        )

    def new_connection(self) -> Connection:
        """Make the next connection."""
        return Connection(self, self.next_connection_number())

    def track_handshake(self, handshake: asyncio.Task[None]) -> None:
        """Keep a reference to a running handshake."""
        self._handshakes.add(handshake)
        handshake.add_done_callback(self._handshakes.discard)

    def next_connection_number(self) -> int:
        """Return the next connection's number."""
        self._connection_count += 1
        return self._connection_count

    def register(self, connection: Connection) -> None:
        """Add a connection whose client is connected."""
        self.connections.add(connection)
        if self.decoding.full:
            connection.pause_reading("decoding")

    def unregister(self, connection: Connection) -> None:
        """Remove a connection that is closed."""
        self.connections.discard(connection)

    def transcript(self, conn: int, *, by_proxy: bool = False) -> Transcript:
        """Return the transcript of a new connection."""
        calls = Calls(self._descriptors, conn, self._call_numbers)
        return Transcript(conn, self.recorder, calls, by_proxy=by_proxy)

    def note(self, event: dict[str, Any]) -> None:
        """Record an event after all that is queued for decoding."""
        event["t"] = round(self.recorder.now(), 6)
        self.decoding.add(0, self.recorder.record, cast(Event, event))

    def count_call(self, method: str) -> int:
        """Count a call, and return its number among those of its method."""
        self._calls[method] += 1
        return self._calls[method]

    def _on_backlog(self, full: bool) -> None:
        for connection in self.connections:
            if full:
                connection.pause_reading("decoding")
            else:
                connection.resume_reading("decoding")

    # ---- RuleActions -------------------------------------------------------------------------------------

    def deliver_again(self, request: Request) -> None:
        """Send a request to the server once more; record its answer, and forward it nowhere."""
        delivery = asyncio.create_task(SecondDelivery(self, request).run())
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._delivered)

    def _delivered(self, delivery: asyncio.Task[None]) -> None:
        self._deliveries.discard(delivery)
        with suppress(asyncio.CancelledError):
            delivery.result()

    def kill_server(self) -> None:
        """Kill the server's process (SIGKILL)."""
        if self._knows_server():
            self._server.kill()
            self.note({"event": "server", "what": "killed", "text": "the server was killed"})

    def freeze_server(self, seconds: float) -> None:
        """Stop the server's process (SIGSTOP) for `seconds`."""
        if not self._knows_server():
            return
        self._server.freeze()
        self.note({"event": "server", "what": "frozen", "text": f"the server stands still for {seconds:g} s"})
        if self._thawing:
            self._thawing.cancel()
        self._thawing = asyncio.get_running_loop().call_later(seconds, self._thaw)

    def _knows_server(self) -> bool:
        if not self._server.known:
            text = "nothing happens: the tap was not told which process the server is"
            self.note({"event": "fault", "what": "server", "text": text})
        return self._server.known

    def _thaw(self) -> None:
        if self._server.thaw():
            self.note({"event": "server", "what": "thawed", "text": "the server goes on"})

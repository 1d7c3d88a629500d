"""The tap: carries bytes between clients and a server, breaks what rules break, and has all of it recorded.

    client ── end ── flow ──▸ end ── server        each connection is a line of two ends and a flow each way
                    rules?  ╰─▸ decoding ─▸ recorder

Rules: not a byte is changed that no rule changes; bytes go on first and are decoded afterwards; when it is
closed no task, timer or socket of it is left.
Read next: connection.py, pipe.py, rules.py; local_proxy.py for a tap on a thread of its own.
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
    """Take a port ("host:port", 0 for a free one); OSError where it cannot be had."""
    host, port = host_and_port(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


def address_of(listener: socket.socket) -> str:
    """Tell the "host:port" of a socket."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Proxy:
    """An asyncio proxy before the server at `upstream` ("host:port").

    listen: where clients are to connect, or a socket that is bound already. server: the process behind it,
    for rules that kill or freeze it. descriptors: by which messages are read, those packaged if not given.
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
        self.closed = False
        self._descriptors = descriptors or packaged()
        self._call_numbers = count(1)
        self._connection_count = 0
        self._calls: Counter[str] = Counter()
        self._socket = bind_socket(listen) if isinstance(listen, str) else listen
        self._serving: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """Where clients connect to, "host:port"."""
        return address_of(self._socket)

    async def start(self) -> None:
        """Let clients in."""
        self.decoding = Decoding(self._on_backlog)
        loop = asyncio.get_running_loop()
        self._serving = await loop.create_server(self._client, sock=self._socket, backlog=_BACKLOG)

    async def close(self) -> None:
        """Let nobody in any more, end all connections, and finish the recording's part of them."""
        self.closed = True  # for who was accepted by now
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

    # ---- what the lines need -----------------------------------------------------------------------------

    def _client(self) -> Endpoint | TlsAcceptor:
        return (
            TlsAcceptor(self, self._tls.server_context)
            if self._tls.server_context
            else self.new_connection().client
        )

    def new_connection(self) -> Connection:
        """Make a line for the next connection."""
        return Connection(self, self.next_connection_number())

    def track_handshake(self, handshake: asyncio.Task[None]) -> None:
        """Keep a handshake that is under way."""
        self._handshakes.add(handshake)
        handshake.add_done_callback(self._handshakes.discard)

    def next_connection_number(self) -> int:
        """Give the next connection its number."""
        self._connection_count += 1
        return self._connection_count

    def register(self, connection: Connection) -> None:
        """Count a line in, once its client is there."""
        self.connections.add(connection)
        if self.decoding.full:
            connection.pause_reading("decoding")

    def unregister(self, connection: Connection) -> None:
        """Forget a line that is over."""
        self.connections.discard(connection)

    def transcript(self, conn: int, *, by_proxy: bool = False) -> Transcript:
        """Begin to write a connection down."""
        calls = Calls(self._descriptors, conn, self._call_numbers)
        return Transcript(conn, self.recorder, calls, by_proxy=by_proxy)

    def note(self, event: dict[str, Any]) -> None:
        """Record an event behind all that was carried before."""
        event["t"] = round(self.recorder.now(), 6)
        self.decoding.add(0, self.recorder.record, cast(Event, event))

    def count_call(self, method: str) -> int:
        """Count the calls of a method."""
        self._calls[method] += 1
        return self._calls[method]

    def _on_backlog(self, full: bool) -> None:
        for connection in self.connections:
            if full:
                connection.pause_reading("decoding")
            else:
                connection.resume_reading("decoding")

    # ---- what rules may have done (Hands) ----------------------------------------------------------------

    def deliver_again(self, request: Request) -> None:
        """Send a request to the server once more; its answer is recorded, and goes to nobody."""
        delivery = asyncio.create_task(SecondDelivery(self, request).run())
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._delivered)

    def _delivered(self, delivery: asyncio.Task[None]) -> None:
        self._deliveries.discard(delivery)
        with suppress(asyncio.CancelledError):
            delivery.result()

    def kill_server(self) -> None:
        """End the server's process at once."""
        if self._knows_server():
            self._server.kill()
            self.note({"event": "server", "what": "killed", "text": "the server was killed"})

    def freeze_server(self, seconds: float) -> None:
        """Let the server's process stand still for so long."""
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

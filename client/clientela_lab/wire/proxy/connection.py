"""One connection through the proxy: an endpoint at the client, one at the server, and a pipe each way.

Rule: it lives until both sockets are closed, and then leaves no task and no timer behind. The side that
closes first is recorded as the one that closed it.
Read next: pipe.py, endpoint.py; rule_engine.py, which decides what is passed on.
"""

import asyncio
from typing import Any, Protocol

from clientela_lab.wire.proxy.endpoint import Endpoint
from clientela_lab.wire.proxy.pipe import Pipe
from clientela_lab.wire.proxy.rule_engine import RuleEngine, RuleHost
from clientela_lab.wire.proxy.second_delivery import DeliveryHost


class ConnectionHost(RuleHost, DeliveryHost, Protocol):
    """What a connection needs of its proxy."""

    def register(self, connection: "Connection") -> None:
        """Add a connection whose client is connected."""

    def unregister(self, connection: "Connection") -> None:
        """Remove a connection that is closed."""


class Connection:
    """One client's connection and the connection to the server made for it; `number` counts from 1."""

    def __init__(self, proxy: ConnectionHost, number: int) -> None:
        self.number = number
        self.rules = proxy.rules
        self.transcript = proxy.transcript(number)
        self.rule_engine = RuleEngine(proxy, number, self.transcript)
        self.client = Endpoint(self, of_client=True)
        self.server = Endpoint(self, of_client=False)
        self.finished = asyncio.get_running_loop().create_future()
        self._proxy = proxy
        self._up = Pipe(self, True, self.client, self.server)
        self._down = Pipe(self, False, self.server, self.client)
        self._connecting: asyncio.Task[None] | None = None
        self._closed: tuple[str, str] | None = None
        self.client.pause_reading("no server yet")

    # ---- called by the endpoints -------------------------------------------------------------------------

    def opened(self, endpoint: Endpoint) -> None:
        """Connect to the server once the client's endpoint is open."""
        if not endpoint.of_client:
            return
        self._proxy.register(self)
        self._note({"event": "open", "conn": self.number, "peer": endpoint.peer, "tls": endpoint.of_tls})
        for rule in self.rules.now:
            if text := rule.refuses(self.number):
                self._note({"event": "fault", "what": rule.what, "conn": self.number, "text": text})
                self._set_close_reason("tap", text)
                endpoint.reset()
                return
        self._connecting = asyncio.create_task(self._connect())
        self._connecting.add_done_callback(lambda _: self._finish_if_closed())

    def note_failed_handshake(self, peer: str, why: str) -> None:
        """Record a client whose TLS handshake failed: the connection goes no further."""
        self._note({"event": "open", "conn": self.number, "peer": peer, "tls": True})
        self._note({"event": "close", "conn": self.number, "by": "tap", "why": why})

    async def _connect(self) -> None:
        try:
            await self._proxy.upstream.connect(lambda: self.server)
        except OSError as error:
            self.cut(f"the server was not reached: {self._proxy.upstream.explain(error)}")
        else:
            self.client.resume_reading("no server yet")

    def pipe_from(self, endpoint: Endpoint) -> Pipe:
        """Return the pipe whose source is `endpoint`."""
        return self._up if endpoint.of_client else self._down

    def opposite(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint at the other side."""
        return self.server if endpoint.of_client else self.client

    def half_closed(self, endpoint: Endpoint) -> None:
        """Half-close: forward the FIN, keep the other direction."""
        self._note_closed_by(endpoint, None)
        self.pipe_from(endpoint).end()

    def endpoint_lost(self, endpoint: Endpoint, error: Exception | None) -> None:
        """Handle a closed socket: flush what it sent, close the other side, finish when both are closed."""
        self._note_closed_by(endpoint, error)
        other = self.opposite(endpoint)
        self.pipe_from(other).stop()
        if self._connecting:
            self._connecting.cancel()
        if self.pipe_from(endpoint).finished:
            other.close()
        else:
            self.pipe_from(endpoint).end()
        self._finish_if_closed()

    def pipe_ended(self, pipe: Pipe) -> None:
        """Half-close the target of a pipe that is drained; close both sides when both pipes are."""
        source, target = (self.client, self.server) if pipe.upwards else (self.server, self.client)
        if source.lost or (self._up.finished and self._down.finished):
            self.close_both()
        else:
            target.half_close()

    @property
    def held(self) -> int:
        """The bytes that rules delay, both directions together."""
        return self._up.held + self._down.held

    def pause_reading(self, why: str) -> None:
        """Stop reading from both endpoints."""
        self.client.pause_reading(why)
        self.server.pause_reading(why)

    def resume_reading(self, why: str) -> None:
        """Read from both endpoints again."""
        self.client.resume_reading(why)
        self.server.resume_reading(why)

    # ---- closing -----------------------------------------------------------------------------------------

    def cut(self, why: str) -> None:
        """Close both sides; bytes already written still arrive."""
        self._set_close_reason("tap", why)
        self.close_both()

    def close_both(self) -> None:
        """Stop both pipes and close both endpoints."""
        self._up.stop()
        self._down.stop()
        self.client.close()
        self.server.close()

    def abort(self, why: str) -> None:
        """Close both sockets at once, dropping what is buffered."""
        self._set_close_reason("tap", why)
        self._up.stop()
        self._down.stop()
        if self._connecting:
            self._connecting.cancel()
        self.client.abort()
        self.server.abort()

    def _set_close_reason(self, by: str, why: str) -> None:
        self._closed = self._closed or (by, why)

    def _note_closed_by(self, endpoint: Endpoint, error: Exception | None) -> None:
        """Record which side closed, and why."""
        if endpoint.of_client:
            self._set_close_reason("client", str(error or "closed"))
        elif error is None and not endpoint.has_received and self._proxy.upstream.tls.client_context:
            self._set_close_reason(
                "server", f"closed before it said anything: {self._proxy.upstream.silent_close_hint()}"
            )
        else:
            self._set_close_reason("server", self._proxy.upstream.explain(error) if error else "closed")

    def _finish_if_closed(self) -> None:
        connecting = self._connecting is not None and not self._connecting.done()
        if connecting or self.client.is_open or self.server.is_open or self.finished.done():
            return
        by, why = self._closed or ("tap", "closed")
        why += self._loss_text(self._up, self.server) + self._loss_text(self._down, self.client)
        self._proxy.decoding.add(0, self.transcript.finish, self._proxy.recorder.now())
        self._note({"event": "close", "conn": self.number, "by": by, "why": why})
        self.finished.set_result(None)
        self._proxy.unregister(self)

    def _loss_text(self, pipe: Pipe, target: Endpoint) -> str:
        """Describe the bytes that were passed on and never arrived: their frames are recorded as passed."""
        lost, way = pipe.dropped + target.unsent, "up" if pipe.upwards else "down"
        return f"; the last {lost:,} bytes {way} were lost on their way" if lost else ""

    # ---- recording ---------------------------------------------------------------------------------------

    def decode_later(self, upwards: bool, data: bytes, passed: bool) -> None:
        """Queue bytes for decoding; `passed` is whether they were forwarded."""
        self._proxy.decoding.add_bytes(self.transcript, upwards, data, passed)

    def catch_up(self) -> None:
        """Decode all queued bytes now."""
        self._proxy.decoding.catch_up()

    def _note(self, event: dict[str, Any]) -> None:
        self._proxy.note(event)

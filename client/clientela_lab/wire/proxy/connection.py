"""One connection through the tap: a socket to the client, one to the server, and a flow each way.

Rule: it lives until both sockets are gone; then nothing of it is left, no task, no timer. Whichever side
ends first is noted as who closed it.
Read next: pipe.py, endpoint.py; rule_engine.py for what may happen on the way.
"""

import asyncio
from typing import Any, Protocol

from clientela_lab.wire.proxy.endpoint import Endpoint
from clientela_lab.wire.proxy.pipe import Pipe
from clientela_lab.wire.proxy.rule_engine import RuleEngine, RuleHost
from clientela_lab.wire.proxy.second_delivery import DeliveryHost


class ConnectionHost(RuleHost, DeliveryHost, Protocol):
    """What a connection asks of the tap that it goes through."""

    closed: bool

    def register(self, connection: "Connection") -> None:
        """Count a connection in, once its client is there."""

    def unregister(self, connection: "Connection") -> None:
        """Forget a connection that is over."""


class Connection:
    """Made for each connection that a client opens; `number` from 1."""

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

    # ---- what the ends tell ------------------------------------------------------------------------------

    def opened(self, endpoint: Endpoint) -> None:
        """Connect to the server, once the client is there."""
        if not endpoint.of_client:
            return
        if self._proxy.closed:
            self.finished.set_result(None)
            endpoint.abort()
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
        """Note a client with whom there is no TLS: of the line nothing comes."""
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
        """Give the direction that begins at an end."""
        return self._up if endpoint.of_client else self._down

    def opposite(self, endpoint: Endpoint) -> Endpoint:
        """Give the end at the other side."""
        return self.server if endpoint.of_client else self.client

    def half_closed(self, endpoint: Endpoint) -> None:
        """Take note that a side says nothing more: the other is told, and may go on talking."""
        self._note_closed_by(endpoint, None)
        self.pipe_from(endpoint).end()

    def endpoint_lost(self, endpoint: Endpoint, error: Exception | None) -> None:
        """Take leave of a socket; when both are gone the line is over."""
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
        """Pass on the end of a direction; both directions' ends are the line's."""
        source, target = (self.client, self.server) if pipe.upwards else (self.server, self.client)
        if source.lost or (self._up.finished and self._down.finished):
            self.close_both()
        else:
            target.half_close()

    @property
    def held(self) -> int:
        """How many bytes wait here for their time."""
        return self._up.held + self._down.held

    def pause_reading(self, why: str) -> None:
        """Do not read from either end for now."""
        self.client.pause_reading(why)
        self.server.pause_reading(why)

    def resume_reading(self, why: str) -> None:
        """Read on."""
        self.client.resume_reading(why)
        self.server.resume_reading(why)

    # ---- how it ends -------------------------------------------------------------------------------------

    def cut(self, why: str) -> None:
        """Cut it, on both sides; what was passed on still arrives."""
        self._set_close_reason("tap", why)
        self.close_both()

    def close_both(self) -> None:
        """Pass on nothing more, and close both ends."""
        self._up.stop()
        self._down.stop()
        self.client.close()
        self.server.close()

    def abort(self, why: str) -> None:
        """End it at once."""
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
        """Take note who left, and why."""
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
        """Tell what was to be passed on, and never arrived: its frames stand as passed in the recording."""
        lost, way = pipe.dropped + target.unsent, "up" if pipe.upwards else "down"
        return f"; the last {lost:,} bytes {way} were lost on their way" if lost else ""

    # ---- what is carried ---------------------------------------------------------------------------------

    def decode_later(self, upwards: bool, data: bytes, passed: bool) -> None:
        """Have bytes decoded that came, and were passed on or not."""
        self._proxy.decoding.add_bytes(self.transcript, upwards, data, passed)

    def catch_up(self) -> None:
        """Decode now what was passed on before."""
        self._proxy.decoding.catch_up()

    def _note(self, event: dict[str, Any]) -> None:
        self._proxy.note(event)

"""One connection through the tap: a socket to the client, one to the server, and a flow each way.

Rule: it lives until both sockets are gone; then nothing of it is left, no task, no timer. Whichever side
ends first is noted as who closed it.
Read next: pipe.py, endpoint.py; rule_engine.py for what may happen on the way.
"""

import asyncio
from typing import Any, Protocol

from clientela_lab.wire.proxy.endpoint import End
from clientela_lab.wire.proxy.pipe import Flow
from clientela_lab.wire.proxy.rule_engine import Asking, RuleHost
from clientela_lab.wire.proxy.second_delivery import DeliveryHost


class LineHost(RuleHost, DeliveryHost, Protocol):
    """What a connection asks of the tap that it goes through."""

    closed: bool

    def joined(self, line: "Line") -> None:
        """Count a connection in, once its client is there."""

    def left(self, line: "Line") -> None:
        """Forget a connection that is over."""


class Line:
    """Made for each connection that a client opens; `number` from 1."""

    def __init__(self, tap: LineHost, number: int) -> None:
        self.number = number
        self.rules = tap.rules
        self.transcript = tap.transcript(number)
        self.asking = Asking(tap, number, self.transcript)
        self.client = End(self, of_client=True)
        self.server = End(self, of_client=False)
        self.over = asyncio.get_running_loop().create_future()
        self._tap = tap
        self._up = Flow(self, True, self.client, self.server)
        self._down = Flow(self, False, self.server, self.client)
        self._connecting: asyncio.Task[None] | None = None
        self._closed: tuple[str, str] | None = None
        self.client.hold("no server yet")

    # ---- what the ends tell ------------------------------------------------------------------------------

    def opened(self, end: End) -> None:
        """Connect to the server, once the client is there."""
        if not end.of_client:
            return
        if self._tap.closed:
            self.over.set_result(None)
            end.abort()
            return
        self._tap.joined(self)
        self._note({"event": "open", "conn": self.number, "peer": end.peer, "tls": end.of_tls})
        for rule in self.rules.now:
            if text := rule.refuses(self.number):
                self._note({"event": "fault", "what": rule.what, "conn": self.number, "text": text})
                self._closes("tap", text)
                end.reset()
                return
        self._connecting = asyncio.create_task(self._connect())
        self._connecting.add_done_callback(lambda _: self._see_whether_over())

    def turn_away(self, peer: str, why: str) -> None:
        """Note a client with whom there is no TLS: of the line nothing comes."""
        self._note({"event": "open", "conn": self.number, "peer": peer, "tls": True})
        self._note({"event": "close", "conn": self.number, "by": "tap", "why": why})

    async def _connect(self) -> None:
        try:
            await self._tap.upstream.connect(lambda: self.server)
        except OSError as error:
            self.cut(f"the server was not reached: {self._tap.upstream.why(error)}")
        else:
            self.client.let("no server yet")

    def flow(self, end: End) -> Flow:
        """Give the direction that begins at an end."""
        return self._up if end.of_client else self._down

    def other(self, end: End) -> End:
        """Give the end at the other side."""
        return self.server if end.of_client else self.client

    def said_all(self, end: End) -> None:
        """Take note that a side says nothing more: the other is told, and may go on talking."""
        self._left(end, None)
        self.flow(end).end()

    def gone(self, end: End, error: Exception | None) -> None:
        """Take leave of a socket; when both are gone the line is over."""
        self._left(end, error)
        other = self.other(end)
        self.flow(other).stop()
        if self._connecting:
            self._connecting.cancel()
        if self.flow(end).finished:
            other.close()
        else:
            self.flow(end).end()
        self._see_whether_over()

    def direction_ended(self, flow: Flow) -> None:
        """Pass on the end of a direction; both directions' ends are the line's."""
        source, target = (self.client, self.server) if flow.upwards else (self.server, self.client)
        if source.lost or (self._up.finished and self._down.finished):
            self.close_both()
        else:
            target.say_all()

    @property
    def held(self) -> int:
        """How many bytes wait here for their time."""
        return self._up.held + self._down.held

    def hold(self, why: str) -> None:
        """Do not read from either end for now."""
        self.client.hold(why)
        self.server.hold(why)

    def let(self, why: str) -> None:
        """Read on."""
        self.client.let(why)
        self.server.let(why)

    # ---- how it ends -------------------------------------------------------------------------------------

    def cut(self, why: str) -> None:
        """Cut it, on both sides; what was passed on still arrives."""
        self._closes("tap", why)
        self.close_both()

    def close_both(self) -> None:
        """Pass on nothing more, and close both ends."""
        self._up.stop()
        self._down.stop()
        self.client.close()
        self.server.close()

    def abort(self, why: str) -> None:
        """End it at once."""
        self._closes("tap", why)
        self._up.stop()
        self._down.stop()
        if self._connecting:
            self._connecting.cancel()
        self.client.abort()
        self.server.abort()

    def _closes(self, by: str, why: str) -> None:
        self._closed = self._closed or (by, why)

    def _left(self, end: End, error: Exception | None) -> None:
        """Take note who left, and why."""
        if end.of_client:
            self._closes("client", str(error or "closed"))
        elif error is None and not end.heard and self._tap.upstream.tls.ask:
            self._closes("server", f"closed before it said anything: {self._tap.upstream.unheard()}")
        else:
            self._closes("server", self._tap.upstream.why(error) if error else "closed")

    def _see_whether_over(self) -> None:
        connecting = self._connecting is not None and not self._connecting.done()
        if connecting or self.client.is_open or self.server.is_open or self.over.done():
            return
        by, why = self._closed or ("tap", "closed")
        why += self._lost(self._up, self.server) + self._lost(self._down, self.client)
        self._tap.decoding.add(0, self.transcript.finish, self._tap.recorder.now())
        self._note({"event": "close", "conn": self.number, "by": by, "why": why})
        self.over.set_result(None)
        self._tap.left(self)

    def _lost(self, flow: Flow, target: End) -> str:
        """Tell what was to be passed on, and never arrived: its frames stand as passed in the recording."""
        lost, way = flow.dropped + target.untaken, "up" if flow.upwards else "down"
        return f"; the last {lost:,} bytes {way} were lost on their way" if lost else ""

    # ---- what is carried ---------------------------------------------------------------------------------

    def decode_later(self, upwards: bool, data: bytes, passed: bool) -> None:
        """Have bytes decoded that came, and were passed on or not."""
        self._tap.decoding.add_bytes(self.transcript, upwards, data, passed)

    def catch_up(self) -> None:
        """Decode now what was passed on before."""
        self._tap.decoding.catch_up()

    def _note(self, event: dict[str, Any]) -> None:
        self._tap.note(event)

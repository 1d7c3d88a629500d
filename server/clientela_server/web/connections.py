"""Connections to the web port: how many there may be, of one address too, and how long one may say nothing.

Rule: who makes nothing of a connection keeps nobody else out. A request's headers have to be there in 10 s,
and its body; where there are too many connections, the one that has waited longest gives way, first of the
address that has most. So a thousand that say nothing cost each other their places. Read next: `serving`.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from clientela_server.rpc.gate.gate import REQUEST_LIMIT_S
from clientela_server.rpc.gate.peer_address import address_of

OF_ONE_MAX = 500
HEADERS_S = 10.0
# A little more than the gate's own, which then is what the caller is told.
BODY_S = REQUEST_LIMIT_S + 2.0
# What is still sent of a body when the request is answered is taken in, and thrown away, up to this.
_DISCARDED_MAX = 2 * 1024 * 1024
_HEADERS = "headers"
#: Set in the scope of a call whose caller is known, and who may take longer to say all.
IS_LONG = "clientela.is_long"


class Connections:
    """All connections, by the place that they come from; of each place the one that waits longest first.

    is_trusted: whether an address is that of a proxy, which has the connections of many.
    """

    def __init__(
        self,
        is_trusted: Callable[[str], bool],
        *,
        unread_s: float,
        most: int,
        of_one: int = OF_ONE_MAX,
    ) -> None:
        self.unread_s = unread_s
        self._is_trusted = is_trusted
        self._most = most
        self._of_one = of_one
        self._by_place: dict[str, dict[Connection, None]] = {}

    def enter(self, connection: "Connection") -> None:
        """Take a connection in; where there are too many, another gives way, or it is closed itself."""
        place = connection.place
        self._by_place.setdefault(place, {})[connection] = None
        if len(self._by_place[place]) > self._of_one and not self._is_trusted(connection.host):
            self._close_one(place, connection)
        elif sum(map(len, self._by_place.values())) > self._most:
            self._close_one(max(self._by_place, key=lambda each: len(self._by_place[each])), connection)

    def leave(self, connection: "Connection") -> None:
        """Forget a connection."""
        of_place = self._by_place.get(connection.place, {})
        of_place.pop(connection, None)
        if not of_place:
            self._by_place.pop(connection.place, None)

    def waits(self, connection: "Connection") -> None:
        """Note that a connection waits for a request from now on: it is the last of its place to give way."""
        of_place = self._by_place.get(connection.place, {})
        if connection in of_place:
            del of_place[connection]
            of_place[connection] = None

    def _close_one(self, place: str, new: "Connection") -> None:
        waiting = (each for each in self._by_place[place] if each is not new and each.is_waiting)
        closed = next(waiting, new)
        self.leave(closed)
        closed.transport.abort()


class Connection(H11Protocol):
    """One connection, as uvicorn serves it, with an end to its patience."""

    def __init__(
        self, config: Config, state: ServerState, app_state: dict[str, Any], connections: Connections
    ) -> None:
        super().__init__(config, state, app_state)
        self._connections = connections
        # What is waited for: the headers of a request, or the body of one, named by what answers it.
        self._awaited: Any = None
        self._patience: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._discarded = 0
        self.host = ""
        self.place = ""

    @property
    def _has_request(self) -> bool:
        cycle: object = self.cycle
        return cycle is not None

    @property
    def is_waiting(self) -> bool:
        """Whether it is the other side's turn: nothing was said, or half of it, or all was answered."""
        return self._is_answered or (self.conn.their_state is h11.SEND_BODY and not self._is_long)

    @property
    def _is_answered(self) -> bool:
        return not self._has_request or self.cycle.response_complete

    @property
    def _is_long(self) -> bool:
        return bool(self.scope.get(IS_LONG))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it, and wait for headers."""
        super().connection_made(transport)
        self.host = self.client[0] if self.client else ""
        self.place = address_of(self.host)
        self._look()
        self._connections.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._connections.leave(self)
        _cancel(self._patience)
        _cancel(self._unread)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what has come; what is left of a body that was answered is thrown away, up to a limit."""
        if self.transport.is_closing():
            return
        if self._is_answered and self.conn.their_state is h11.SEND_BODY:
            self._discarded += len(data)
            if self._discarded > _DISCARDED_MAX:
                self.transport.abort()
                return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for what is left of the body of this one."""
        if self._is_long:
            self._awaited = None
        super().on_response_complete()
        self._connections.waits(self)
        self._look()

    def pause_writing(self) -> None:
        """Wait for a reader who takes nothing."""
        super().pause_writing()
        _cancel(self._unread)
        self._unread = self.loop.call_later(self._connections.unread_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        _cancel(self._unread)

    def _look(self) -> None:
        """See what is waited for now; how long counts from when it began, whatever of it comes meanwhile."""
        awaited = self._what_is_awaited()
        if awaited is self._awaited:
            return
        _cancel(self._patience)
        self._awaited, self._discarded = awaited, 0
        if awaited is not None:
            seconds = HEADERS_S if awaited is _HEADERS else BODY_S
            self._patience = self.loop.call_later(seconds, self._lose_patience)

    def _what_is_awaited(self) -> Any:
        if self.conn.their_state is h11.SEND_BODY:
            return self.cycle
        has_begun = not self._has_request or self.conn.trailing_data[0]
        return _HEADERS if self.conn.their_state is h11.IDLE and has_begun else None

    def _lose_patience(self) -> None:
        if self._is_answered or not self._is_long:
            self.transport.abort()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()

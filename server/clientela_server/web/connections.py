"""Limits of connections to the web port: in total, per address, and timeouts of idle ones.

Rule: idle connections keep nobody else out. A request's headers and body must each arrive within 10 s; beyond
a limit the longest-waiting connection is closed, of the address that has most. So a flood of idle connections
evicts its own. Read next: `serving`.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from clientela_server.rpc.gate.peer_address import address_of
from clientela_server.rpc.gate.time_limits import REQUEST_LIMIT_S

OF_ONE_MAX = 500
HEADERS_S = 10.0
# A little more than the gate's own limit, so that the caller gets the gate's error.
BODY_S = REQUEST_LIMIT_S + 2.0
# The rest of a body whose request was answered is discarded, up to this size.
_DISCARDED_MAX = 2 * 1024 * 1024
_HEADERS = "headers"
#: Set in the scope of an authorized client stream, whose body may take longer.
IS_LONG = "clientela.is_long"


class Connections:
    """All connections by address, the longest-waiting first.

    is_trusted: whether an address is a trusted proxy's, which has no limit of its own.
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
        self._by_address: dict[str, dict[Connection, None]] = {}

    def enter(self, connection: "Connection") -> None:
        """Add a connection; beyond a limit close a waiting one, or else this one."""
        address = connection.address
        self._by_address.setdefault(address, {})[connection] = None
        if len(self._by_address[address]) > self._of_one and not self._is_trusted(connection.host):
            self._close_one(address, connection)
        elif sum(map(len, self._by_address.values())) > self._most:
            self._close_one(max(self._by_address, key=lambda each: len(self._by_address[each])), connection)

    def leave(self, connection: "Connection") -> None:
        """Remove a connection."""
        of_address = self._by_address.get(connection.address, {})
        of_address.pop(connection, None)
        if not of_address:
            self._by_address.pop(connection.address, None)

    def waits(self, connection: "Connection") -> None:
        """Move a connection that starts to wait to the end of its address's order."""
        of_address = self._by_address.get(connection.address, {})
        if connection in of_address:
            del of_address[connection]
            of_address[connection] = None

    def _close_one(self, address: str, new: "Connection") -> None:
        waiting = (each for each in self._by_address[address] if each is not new and each.is_waiting)
        closed = next(waiting, new)
        self.leave(closed)
        closed.transport.abort()


class Connection(H11Protocol):
    """A connection of uvicorn with timeouts."""

    def __init__(
        self, config: Config, state: ServerState, app_state: dict[str, Any], connections: Connections
    ) -> None:
        super().__init__(config, state, app_state)
        self._connections = connections
        # What is awaited: a request's headers, or the body of the request of this cycle.
        self._awaited: Any = None
        self._timeout: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._discarded = 0
        self.host = ""
        self.address = ""

    @property
    def _has_request(self) -> bool:
        cycle: object = self.cycle
        return cycle is not None

    @property
    def is_waiting(self) -> bool:
        """Whether the connection waits for the client: idle, or for the rest of a request."""
        return self._is_answered or (self.conn.their_state is h11.SEND_BODY and not self._is_long)

    @property
    def _is_answered(self) -> bool:
        return not self._has_request or self.cycle.response_complete

    @property
    def _is_long(self) -> bool:
        return bool(self.scope.get(IS_LONG))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Add the connection, and start the timeout of headers."""
        super().connection_made(transport)
        self.host = self.client[0] if self.client else ""
        self.address = address_of(self.host)
        self._update_timeout()
        self._connections.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection, and cancel its timers."""
        self._connections.leave(self)
        _cancel(self._timeout)
        _cancel(self._unread)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle data; discard the rest of a body whose request was answered, up to a limit."""
        if self.transport.is_closing():
            return
        if self._is_answered and self.conn.their_state is h11.SEND_BODY:
            self._discarded += len(data)
            if self._discarded > _DISCARDED_MAX:
                self.transport.abort()
                return
        super().data_received(data)
        self._update_timeout()

    def on_response_complete(self) -> None:
        """Wait for the next request, or the rest of this one's body."""
        if self._is_long:
            self._awaited = None
        super().on_response_complete()
        self._connections.waits(self)
        self._update_timeout()

    def pause_writing(self) -> None:
        """Start the timeout of a client that does not read."""
        super().pause_writing()
        _cancel(self._unread)
        self._unread = self.loop.call_later(self._connections.unread_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel the timeout of a client that does not read."""
        super().resume_writing()
        _cancel(self._unread)

    def _update_timeout(self) -> None:
        """Start the timeout of what is awaited now; data that arrives meanwhile does not restart it."""
        awaited = self._what_is_awaited()
        if awaited is self._awaited:
            return
        _cancel(self._timeout)
        self._awaited, self._discarded = awaited, 0
        if awaited is not None:
            seconds = HEADERS_S if awaited is _HEADERS else BODY_S
            self._timeout = self.loop.call_later(seconds, self._time_out)

    def _what_is_awaited(self) -> Any:
        if self.conn.their_state is h11.SEND_BODY:
            return self.cycle
        has_begun = not self._has_request or self.conn.trailing_data[0]
        return _HEADERS if self.conn.their_state is h11.IDLE and has_begun else None

    def _time_out(self) -> None:
        if self._is_answered or not self._is_long:
            self.transport.abort()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()

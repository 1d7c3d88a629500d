"""The web port: uvicorn on the server's event loop, with limits.

Read next: `connections`, `guard`, `site`.
"""

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import Iterable, Iterator

import uvicorn

from clientela_server.config import Address, ConfigError
from clientela_server.web.connections import OF_ONE_MAX, Connection, Connections
from clientela_server.web.guard import Guard
from clientela_server.web.site import Site

_IDLE_S = 75
_HANDSHAKE_S = 5.0
_BACKLOG = 1024
# The gate ends an unread stream with an error; a connection still unread after this is aborted.
_UNREAD_MORE_S = 10.0


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections as `Connection`, and set `is_up`."""
        await self.lifespan.startup()
        make = functools.partial(
            Connection, self.config, self.server_state, self.lifespan.state, self._connections
        )
        tls = self.config.ssl
        self.servers = [
            await asyncio.get_running_loop().create_server(
                make,
                sock=each,
                ssl=tls,
                backlog=_BACKLOG,
                ssl_handshake_timeout=_HANDSHAKE_S if tls else None,
            )
            for each in sockets or []
        ]
        self.started = True
        self.is_up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the enclosing server."""
        yield


class WebPort:
    """Binds the port, serves, and closes."""

    def __init__(
        self,
        listen: Address,
        names: Iterable[str],
        site: Site,
        tls: ssl.SSLContext | None,
        *,
        unread_s: float,
        connections: int,
    ) -> None:
        self._listen = listen
        self._guard = Guard(site, names)
        self._scheme = "https" if tls else "http"
        config = uvicorn.Config(
            self._guard,
            lifespan="off",
            log_config=None,
            access_log=False,  # the gate writes the one line of a call
            server_header=False,
            date_header=False,
            proxy_headers=False,  # see `peers`
            timeout_keep_alive=_IDLE_S,
            h11_max_incomplete_event_size=16 * 1024,
            ssl_context_factory=(lambda *_: tls) if tls else None,
            ws="none",
        )
        bounded = Connections(
            site.peers.is_trusted,
            unread_s=unread_s + _UNREAD_MORE_S,
            most=connections,
            of_one=min(OF_ONE_MAX, connections // 2),
        )
        self._uvicorn = _Uvicorn(config, bounded)
        self._serving: asyncio.Task[None] | None = None

    async def open(self, *, elsewhere: bool = False) -> str:
        """Start serving and return the URL. elsewhere: fall back to any free port.

        Raises:
            ConfigError: the port cannot be bound.
        """
        taken = _bound_somewhere(self._listen) if elsewhere else _bound(self._listen)
        address = Address(self._listen.host, taken.getsockname()[1])
        self._guard.opened(address, self._scheme)
        self._serving = asyncio.create_task(self._uvicorn.serve([taken]))
        await self._uvicorn.is_up.wait()
        return f"{self._scheme}://{address}"

    async def close(self) -> None:
        """Stop serving and close connections; call it after running calls have ended."""
        if self._serving is None:
            return
        self._uvicorn.should_exit = self._uvicorn.force_exit = True
        await self._serving


def _bound_somewhere(listen: Address) -> socket.socket:
    try:
        return _bound(listen)
    except ConfigError:
        return _bound(Address(listen.host, 0))


def _bound(listen: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        return socket.create_server((listen.host, listen.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # the rest repeats the address
        raise ConfigError(
            f"--web {listen}: {why}; give another address, port 0 for any that is free, or off"
        ) from None

"""A proxy before a server process, a caller behind it, and waiting for recorded events."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.proxy.local_proxy import LocalProxy
from tests.rpc.callers import Caller

WITHIN_S = HANG_S
# Neither waits long nor asks again by itself: what a test sees is what happened to its one call.
_OPTIONS = [
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", round(HANG_S * 1000)),  # so long a connection may take to come about
    ("grpc.max_reconnect_backoff_ms", 200),
    ("grpc.use_local_subchannel_pool", 1),
]


class Recorded:
    """What a proxy has recorded so far."""

    def __init__(self, proxy: LocalProxy) -> None:
        self._events: list[Any] = []
        self._more = threading.Condition()
        proxy.listen(self._take)

    def _take(self, event: Any) -> None:
        with self._more:
            self._events.append(event)
            self._more.notify_all()

    def wait_for(self, kind: str, wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        """Wait for an event of a kind, one of the past included."""
        with self._more:
            found: list[Any] = []
            self._more.wait_for(lambda: found.extend(self._all(kind, wanted)) or found, WITHIN_S)
            assert found, f"no {kind} event as wanted"
            return found[0]

    def all(self, kind: str, wanted: Callable[[Any], bool] = lambda _: True) -> list[Any]:
        """Return the events of a kind so far."""
        with self._more:
            return self._all(kind, wanted)

    def _all(self, kind: str, wanted: Callable[[Any], bool]) -> list[Any]:
        return [event for event in self._events if event["event"] == kind and wanted(event)]


@dataclass(frozen=True)
class Proxied:
    """A proxy, what it recorded, and a caller behind it."""

    proxy: LocalProxy
    recorded: Recorded
    caller: Caller


@contextmanager
def proxied(server: LocalServer, *rules: str, seed: int = 0) -> Iterator[Proxied]:
    """Put a proxy before a server."""
    with LocalProxy(server.address, rules=Rules(*rules, seed=seed), server=server) as proxy:
        recorded = Recorded(proxy)
        with calling(proxy.address, server.token) as caller:
            yield Proxied(proxy, recorded, caller)


@contextmanager
def calling(address: str, token: str) -> Iterator[Caller]:
    """Call at an address, on a connection of one's own.

    Also after a line was cut: its caller learns of that a moment later than of the call that failed.
    """
    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
        yield Caller(channel, token)

"""Where a client begins: `connect` for threads, `connect_aio` for an event loop.

    with connect("127.0.0.1:50051") as client:
        client.customers.get("customers/42")

    async with connect_aio("127.0.0.1:50051") as client:
        await client.customers.get("customers/42")

Neither waits for the server: the first call does. Read next: settings.py (address and token), retry.py (how
persistent a client is), errors.py (what may come of a call).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from clientela_client.calls.retry_policy import DEFAULT_POLICY, RetryPolicy
from clientela_client.calls.runner import Line
from clientela_client.calls.runner_aio import AioLine
from clientela_client.calls.session import Session
from clientela_client.calls.transport import AioTransport, Transport
from clientela_client.calls.transport_aio import AioGrpcTransport
from clientela_client.calls.transport_grpc import GrpcTransport
from clientela_client.calls.wire import Observer
from clientela_client.connection.settings import Settings, resolve
from clientela_client.connection.tls_config import Tls
from clientela_client.customers import AioCustomers, SyncCustomers
from clientela_client.feed import AioFeed, SyncFeed
from clientela_client.insight import AioInsight, SyncInsight
from clientela_client.purchases import AioPurchases, SyncPurchases


class Client:
    """The blocking client; its nouns hold the calls. Any number of threads may share one."""

    def __init__(self, session: Session, transport: Transport) -> None:
        line = Line(session, transport)
        self._transport = transport
        self.server = session.settings.server
        self.customers = SyncCustomers(line)
        self.purchases = SyncPurchases(line)
        self.feed = SyncFeed(line)
        self.insight = SyncInsight(line)

    def close(self) -> None:
        """Let go of the connection; calls under way end."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AioClient:
    """The client for an event loop; its nouns hold the calls. Any number of tasks may share one."""

    def __init__(self, session: Session, transport: AioTransport) -> None:
        line = AioLine(session, transport)
        self._transport = transport
        self.server = session.settings.server
        self.customers = AioCustomers(line)
        self.purchases = AioPurchases(line)
        self.feed = AioFeed(line)
        self.insight = AioInsight(line)

    async def close(self) -> None:
        """Let go of the connection; calls under way end."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def connect(  # noqa: PLR0913  each has its name and a default
    server: str | None = None,
    *,
    token: str | None = None,
    profile: str | None = None,
    timeout_s: float = 10.0,
    policy: RetryPolicy = DEFAULT_POLICY,
    observer: Observer | None = None,
    metadata: Mapping[str, str] | None = None,
    tls: Tls | bool | None = None,
) -> Client:
    """Make a blocking client of the server at "host:port"; settings.py tells what stands in for none.

    `timeout_s` is the deadline of each call, its retries included. `observer` is told all that crosses the
    wire (wire.py). `metadata` goes out with each call, e.g. {"accept-language": "pl"}. `tls` tells how the
    server is to be known: `Tls(...)`, True for the system's authorities, False for in the clear; what
    stands in for None is told in trust.py. SettingsError if an address, profile, token or certificate cannot
    be used.
    """
    settings = resolve(server, token, profile, tls)
    session = _session(settings, timeout_s, policy, observer, metadata)
    return Client(session, GrpcTransport(settings.server, settings.trust))


def connect_aio(  # noqa: PLR0913  as `connect`
    server: str | None = None,
    *,
    token: str | None = None,
    profile: str | None = None,
    timeout_s: float = 10.0,
    policy: RetryPolicy = DEFAULT_POLICY,
    observer: Observer | None = None,
    metadata: Mapping[str, str] | None = None,
    tls: Tls | bool | None = None,
) -> AioClient:
    """Make a client for the running event loop; all else is as with `connect`."""
    settings = resolve(server, token, profile, tls)
    session = _session(settings, timeout_s, policy, observer, metadata)
    return AioClient(session, AioGrpcTransport(settings.server, settings.trust))


def _session(
    settings: Settings,
    timeout_s: float,
    policy: RetryPolicy,
    observer: Observer | None,
    metadata: Mapping[str, str] | None,
) -> Session:
    return Session(
        settings=settings,
        timeout_s=timeout_s,
        policy=policy,
        observer=observer,
        extra_metadata=tuple((metadata or {}).items()),
    )

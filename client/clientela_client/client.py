"""Entry points of the SDK: `connect` for threads, `connect_aio` for an event loop.

    with connect("127.0.0.1:50051") as client:
        client.customers.get("customers/42")

    async with connect_aio("127.0.0.1:50051") as client:
        await client.customers.get("customers/42")

Neither waits for the server: the first call does. Read next: settings.py (address and token), retry.py (when
a call is retried), errors.py (the outcomes of a call).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from clientela_client.calls.retry_policy import DEFAULT_POLICY, RetryPolicy
from clientela_client.calls.runner import Runner
from clientela_client.calls.runner_aio import AioRunner
from clientela_client.calls.session import Session
from clientela_client.calls.transport import AioTransport, Transport
from clientela_client.calls.transport_aio import AioGrpcTransport
from clientela_client.calls.transport_grpc import GrpcTransport
from clientela_client.calls.wire import Observer
from clientela_client.connection.settings import Settings, resolve
from clientela_client.connection.tls_config import Tls
from clientela_client.customers import AioCustomers, SyncCustomers
from clientela_client.economics import AioEconomics, SyncEconomics
from clientela_client.feed import AioFeed, SyncFeed
from clientela_client.purchases import AioPurchases, SyncPurchases
from clientela_client.segments import AioSegments, SyncSegments
from clientela_client.spends import AioSpends, SyncSpends
from clientela_client.standing import AioStanding, SyncStanding


class Client:
    """A blocking client: `customers`, `purchases` and the other nouns hold the calls. Thread-safe."""

    def __init__(self, session: Session, transport: Transport) -> None:
        runner = Runner(session, transport)
        self._transport = transport
        self.server = session.settings.server
        self.customers = SyncCustomers(runner)
        self.purchases = SyncPurchases(runner)
        self.feed = SyncFeed(runner)
        self.standing = SyncStanding(runner)
        self.segments = SyncSegments(runner)
        self.spends = SyncSpends(runner)
        self.economics = SyncEconomics(runner)

    def close(self) -> None:
        """Close the connection and cancel running calls."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AioClient:
    """A client for one event loop: `customers`, `purchases` and the other nouns hold the calls."""

    def __init__(self, session: Session, transport: AioTransport) -> None:
        runner = AioRunner(session, transport)
        self._transport = transport
        self.server = session.settings.server
        self.customers = AioCustomers(runner)
        self.purchases = AioPurchases(runner)
        self.feed = AioFeed(runner)
        self.standing = AioStanding(runner)
        self.segments = AioSegments(runner)
        self.spends = AioSpends(runner)
        self.economics = AioEconomics(runner)

    async def close(self) -> None:
        """Close the connection and cancel running calls."""
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
    """Return a blocking client. It does not wait for the server: the first call connects.

    Args:
        server: "host:port"; default: CLIENTELA_SERVER, the profile's, or 127.0.0.1:50051 (settings.py).
        token: the bearer token; default: the environment's, the profile's, or the local server's.
        profile: a table of config.toml; default: CLIENTELA_PROFILE.
        timeout_s: the deadline of each call with its retries, in seconds, more than 0.
        policy: how often and how fast calls are retried.
        observer: called with every WireEvent, in the call's thread; it must not block.
        metadata: sent with each call, e.g. {"accept-language": "pl"}.
        tls: how the server is verified: `Tls(...)`, True for the system's CAs, False for plaintext;
            default: by the order in tls_config.py.

    Raises:
        SettingsError: an address, profile, token or certificate cannot be used.
    """
    settings = resolve(server, token, profile, tls)
    session = _session(settings, timeout_s, policy, observer, metadata)
    return Client(session, GrpcTransport(settings.server, settings.tls_config))


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
    """Return a client for the running event loop.

    Args:
        server, token, profile, timeout_s, policy, metadata, tls: as of `connect`.
        observer: called with every WireEvent, in the loop; it must not block.

    Raises:
        SettingsError: an address, profile, token or certificate cannot be used.
    """
    settings = resolve(server, token, profile, tls)
    session = _session(settings, timeout_s, policy, observer, metadata)
    return AioClient(session, AioGrpcTransport(settings.server, settings.tls_config))


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
        retry_policy=policy,
        observer=observer,
        extra_metadata=tuple((metadata or {}).items()),
    )

"""Entry point of the SDK: `connect_aio`, whose client holds the calls.

    async with connect_aio("127.0.0.1:50051") as client:
        await client.customers.get("customers/42")

It does not wait for the server: the first call does.
Read next: nouns/purchases.py (the methods), calls.py (how a call is made); beside this folder
connection/settings.py (address and token), calls/retry.py (when a call is retried), errors.py (its outcomes).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from clientela_client._async.calls import AioCalls
from clientela_client._async.nouns.nouns import AioNouns
from clientela_client.calls.retry_limits import DEFAULT_POLICY, RetryPolicy
from clientela_client.calls.session import Session
from clientela_client.calls.transport import AioTransport
from clientela_client.calls.transport_aio import AioGrpcTransport
from clientela_client.calls.wire import Observer
from clientela_client.connection.settings import Settings, resolve
from clientela_client.connection.tls_config import Tls


class AioClient(AioNouns):
    """A client: `customers`, `purchases`, `feed` and the other nouns hold the calls.

    That of `connect` blocks and is thread-safe; that of `connect_aio` is for any number of tasks of one event
    loop.
    """

    def __init__(self, session: Session, transport: AioTransport) -> None:
        super().__init__(AioCalls(session, transport))
        self._transport = transport
        self.server = session.settings.server

    async def close(self) -> None:
        """Close the connection and cancel running calls."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def connect_aio(  # noqa: PLR0913  each has its name and a default
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
    """Return a client. It does not wait for the server: the first call connects.

    Args:
        server: "host:port"; default: CLIENTELA_SERVER, the profile's, or 127.0.0.1:50051 (settings.py).
        token: the bearer token; default: the environment's, the profile's, or the local server's.
        profile: a table of config.toml; default: CLIENTELA_PROFILE.
        timeout_s: the deadline of each call with its retries, in seconds, more than 0.
        policy: how often and how fast calls are retried.
        observer: called with every WireEvent, in the thread or the loop of the call; it must not block.
        metadata: sent with each call, e.g. {"accept-language": "pl"}.
        tls: how the server is verified: `Tls(...)`, True for the system's CAs, False for plaintext;
            default: by the order in tls_config.py.

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

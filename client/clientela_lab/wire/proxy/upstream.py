"""Where a tap carries to, and the TLS on either side of it.

A tap that is given the certificate and key which the server serves with is, to its clients, the server: they
pin the same certificate. Rule: HTTP/2 is asked for by ALPN on both sides, as gRPC does.
Read next: proxy.py.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from clientela_client.connection.settings import checked_address
from clientela_client.connection.tls_config import SYSTEM
from clientela_client.errors import SettingsError
from clientela_lab.wire.proxy.tls_errors import of_server

P = TypeVar("P", bound=asyncio.BaseProtocol)

CONNECT_WITHIN_S = 10.0


def host_and_port(address: str) -> tuple[str, int]:
    """Take "host:port" apart; an IPv6 host stands in brackets there, and without them here."""
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise SettingsError(f'"{address}" is not of the form host:port, e.g. 127.0.0.1:50052')
    return host.strip("[]"), int(port)


@dataclass(frozen=True)
class ProxyTls:
    """serve: what clients meet. ask: how the server is met. None is no TLS on that side.

    name: what the server's certificate is for, where that is not its address's host. certified: whether the
    server is shown a certificate of our own.
    """

    server_context: ssl.SSLContext | None = None
    client_context: ssl.SSLContext | None = None
    name: str | None = None
    certified: bool = False

    @classmethod
    def of_files(
        cls,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
        upstream_ca: Path | str | None = None,
        upstream_pair: tuple[Path, Path] | None = None,
        upstream_name: str | None = None,
    ) -> Self:
        """Read the files; SettingsError names the one that cannot be used.

        upstream_ca: whom to trust, "system" for whom this machine trusts; so it is too where only a
        certificate and key of our own (upstream_pair) or a name for the server is given.
        """
        server_context = _server_context(certificate, key) if certificate and key else None
        trusted = upstream_ca or (SYSTEM if upstream_pair or upstream_name else None)
        client_context = _client_context(trusted, upstream_pair) if trusted else None
        return cls(server_context, client_context, upstream_name, certified=upstream_pair is not None)


@dataclass(frozen=True)
class Upstream:
    """The server behind the tap."""

    address: str
    tls: ProxyTls = ProxyTls()

    def __post_init__(self) -> None:
        checked_address(self.address)

    async def connect(self, protocol: Callable[[], P]) -> P:
        """Open a connection, within ten seconds; OSError (TimeoutError is one) where there is none."""
        host, port = host_and_port(self.address)
        named = (self.tls.name or host) if self.tls.client_context else None
        opening = asyncio.get_running_loop().create_connection(
            protocol, host, port, ssl=self.tls.client_context, server_hostname=named
        )
        return (await asyncio.wait_for(opening, CONNECT_WITHIN_S))[1]

    def explain(self, error: Exception) -> str:
        """Say why there is no connection, or none any more."""
        return of_server(error, certified=self.tls.certified) if self.tls.client_context else str(error)

    def silent_close_hint(self) -> str:
        """Say what it may mean that a server with TLS hangs up at once: gRPC's own tells no more."""
        if self.tls.certified:
            return "does it not take the certificate of --upstream-cert?"
        return "does it want a certificate of its clients (--upstream-cert CERT,KEY)?"


def _server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["h2"])
    _load_pair(context, certificate, key)
    return context


def _client_context(ca: Path | str, pair: tuple[Path, Path] | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    if ca == SYSTEM:
        context.load_default_certs()
    else:
        _trust(context, Path(ca))
    if pair:
        _load_pair(context, *pair)
    return context


def _trust(context: ssl.SSLContext, ca: Path) -> None:
    _readable(ca)
    try:
        context.load_verify_locations(str(ca))
    except ssl.SSLError as error:
        raise SettingsError(f"{ca} holds no certificate: {_why(error)}") from None


def _load_pair(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    for file in (certificate, key):
        _readable(file)
    try:
        context.load_cert_chain(certificate, key, _no_password)
    except ssl.SSLError as error:
        raise SettingsError(
            f"{certificate} and {key} are no certificate and its key: {_why(error)}"
        ) from None
    except ValueError:
        raise SettingsError(f"{key} is locked by a password, which can't be given here") from None


def _no_password() -> str:
    """Stand in for a password, or Python would ask for it on the terminal."""
    raise ValueError("no password is known")


def _readable(file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None


def _why(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).lower().replace("_", " ")

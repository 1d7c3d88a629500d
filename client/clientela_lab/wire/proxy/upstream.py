"""The server behind a proxy, and TLS on either side of the proxy.

A proxy that is given the server's certificate and key is the server to its clients: they pin the same
certificate. Rule: HTTP/2 is negotiated by ALPN on both sides, as gRPC does.
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
    """Split "host:port"; an IPv6 host is returned without its brackets. Raises SettingsError."""
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise SettingsError(f'"{address}" is not of the form host:port, e.g. 127.0.0.1:50052')
    return host.strip("[]"), int(port)


@dataclass(frozen=True)
class ProxyTls:
    """server_context: for clients of the proxy. client_context: for the server. None: plaintext on that side.

    name: the host name expected in the server's certificate, if not its address's. certified: whether a
    client certificate is sent to the server.
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
        """Read the files. Raises SettingsError, which names the file that cannot be used.

        upstream_ca: the trusted authorities' file, or "system" for the machine's own; "system" is the default
        where only a client certificate and key (upstream_pair) or a name for the server is given.
        """
        server_context = _server_context(certificate, key) if certificate and key else None
        trusted = upstream_ca or (SYSTEM if upstream_pair or upstream_name else None)
        client_context = _client_context(trusted, upstream_pair) if trusted else None
        return cls(server_context, client_context, upstream_name, certified=upstream_pair is not None)


@dataclass(frozen=True)
class Upstream:
    """The server behind the proxy."""

    address: str
    tls: ProxyTls = ProxyTls()

    def __post_init__(self) -> None:
        checked_address(self.address)

    async def connect(self, protocol: Callable[[], P]) -> P:
        """Connect within `CONNECT_WITHIN_S`. Raises OSError, of which TimeoutError is one."""
        host, port = host_and_port(self.address)
        named = (self.tls.name or host) if self.tls.client_context else None
        opening = asyncio.get_running_loop().create_connection(
            protocol, host, port, ssl=self.tls.client_context, server_hostname=named
        )
        return (await asyncio.wait_for(opening, CONNECT_WITHIN_S))[1]

    def explain(self, error: Exception) -> str:
        """Explain why there is no connection, or none any more."""
        return of_server(error, certified=self.tls.certified) if self.tls.client_context else str(error)

    def silent_close_hint(self) -> str:
        """Suggest why a server with TLS closed without a byte: gRPC's servers send no alert."""
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
    """Refuse to give a password; without this callback Python would ask for one on the terminal."""
    raise ValueError("no password is known")


def _readable(file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None


def _why(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).lower().replace("_", " ")

"""Where a tap carries to, and the TLS on either side of it.

A tap that is given the certificate and key which the server serves with is, to its clients, the server: they
pin the same certificate. Rule: HTTP/2 is asked for by ALPN on both sides, as gRPC does.
Read next: tap.py.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from clientela_client.outcomes import SettingsError
from clientela_client.settings import checked_address

P = TypeVar("P", bound=asyncio.BaseProtocol)

CONNECT_WITHIN_S = 10.0


def host_and_port(address: str) -> tuple[str, int]:
    """Take "host:port" apart; an IPv6 host stands in brackets there, and without them here."""
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise SettingsError(f'"{address}" is not of the form host:port, e.g. 127.0.0.1:50052')
    return host.strip("[]"), int(port)


@dataclass(frozen=True)
class Tls:
    """serve: what clients meet. ask: how the server is met. None is no TLS on that side."""

    serve: ssl.SSLContext | None = None
    ask: ssl.SSLContext | None = None

    @classmethod
    def of_files(
        cls, *, certificate: Path | None = None, key: Path | None = None, upstream_ca: Path | None = None
    ) -> Self:
        """Read the files; SettingsError names the one that cannot be used."""
        serve = _serving(certificate, key) if certificate and key else None
        return cls(serve, _asking(upstream_ca) if upstream_ca else None)


@dataclass(frozen=True)
class Upstream:
    """The server behind the tap."""

    address: str
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        checked_address(self.address)

    async def connect(self, protocol: Callable[[], P]) -> P:
        """Open a connection, within ten seconds; OSError (TimeoutError is one) where there is none."""
        host, port = host_and_port(self.address)
        opening = asyncio.get_running_loop().create_connection(protocol, host, port, ssl=self.tls)
        return (await asyncio.wait_for(opening, CONNECT_WITHIN_S))[1]


def _serving(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["h2"])
    for file in (certificate, key):
        _readable(file)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise SettingsError(
            f"{certificate} and {key} are no certificate and its key: {_why(error)}"
        ) from None
    return context


def _asking(ca: Path) -> ssl.SSLContext:
    _readable(ca)
    try:
        context = ssl.create_default_context(cafile=str(ca))
        context.verify_flags &= (
            ~ssl.VERIFY_X509_STRICT
        )  # gRPC trusts no less, whatever is usual in this Python
    except ssl.SSLError as error:
        raise SettingsError(f"{ca} holds no certificate: {_why(error)}") from None
    context.set_alpn_protocols(["h2"])
    return context


def _readable(file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None


def _why(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).lower().replace("_", " ")

"""TLS as this server offers it: what it shows to clients, and what it asks of them.

The files are looked at with each handshake, so that a renewed certificate is shown without a restart; one
that can't be used is told in the log, and the one before it goes on. Loaded only where there is TLS. Read
next: `certificates`, `authority`; `clientela_client/connection/tls.py` is the other side.
"""

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import structlog

from clientela_server.clock import Clock
from clientela_server.config import AutoTls, ServerError, TlsFiles
from clientela_server.tls.authority import Authority
from clientela_server.tls.certificates import fingerprint, names_of, read_certificates, read_pair

_log = structlog.get_logger("server")
_RENEWAL_US = 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Trust:
    """What clients need: a file to trust, the SHA-256 of what to pin, and a name that the server goes by."""

    file: Path
    fingerprint: str
    name: str


class Tls:
    """The files that are shown in handshakes; ServerError where they can't be used."""

    def __init__(self, files: TlsFiles, trusted: Path, renew: Callable[[], None], clock: Clock) -> None:
        self._files = files
        self._trusted = trusted
        self._renew = renew
        self._clock = clock
        self._renew_us = 0
        self._shown: list[int] = []
        self._renew_in_time()
        self._configuration = self._read()
        self._shown = self._stamps()

    @classmethod
    def of(cls, asked: AutoTls | TlsFiles, folder: Path, listen_host: str, clock: Clock) -> "Tls":
        """Take the files that were given, or those of an authority of our own in `folder`."""
        if isinstance(asked, TlsFiles):
            return cls(asked, asked.certificate, lambda: None, clock)
        own = Authority(folder, listen_host, asked.names, clock)
        return cls(TlsFiles(own.leaf, own.leaf), own.certificate, own.renew, clock)

    def trust(self) -> Trust:
        """Return what clients need: the authority of our own, or else the certificate that was given."""
        said = next((name for name in self.names() if not name.startswith("*")), "")
        return Trust(self._trusted, fingerprint(read_certificates(self._trusted)[0]), said)

    def names(self) -> list[str]:
        """List what the certificate that is shown calls this server."""
        return names_of(read_certificates(self._files.certificate)[0])

    def credentials(self) -> grpc.ServerCredentials:
        """Make what gRPC serves with; with a client CA, only clients that have a certificate of it."""
        return grpc.dynamic_ssl_server_credentials(
            self._configuration, self._changed, self._files.client_ca is not None
        )

    def context(self) -> ssl.SSLContext:
        """Make what the web port serves with: the same files, looked at with each handshake."""
        first = context = self._context()
        shown = self._stamps()

        def greet(connection: ssl.SSLObject, *_: object) -> None:
            nonlocal context, shown
            with suppress(ServerError, OSError):  # an ssl.SSLError too; gRPC's port tells what is wrong
                self._renew_in_time()
                stamps = self._stamps()
                if stamps != shown:
                    shown = stamps  # also where it can't be used
                    context = self._context()
            connection.context = context

        first.sni_callback = greet
        return first

    def _context(self) -> ssl.SSLContext:
        certificate, key, client_ca = self._files
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["http/1.1"])
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _changed(self) -> Any:
        """Return what is to be shown from now on, or None for what was; gRPC asks at each handshake."""
        try:
            self._renew_in_time()
            stamps = self._stamps()
            if stamps == self._shown:
                return None
            self._shown = stamps  # also where it can't be used: that is told once
            configuration = self._read()
        except (ServerError, OSError) as error:
            _log.error("the new certificate can't be used; going on with the one before", error=str(error))
            return None
        _log.info("shows a new certificate", file=str(self._files.certificate))
        return configuration

    def _renew_in_time(self) -> None:
        now_us = self._clock()
        if now_us >= self._renew_us:
            self._renew_us = now_us + _RENEWAL_US
            self._renew()

    def _stamps(self) -> list[int]:
        return [path.stat().st_mtime_ns for path in self._files if path is not None]

    def _read(self) -> Any:
        certificate, key, client_ca = self._files
        read_pair(certificate, key, self._clock)
        if client_ca is not None:
            read_certificates(client_ca)
        return grpc.ssl_server_certificate_configuration(
            [(key.read_bytes(), certificate.read_bytes())], client_ca.read_bytes() if client_ca else None
        )

"""Probe a server's TLS with Python's ssl: its certificates, and whether it accepts ours.

Used for what gRPC does not report: to find a pinned certificate, and to explain a failed connection. No
application data is sent. All functions block, for 2 s at most.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clientela_client.errors import SettingsError

#: OpenSSL's verify codes of a host name or address mismatch.
OTHER_NAME = frozenset({62, 64})
_PROBE_TIMEOUT_S = 2.0


def certificates(server: str) -> dict[str, bytes]:
    """Return the server's certificate chain, its own first: PEM by SHA-256. OSError if unreachable."""
    with _tls_socket(server, _unverified_context()) as connection:
        shown = _chain(connection)
    return {hashlib.sha256(each).hexdigest(): ssl.DER_cert_to_PEM_cert(each).encode() for each in shown}


def speaks_tls(server: str) -> bool:
    """Return whether the server speaks TLS."""
    with contextlib.suppress(OSError), _tls_socket(server, _unverified_context()):
        return True
    return False


def rejects_client_certificate(server: str, certificate: str | Path | None, key: str | Path | None) -> bool:
    """Return whether the server closes TLS after our certificate, or after the lack of one.

    In TLS 1.3 the client's handshake succeeds before the server verifies the client certificate; its alert
    comes with the first read.
    """
    context = _unverified_context()
    if certificate is not None and key is not None:
        context.load_cert_chain(Path(certificate).expanduser(), Path(key).expanduser(), _no_password)
    try:
        with _tls_socket(server, context) as connection:
            return not connection.recv(1)  # an HTTP/2 server sends its SETTINGS first
    except TimeoutError:
        return False
    except ssl.SSLError as error:
        return "alert" in str(error).lower()
    except OSError:
        return False


def verification_error(server: str, roots: bytes) -> ssl.SSLCertVerificationError | None:
    """Return the error of a client that trusts these roots only; None if it accepts the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["h2"])
    context.load_verify_locations(cadata=roots.decode("ascii"))
    try:
        with _tls_socket(server, context):
            return None
    except ssl.SSLCertVerificationError as error:
        return error


def names(server: str, roots: bytes | None) -> list[str]:
    """Return the names in the server's certificate; none if it cannot be verified."""
    context = ssl.create_default_context(cadata=roots.decode() if roots else None)
    context.check_hostname = False
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # gRPC trusts no less, whatever is usual in this Python
    context.set_alpn_protocols(["h2"])
    with contextlib.suppress(OSError), _tls_socket(server, context) as connection:
        shown: Any = connection.getpeercert() or {}
        return [str(name) for _, name in shown.get("subjectAltName", ())]
    return []


def check_pair(certificate: Path, key: Path) -> None:
    """Raise SettingsError unless a certificate and its key can be used."""
    try:
        _unverified_context().load_cert_chain(certificate, key, _no_password)
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or str(error)
        raise SettingsError(f"{certificate} and {key} are no certificate with its key: {why}") from None


def check_roots(roots: bytes, path: str | Path) -> None:
    """Raise SettingsError unless there is a root certificate."""
    try:
        _unverified_context().load_verify_locations(cadata=roots.decode("ascii"))
    except (OSError, ValueError):
        raise SettingsError(f"{path} holds no certificate in PEM form") from None


def roots_of_the_system() -> bytes | None:
    """Return the system's CA bundle as PEM; None if it is not in one file."""
    file = ssl.get_default_verify_paths().cafile
    return Path(file).read_bytes() if file and Path(file).exists() else None


@contextlib.contextmanager
def _tls_socket(server: str, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    host, _, port = server.rpartition(":")
    host = host.strip("[]")
    with (
        socket.create_connection((host, int(port)), _PROBE_TIMEOUT_S) as bare,
        context.wrap_socket(bare, server_hostname=host) as connection,
    ):
        yield connection


def _unverified_context() -> ssl.SSLContext:
    """Return a context that accepts any certificate: for probing only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


def _chain(connection: ssl.SSLSocket) -> list[bytes]:
    """Return the certificate chain, DER; before Python 3.13 by a private method."""
    shown: Any = connection
    if hasattr(shown, "get_unverified_chain"):
        return list(shown.get_unverified_chain())
    beneath = shown._sslobj  # noqa: SLF001
    return [ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in beneath.get_unverified_chain()]


def _no_password() -> str:
    """Return a dummy password, or Python would prompt for one on the terminal."""
    return ""

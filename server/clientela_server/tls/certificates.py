"""Certificates and keys as they are in files: read, and checked before anybody is shown them.

What is wrong is told at start, by the file's name. Loaded only where there is TLS. Read next: `authority`,
which makes certificates, and `tls`.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from clientela_server.clock import Clock
from clientela_server.config import ServerError


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with those that vouch for it, its own first, and its private key."""

    chain: list[x509.Certificate]
    key: PrivateKeyTypes

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate itself."""
        return self.chain[0]


def time_of(clock: Clock) -> datetime.datetime:
    """Return a clock's time as certificates have it."""
    return datetime.datetime.fromtimestamp(clock() // 1_000_000, datetime.UTC)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return a certificate's SHA-256 fingerprint, as clients pin it."""
    return f"sha256:{certificate.fingerprint(hashes.SHA256()).hex()}"


def names_of(certificate: x509.Certificate) -> list[str]:
    """List the host names and addresses that a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = names.get_values_for_type(x509.IPAddress)
    return [*names.get_values_for_type(x509.DNSName), *map(str, addresses)]


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Read a PEM file's certificates, at least one; ServerError names the file."""
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError:
        raise ServerError(f"--tls: {path} holds no certificate in PEM form") from None


def read_pair(certificate: Path, key: Path, clock: Clock) -> Pair:
    """Read a certificate and its key, and see that they fit and are valid now; ServerError names the file."""
    pair = Pair(read_certificates(certificate), _read_key(key))
    if pair.key.public_key() != pair.leaf.public_key():
        raise ServerError(f"--tls: the key in {key} is not that of the certificate in {certificate}")
    now = time_of(clock)
    if pair.leaf.not_valid_after_utc <= now:
        raise ServerError(f"--tls: the certificate in {certificate} ran out on {_day(pair.leaf)}")
    if pair.leaf.not_valid_before_utc > now:
        raise ServerError(f"--tls: the certificate in {certificate} is not valid yet; is the clock right?")
    return pair


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ServerError(f"--tls: {path} can't be read: {error.strerror}") from None


def _read_key(path: Path) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(_read(path), None)
    except TypeError:
        raise ServerError(f"--tls: the key in {path} is locked by a password; give one that is not") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ServerError(f"--tls: {path} holds no private key in PEM form") from None


def _day(certificate: x509.Certificate) -> str:
    return certificate.not_valid_after_utc.strftime("%Y-%m-%d")

"""An authority (CA) of the server's own, for `--tls auto`: it signs nothing but this server's certificate.

Clients pin the authority, and the certificate is renewed under it, so that a pin holds for ten years.
Loaded only where there is TLS. Read next: `certificates`, `tls`.
"""

import datetime
import ipaddress
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clientela_server.clock import Clock
from clientela_server.config import ServerError
from clientela_server.ids import new_call_id
from clientela_server.tls.certificates import Pair, names_of, read_pair, time_of

_AUTHORITY_DAYS = 3650
_LEAF_DAYS = 30
_RENEW_DAYS = 10
_SKEW = datetime.timedelta(hours=1)  # of clocks that are behind ours
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  names only
_ALWAYS = ("localhost", "127.0.0.1", "::1")
_SIGNS_ONLY = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """A CA of this server's own, in `folder`: ca.pem (to be pinned), ca.key, and server.pem, which it signed.

    server.pem holds the key and the certificate in one file, so that a renewal is there wholly or not at all.
    The names that it is for stay when it is renewed: another server may share the folder.
    """

    def __init__(self, folder: Path, listen_host: str, names: Sequence[str], clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        listened = socket.gethostname() if listen_host in _WILDCARDS else listen_host
        self._names = list(dict.fromkeys([*_ALWAYS, listened, *names]))
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        self.leaf = folder / "server.pem"

    def renew(self) -> None:
        """Make what is missing, runs out within days, or is for other names; the rest stays as it is."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = self._own()
        held = self._held(authority)
        names = list(dict.fromkeys([*self._names, *(names_of(held) if held else ())]))
        now = time_of(self._clock)
        if held is None or _ends_soon(held, now) or len(names) > len(names_of(held)):
            key, leaf = _sign(authority, names, now)
            _write(self.leaf, _key_pem(key) + _pem(leaf) + _pem(authority.leaf))

    def _own(self) -> Pair:
        if not self.certificate.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            _write(self._key, _key_pem(key))
            _write(self.certificate, _pem(_authority(key, time_of(self._clock))))
        try:
            return read_pair(self.certificate, self._key, self._clock)
        except ServerError as error:
            raise ServerError(
                f"{error}; put it right, or remove the folder {self._folder} for a new authority, "
                "which clients must then be told of"
            ) from None

    def _held(self, authority: Pair) -> x509.Certificate | None:
        """Return the certificate that is there, if it is good and of this authority."""
        try:
            pair = read_pair(self.leaf, self.leaf, self._clock)
        except ServerError:
            return None
        return pair.leaf if pair.chain[1:] == [authority.leaf] else None


def _ends_soon(certificate: x509.Certificate, now: datetime.datetime) -> bool:
    return certificate.not_valid_after_utc - now <= datetime.timedelta(days=_RENEW_DAYS)


def _sign(
    authority: Pair, names: Sequence[str], now: datetime.datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    assert isinstance(authority.key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    ends = min(now + datetime.timedelta(days=_LEAF_DAYS), authority.leaf.not_valid_after_utc)
    builder = (
        _builder("Clientela server", key, now, ends)
        .issuer_name(authority.leaf.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([x509.OID_SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
    )
    return key, builder.sign(authority.key, hashes.SHA256())


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime.datetime) -> x509.Certificate:
    title = f"Clientela {new_call_id()[:8]}"  # of two authorities a client must not take one for the other
    builder = (
        _builder(title, key, now, now + datetime.timedelta(days=_AUTHORITY_DAYS))
        .issuer_name(_title(title))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS_ONLY, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _builder(
    title: str, key: ec.EllipticCurvePrivateKey, now: datetime.datetime, ends: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_title(title))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(ends)
    )


def _title(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, bare)


def _write(path: Path, content: bytes) -> None:
    """Write a file that only this account reads, wholly or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)

"""Certificates for tests: an authority that signs what it is asked to, also what no server should show."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate with its issuer's behind it, and its key, as files."""

    certificate: Path
    key: Path

    def tls(self, client_ca: Path | None = None) -> str:
        """What `--tls` is given for it."""
        return ",".join(str(path) for path in (self.certificate, self.key, client_ca) if path)


class Authority:
    """Signs certificates, and keeps what it signed in a folder; `file` is its own."""

    def __init__(self, folder: Path, title: str = "Blue Door authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, title)])
        self._own = self._signed(self._key, self._name, (), (-1, 30), ca=True)
        self.file = folder / f"{title}.pem"
        self.file.write_bytes(_pem(self._own))

    def issue(self, stem: str, *names: str, days: tuple[float, float] = (-1, 30)) -> Issued:
        """Sign for names and addresses, valid between two days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, stem)])
        issued = Issued(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        issued.certificate.write_bytes(_pem(self._signed(key, subject, names, days)) + _pem(self._own))
        issued.key.write_bytes(key_pem(key))
        return issued

    def _signed(
        self,
        key: ec.EllipticCurvePrivateKey,
        subject: x509.Name,
        names: tuple[str, ...],
        days: tuple[float, float],
        *,
        ca: bool = False,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(subject_name=subject, issuer_name=self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now + days[0] * DAY).not_valid_after(now + days[1] * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(map(_name, names)), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def key_pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    """A private key as a PEM file holds it."""
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's first certificate, bare."""
    certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    return certificate.fingerprint(hashes.SHA256()).hex()


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)

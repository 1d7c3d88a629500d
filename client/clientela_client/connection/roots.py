"""The root certificates of a server, as a PEM file for gRPC clients in any language.

The server is verified as for a call of our own (tls_config.py). Without a CA or fingerprint to verify it by,
no roots are returned, and the error shows the server's fingerprints. No application data is sent.
Read next: tls.py, tls_probe.py.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass

from clientela_client.connection import tls_probe
from clientela_client.connection.settings import Settings
from clientela_client.connection.tls import ChannelFactory, certificates_of, untrusted
from clientela_client.connection.tls_config import SYSTEM
from clientela_client.errors import Facts, Unavailable
from clientela_client.failure import Failure

# OpenSSL's verify codes of a certificate whose issuer is not trusted.
_NO_ISSUER = frozenset({2, 18, 19, 20, 21})

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Roots:
    """Root certificates, PEM; and a sentence why clients may still reject the server, "" if they do not."""

    pem: str
    objection: str


def roots_of(settings: Settings) -> Roots:
    """Return the root certificates of a server; Unavailable if it cannot be reached or verified."""
    server = settings.server
    channel_factory = ChannelFactory(server, settings.tls_config)
    shown = certificates_of(server)
    if isinstance(shown, Failure):
        raise _ended(shown)
    keys = channel_factory.keys
    if keys is None or keys.tls.ca == SYSTEM:
        raise _ended(_unknown(server, list(shown)))
    failure = channel_factory.find_pin()
    roots = channel_factory.keys.roots if channel_factory.keys else None
    if failure is not None or roots is None:
        raise _ended(failure or _unknown(server, list(shown)))
    verification_error = tls_probe.verification_error(server, roots)
    if (
        verification_error is not None
        and keys.tls.fingerprint is None
        and verification_error.verify_code in _NO_ISSUER
    ):
        raise _ended(untrusted(f"the server at {server} was not vouched for by who is in {keys.tls.ca}"))
    return Roots(_certificates(roots), _objection(server, roots, verification_error))


def _unknown(server: str, shown: list[str]) -> Failure:
    said = " and, who signed it, ".join(f"sha256:{each}" for each in dict.fromkeys((shown[0], shown[-1])))
    return untrusted(
        f"nobody has said that the server at {server} is the right one: it shows {said}; compare that with "
        "the fingerprint that clientela-server prints when it starts"
    )


def _objection(server: str, roots: bytes, verification_error: ssl.SSLCertVerificationError | None) -> str:
    if verification_error is None:
        return ""
    if verification_error.verify_code in tls_probe.OTHER_NAME:
        names = ", ".join(tls_probe.names(server, roots)) or "others"
        return f"The certificate is for {names}: ask under such a name, not {server.rpartition(':')[0]}."
    if verification_error.verify_code in _NO_ISSUER:
        return "This is the server's own certificate; a client that wants an authority's needs who signed it."
    return f"A client will not take the server: {verification_error.verify_message}."


def _certificates(roots: bytes) -> str:
    """Return the certificates only: a server's file may hold its key too."""
    return "".join(f"{each}\n" for each in _CERTIFICATE.findall(roots.decode("ascii")))


def _ended(failure: Failure) -> Unavailable:
    facts = Facts(code=failure.code, message=failure.details, reason=failure.reason)
    return Unavailable.before_any_call(facts)

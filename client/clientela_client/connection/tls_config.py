"""TLS settings of a client, resolved without a connection.

    server verification:  argument > CLIENTELA_CA or CLIENTELA_FINGERPRINT > profile's `ca` or `fingerprint`
    client certificate:   argument > CLIENTELA_CERT and CLIENTELA_KEY > profile's `cert` and `key`

Without a setting: the discovery file of a server on this machine and account (discovery.py); for a remote
address the system's CAs; else no TLS. So a token never leaves this machine in plaintext, except with
`tls=False`. Read next: tls.py, which makes channels.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from clientela_client.connection.discovery import LOOPBACK, discovered_servers
from clientela_client.errors import SettingsError

#: Stands for the system's CAs in the place of a file.
SYSTEM = "system"
_VARIABLES = ("CLIENTELA_CA", "CLIENTELA_FINGERPRINT", "CLIENTELA_CERT", "CLIENTELA_KEY")
PROFILE_KEYS = ("ca", "fingerprint", "cert", "key")
_DIGITS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS settings; `Tls()` resolves how to verify the server by itself.

    Args:
        ca: a PEM file of CA certificates, or of the server's own certificate; "system" for the system's CAs.
        fingerprint: pins a certificate of the server's chain, by the SHA-256 that the server prints at its
            start: "sha256:" and 64 hexadecimal digits. Not together with `ca`.
        certificate, key: PEM files of the client certificate and its key, for mutual TLS; both or neither.
        name: the name in the server's certificate, if it is not the address's host.

    Raises:
        SettingsError: only one of `certificate` and `key`, both `ca` and `fingerprint`, or a malformed
            fingerprint.
    """

    ca: str | Path | None = None
    fingerprint: str | None = None
    certificate: str | Path | None = None
    key: str | Path | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise SettingsError("a certificate of one's own needs its key, and a key its certificate")
        if self.ca is not None and self.fingerprint is not None:
            raise SettingsError("trust a CA or a fingerprint, not both")
        if self.fingerprint is not None:
            object.__setattr__(self, "fingerprint", _bare(self.fingerprint))

    @property
    def says_whom(self) -> bool:
        """Return whether it sets how the server is verified."""
        return self.ca is not None or self.fingerprint is not None


class TlsConfig:
    """The TLS settings of one server; resolved at each connection, since the server may start after us."""

    def __init__(self, server: str, told: Tls | Literal[False] | None = None) -> None:
        self._server = server
        self._told = told

    def find(self) -> Tls | None:
        """Return the TLS settings, None for no TLS."""
        if self._told is False:
            return None
        own = self._told or Tls()
        if own.says_whom:
            return own
        for found in discovered_servers(self._server):
            if found.trusted is not None and os.access(found.trusted, os.R_OK):
                return replace(own, ca=found.trusted, name=found.name or None)
        if self._told is None and is_loopback(self._server):
            return None
        return replace(own, ca=SYSTEM)


def resolve_tls(server: str, tls: Tls | bool | None, profile: Mapping[str, str]) -> TlsConfig:
    """Return the TLS settings of a server, by the order above; SettingsError if one cannot be used."""
    if tls is False:
        return TlsConfig(server, False)
    given = Tls(ca=SYSTEM) if tls is True else tls or Tls()
    levels = (given, _said(os.environ, *_VARIABLES), _said(profile, *PROFILE_KEYS))
    whom = next((level for level in levels if level.says_whom), Tls())
    who = next((level for level in levels if level.certificate), Tls())
    if tls is None and not whom.says_whom and who.certificate is None:
        return TlsConfig(server)
    name = given.name or whom.name
    return TlsConfig(server, replace(whom, certificate=who.certificate, key=who.key, name=name))


def is_loopback(server: str) -> bool:
    """Return whether an address is a loopback one."""
    host = server.rpartition(":")[0]
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _said(values: Mapping[str, str], ca: str, fingerprint: str, certificate: str, key: str) -> Tls:
    """Return the settings of one level, by their names there."""
    return Tls(*(values.get(name) or None for name in (ca, fingerprint, certificate, key)))


def _bare(fingerprint: str) -> str:
    """Return a fingerprint's 64 hexadecimal digits, in lower case; SettingsError if it is malformed."""
    digits = fingerprint.strip().lower().removeprefix("sha256:").replace(":", "")
    if not _DIGITS.fullmatch(digits):
        raise SettingsError(
            f'"{fingerprint}" is not a fingerprint, which is sha256: and 64 digits of 0-9 and a-f'
        )
    return digits

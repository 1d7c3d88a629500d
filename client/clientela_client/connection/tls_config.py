"""How a server is known for the right one, and how it knows us: settled here, without a word to the server.

    whom to trust:  argument > CLIENTELA_CA or CLIENTELA_FINGERPRINT > profile's `ca` or `fingerprint`
    who we are:     argument > CLIENTELA_CERT and CLIENTELA_KEY > profile's `cert` and `key`

Where nobody says whom to trust: what a server on this machine and account left (discovery.py); for an
address beyond this machine the authorities of the system, as browsers do; else there is no TLS. So a token
never leaves this machine in the clear, unless `tls=False` is said. Read next: tls.py, which looks at what a
server shows.
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

#: What stands for the authorities that the system trusts, where a file might.
SYSTEM = "system"
_VARIABLES = ("CLIENTELA_CA", "CLIENTELA_FINGERPRINT", "CLIENTELA_CERT", "CLIENTELA_KEY")
PROFILE_KEYS = ("ca", "fingerprint", "cert", "key")
_DIGITS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS to a server. `Tls()` finds by itself whom to trust.

    ca: a PEM file with the authorities to trust, or with the server's certificate itself; "system" for those
    of the system. fingerprint: the SHA-256 of a certificate that the server must show, as it tells it at its
    start; that one is trusted then. certificate and key: PEM files by which the server knows us, where it
    asks. name: what the server's certificate is for, where that is not the address's host.
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
        """Tell whether it says whom to trust."""
        return self.ca is not None or self.fingerprint is not None


class TlsConfig:
    """How one server is to be known; looked for at each connection, as the server may start after us."""

    def __init__(self, server: str, told: Tls | Literal[False] | None = None) -> None:
        self._server = server
        self._told = told

    def find(self) -> Tls | None:
        """Return what to ask of the server and to show it, None for no TLS."""
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
    """Settle how a server is to be known, by the order above. SettingsError says what to change."""
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
    """Tell whether an address can only be one of this machine."""
    host = server.rpartition(":")[0]
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _said(values: Mapping[str, str], ca: str, fingerprint: str, certificate: str, key: str) -> Tls:
    """Read one level's settings, by their names there."""
    return Tls(*(values.get(name) or None for name in (ca, fingerprint, certificate, key)))


def _bare(fingerprint: str) -> str:
    """Return a fingerprint's 64 digits, however it was written."""
    digits = fingerprint.strip().lower().removeprefix("sha256:").replace(":", "")
    if not _DIGITS.fullmatch(digits):
        raise SettingsError(
            f'"{fingerprint}" is not a fingerprint, which is sha256: and 64 digits of 0-9 and a-f'
        )
    return digits

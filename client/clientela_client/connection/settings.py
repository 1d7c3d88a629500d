"""Settings of a client: arguments, then the environment, then a profile, then discovery.

    server:  argument > CLIENTELA_SERVER > profile > 127.0.0.1:50051
    token:   argument > CLIENTELA_TOKEN > CLIENTELA_TOKEN_FILE > profile's `token` or `token_file`
             > the local server's token file
    TLS:     tls_config.py

A profile is a table of `config.toml` in the user's configuration folder, named by the argument or by
CLIENTELA_PROFILE:

    [profiles.shop]
    server = "shop.example:50051"
    token_file = "~/shop.token"
    fingerprint = "sha256:..."

A server on this machine and account writes the path of its token file (discovery.py). It is looked for at
each call until it is there, since the server may start after us. Read next: client.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from clientela_client.connection.discovery import discovered_servers
from clientela_client.connection.tls_config import PROFILE_KEYS, Tls, TlsConfig, resolve_tls
from clientela_client.errors import SettingsError

_PROFILE_KEYS = frozenset({"server", "token", "token_file", *PROFILE_KEYS})
DEFAULT_SERVER = "127.0.0.1:50051"
_ADDRESS = re.compile(
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):(?P<port>[0-9]{1,5})"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved settings of a client: address, token, TLS."""

    server: str
    token: Token
    tls_config: TlsConfig


class Token:
    """The bearer token of one server; discovered at each call until found."""

    def __init__(self, server: str, known: str | None = None) -> None:
        self._server = server
        self._known = known

    def find(self) -> str | None:
        """Return the token, None while there is none."""
        if self._known is None:
            self._known = next(_local_tokens(self._server), None)
        return self._known

    def advice(self) -> str:
        """Return a sentence: that no token was found, and how to set one."""
        return (
            f"no token for {self._server}: pass one, set CLIENTELA_TOKEN, name a profile of {config_path()}, "
            "or run as the account that runs the server on this machine"
        )


def resolve(
    server: str | None, token: str | None, profile: str | None, tls: Tls | bool | None = None
) -> Settings:
    """Return the settings by the order above; SettingsError says what to change."""
    chosen = _profile(profile or os.environ.get("CLIENTELA_PROFILE"))
    named = server or os.environ.get("CLIENTELA_SERVER") or chosen.get("server") or DEFAULT_SERVER
    address = checked_address(named)
    known = token or os.environ.get("CLIENTELA_TOKEN") or _token_of_file(chosen)
    if known is not None and not (known.isascii() and known.isprintable()):
        raise SettingsError(
            "the token holds characters that no token has; was it cut or pasted with a line end?"
        )
    return Settings(address, Token(address, known), resolve_tls(address, tls, chosen))


def checked_address(address: str) -> str:
    """Return "host:port" as it is, or raise SettingsError saying what is wrong with it."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise SettingsError(
            f'server address "{address}" is not of the form host:port, e.g. {_meant(address.strip())}'
        )
    if not 1 <= int(match["port"]) <= 65535:
        raise SettingsError(f'server address "{address}": the port must be from 1 to 65535')
    return address


def _meant(address: str) -> str:
    """Return a likely correction of a malformed address, else an example."""
    host, port = DEFAULT_SERVER.split(":")
    bare = re.sub("^[a-z]+://", "", address).partition("/")[0]
    if bare.isdecimal():
        return f"{host}:{bare}"
    address_of_6 = bare.count(":") > 1 and not bare.startswith("[")
    guesses = (
        (f"[{bare}]:{port}",) if address_of_6 else (bare, f"{bare}:{port}", f"{bare}{port}", host + bare)
    )
    return next((guess for guess in guesses if _ADDRESS.fullmatch(guess)), DEFAULT_SERVER)


def read_token(file: str) -> str:
    """Return the token in a file; SettingsError if it cannot be read or is empty."""
    path = Path(file).expanduser()
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise _no_token(path, f"can't be read: {getattr(error, 'strerror', None) or error}") from None
    if not token:
        raise _no_token(path, "is empty")
    return token


def _no_token(path: Path, wrong: str) -> SettingsError:
    return SettingsError(
        f"token_file {path} {wrong}; name one that holds what `clientela-server token create` printed, or "
        "none as the account that runs a server on this machine"
    )


def config_path() -> Path:
    """Return the path of the file of profiles."""
    return platformdirs.user_config_path("clientela") / "config.toml"


def _profile(name: str | None) -> Mapping[str, str]:
    if not name:
        return {}
    profiles = _config().get("profiles", {})
    if not isinstance(profiles, dict) or not isinstance(profiles.get(name), dict):
        known = ", ".join(sorted(profiles)) if isinstance(profiles, dict) and profiles else "none"
        raise SettingsError(f'there is no profile "{name}" in {config_path()}; it has: {known}')
    for key, value in profiles[name].items():
        if key not in _PROFILE_KEYS or not isinstance(value, str):
            raise SettingsError(f"{config_path()}: profiles.{name}.{key} is not known, or not a text")
    chosen: dict[str, str] = profiles[name]
    return chosen


def _config() -> dict[str, Any]:
    import tomllib  # only where a profile is named

    try:
        return tomllib.loads(config_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{config_path()} cannot be read: {error}") from None


def _token_of_file(profile: Mapping[str, str]) -> str | None:
    if path := os.environ.get("CLIENTELA_TOKEN_FILE"):
        return read_token(path)
    return read_token(profile["token_file"]) if "token_file" in profile else profile.get("token")


def _local_tokens(server: str) -> Iterator[str]:
    for found in discovered_servers(server):
        try:
            token = found.token_file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            continue
        if token:
            yield token

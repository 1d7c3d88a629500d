"""Where the server is and who we are: arguments, then the environment, then a profile, then what is at hand.

    server:  argument > CLIENTELA_SERVER > profile > 127.0.0.1:50051
    token:   argument > CLIENTELA_TOKEN > profile's `token` or `token_file` > the local server's token file

A profile is a table of `config.toml` in the user's configuration folder, named by the argument or by
CLIENTELA_PROFILE:

    [profiles.shop]
    server = "shop.example:50051"
    token_file = "~/shop.token"

A server on this machine and account leaves a pointer to its token file, by its address. It is looked for at
each call until it is there, as the server may start after us. Read next: client.py.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from clientela_client.outcomes import SettingsError

DEFAULT_SERVER = "127.0.0.1:50051"
_ADDRESS = re.compile(
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):(?P<port>[0-9]{1,5})"
)
#: How a server on this machine may have been told to listen, where the client says one of these.
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1", "0.0.0.0", "[::]", "::")  # noqa: S104  names only


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client starts from: the server's address, and who we are there."""

    server: str
    token: Token


class Token:
    """The bearer token of one server; looked for until found."""

    def __init__(self, server: str, known: str | None = None) -> None:
        self._server = server
        self._known = known

    def find(self) -> str | None:
        """Return the token, or None while there is none."""
        if self._known is None:
            self._known = next(_local_tokens(self._server), None)
        return self._known

    def advice(self) -> str:
        """Say where no token was found and what to do about it."""
        return (
            f"no token for {self._server}: pass one, set CLIENTELA_TOKEN, name a profile of {config_path()}, "
            "or run as the account that runs the server on this machine"
        )


def resolve(server: str | None, token: str | None, profile: str | None) -> Settings:
    """Settle the address and the token, by the order above. SettingsError says what to change."""
    chosen = _profile(profile or os.environ.get("CLIENTELA_PROFILE"))
    named = server or os.environ.get("CLIENTELA_SERVER") or chosen.get("server") or DEFAULT_SERVER
    address = checked_address(named)
    known = token or os.environ.get("CLIENTELA_TOKEN") or _profile_token(chosen)
    if known is not None and not (known.isascii() and known.isprintable()):
        raise SettingsError(
            "the token holds characters that no token has; was it cut or pasted with a line end?"
        )
    return Settings(address, Token(address, known))


def checked_address(address: str) -> str:
    """Return "host:port" as it is, or raise SettingsError saying what is wrong with it."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise SettingsError(f'server address "{address}" is not of the form host:port, e.g. {DEFAULT_SERVER}')
    if not 1 <= int(match["port"]) <= 65535:
        raise SettingsError(f'server address "{address}": the port must be from 1 to 65535')
    return address


def config_path() -> Path:
    """Tell where profiles are kept."""
    return platformdirs.user_config_path("clientela") / "config.toml"


def _profile(name: str | None) -> Mapping[str, str]:
    if not name:
        return {}
    profiles = _config().get("profiles", {})
    if not isinstance(profiles, dict) or not isinstance(profiles.get(name), dict):
        known = ", ".join(sorted(profiles)) if isinstance(profiles, dict) and profiles else "none"
        raise SettingsError(f'there is no profile "{name}" in {config_path()}; it has: {known}')
    for key, value in profiles[name].items():
        if key not in {"server", "token", "token_file"} or not isinstance(value, str):
            raise SettingsError(f"{config_path()}: profiles.{name}.{key} is not known, or not a text")
    chosen: dict[str, str] = profiles[name]
    return chosen


def _config() -> dict[str, Any]:
    try:
        return tomllib.loads(config_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{config_path()} cannot be read: {error}") from None


def _profile_token(profile: Mapping[str, str]) -> str | None:
    if "token_file" not in profile:
        return profile.get("token")
    path = Path(profile["token_file"]).expanduser()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"token_file {path} cannot be read: {error}") from None


def _local_tokens(server: str) -> Iterator[str]:
    for pointer in _pointers(server):
        try:
            token = Path(pointer.read_text(encoding="utf-8").strip()).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            continue  # no such server, or it is another account's
        if token:
            yield token


def _pointers(server: str) -> Iterator[Path]:
    host, _, port = server.rpartition(":")
    hosts = (host, *_LOOPBACK) if host in _LOOPBACK else (host,)
    folder = platformdirs.user_state_path("clientela") / "servers"
    return (folder / f"{host}_{port}" for host in dict.fromkeys(hosts))

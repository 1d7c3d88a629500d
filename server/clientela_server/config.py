"""What a server is told: from the arguments to one frozen object, checked once."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

import platformdirs


class ServerError(Exception):
    """The server can't do what it was started for; the text says why and what to do."""


class ConfigError(ServerError):
    """The arguments can't be followed."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 means any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Config:
    """All that a server needs to know before it starts."""

    listen: Address
    database: Path
    reflection: bool = False
    dev: bool = False
    grace_s: float = 10.0

    @property
    def token_file(self) -> Path:
        """Where the first start leaves the administrator's token."""
        return self.database.parent / "admin.token"


def default_database() -> Path:
    """Tell where the ledger is kept where nothing else is said: the user's own data folder."""
    return platformdirs.user_data_path("clientela") / "ledger.db"


def pointer_folder() -> Path:
    """Tell where running servers leave a pointer to their token file, for clients of the same account."""
    return platformdirs.user_state_path("clientela") / "servers"


def read_address(text: str) -> Address:
    """Read HOST:PORT; ConfigError where it is none, or where others on the network could listen in."""
    host, separator, port = text.rpartition(":")
    host = host.strip("[]")
    if not separator or not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(
            f"--listen {text}: give HOST:PORT, such as 127.0.0.1:50051 (port 0: any that is free)"
        )
    if not _is_loopback(host):
        raise ConfigError(
            f"--listen {text}: others on the network could read tokens and data, for this server has no TLS; "
            "listen on 127.0.0.1 and put a TLS proxy in front of it"
        )
    return Address(host, int(port))


def read_database(text: str) -> Path:
    """Read the path of a database; ConfigError where it is a folder or of a kind that is not known."""
    if "://" in text:
        raise ConfigError(
            f"--database {text.split('://', maxsplit=1)[0]}://...: data are kept in SQLite; give a path"
        )
    path = Path(text).expanduser().absolute()
    if path.is_dir():
        raise ConfigError(
            f"--database {text}: is a folder; give the path of a file, such as {path / 'ledger.db'}"
        )
    return path


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""What a server is told: from the arguments to one frozen object, checked once."""

import hashlib
import ipaddress
import re
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import platformdirs

CALLS_PER_S = 2000.0
UNREAD_S = 30.0
WEB = "127.0.0.1:8080"
_HOST = re.compile(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*|(\*\.)?[A-Za-z0-9]([A-Za-z0-9._-]{0,252})")
_PORT = re.compile("[0-9]{1,5}")
_POSTGRES = ("postgresql", "postgres")


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

    @property
    def is_loopback(self) -> bool:
        """Return whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class AutoTls:
    """TLS by certificates of the server's own making; `names` are what clients call it beside the obvious."""

    names: tuple[str, ...] = ()


class TlsFiles(NamedTuple):
    """TLS by given files; with a client CA, clients must show a certificate that it signed."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """All that a server needs to know before it starts; ConfigError where it would expose it.

    web_elsewhere: whether the web port may be another one where `web` is taken.
    """

    listen: Address
    database: Path | str
    _: KW_ONLY
    tls: AutoTls | TlsFiles | None = None
    web: Address | None = None
    web_names: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    reflection: bool = False
    dev: bool = False
    calls_per_s: float = CALLS_PER_S
    unread_s: float = UNREAD_S
    grace_s: float = 10.0
    web_elsewhere: bool = False

    @property
    def token_file(self) -> Path:
        """Where the first start leaves the administrator's token: beside the file, or in the user's own."""
        if isinstance(self.database, Path):
            return self.database.parent / "admin.token"
        place = urlsplit(self.database)
        # The options name the schema, where it is not the database's first one.
        options = hashlib.blake2b(place.query.encode(), digest_size=4).hexdigest() if place.query else ""
        words = (
            place.hostname or "local",
            str(place.port or ""),
            place.path.strip("/") or "default",
            options,
        )
        name = "_".join(word for word in words if word)
        return default_database().parent / f"{name}.token"

    @property
    def tls_folder(self) -> Path:
        """Where certificates of the server's own making are kept."""
        return self.token_file.parent / "tls"

    def __post_init__(self) -> None:
        if not 0 <= self.calls_per_s < float("inf"):
            raise ConfigError("--calls-per-second: give a number, or 0 for no limit")
        if not 0 < self.unread_s < float("inf"):
            raise ConfigError("--unread-seconds: give a number greater than 0")
        for proxy in self.trusted_proxies:
            _check_network(proxy)
        for option, address in (("--listen", self.listen), ("--web", self.web)):
            if address is not None and not address.is_loopback:
                self._check_exposure(option, address)

    def _check_exposure(self, option: str, address: Address) -> None:
        """Refuse what others on the network could misuse."""
        if self.dev:
            raise ConfigError(
                f"{option} {address}: --dev is for trying out on this machine; listen on 127.0.0.1, "
                "or leave out --dev"
            )
        if self.tls is None:
            raise ConfigError(
                f"{option} {address}: others on the network could read tokens and data; give --tls auto, "
                "or listen on 127.0.0.1 and put a TLS proxy in front of it"
            )


def _check_network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ConfigError(
            f"--trusted-proxy {text}: give the address of a proxy, such as 127.0.0.1, or a network"
        ) from None


def default_database() -> Path:
    """Return where the ledger is kept where nothing else is said: the user's own data folder."""
    return platformdirs.user_data_path("clientela") / "ledger.db"


def discovery_folder() -> Path:
    """Return where running servers leave a pointer to their token file, for clients of the same account."""
    return platformdirs.user_state_path("clientela") / "servers"


def read_address(text: str, option: str = "--listen") -> Address:
    """Read HOST:PORT; ConfigError where it is none."""
    host, separator, port = text.rpartition(":")
    host = host.strip("[]")
    if not separator or not host or not _PORT.fullmatch(port) or int(port) > 65535:
        raise ConfigError(
            f"{option} {text}: give HOST:PORT, such as 127.0.0.1:50051 (port 0: any that is free)"
        )
    return Address(host, int(port))


def read_web(text: str) -> Address | None:
    """Read HOST:PORT or off; ConfigError where it is neither."""
    return None if text == "off" else read_address(text, "--web")


def read_tls(text: str | None) -> AutoTls | TlsFiles | None:
    """Read auto[,NAME...] or CERT,KEY[,CA]; ConfigError where it is neither."""
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if words[0] == "auto":
        strange = next((name for name in words[1:] if not _HOST.fullmatch(name)), None)
        if strange is not None:
            raise ConfigError(f"--tls {text}: {strange!r} is not the name or address of a machine")
        return AutoTls(tuple(words[1:]))
    if len(words) not in (2, 3) or not all(words):
        raise ConfigError(
            f"--tls {text}: give auto, or the files CERTIFICATE,KEY or CERTIFICATE,KEY,CLIENT_CA"
        )
    return TlsFiles(*(Path(word).expanduser().absolute() for word in words))


def read_database(text: str) -> Path | str:
    """Read what names a database: a path (SQLite) or a URL (PostgreSQL); ConfigError where it is neither."""
    scheme, separator, _ = text.partition("://")
    if separator and scheme in _POSTGRES:
        try:
            urlsplit(text).port  # noqa: B018 - is read to see whether it can be
        except ValueError:
            raise ConfigError("--database postgresql://...: its port is no number of 1 to 65535") from None
        return text
    if separator:
        raise ConfigError(
            f"--database {scheme}://...: give the path of a SQLite file, or postgresql://HOST/DATABASE"
        )
    path = Path(text).expanduser().absolute()
    if path.is_dir():
        raise ConfigError(
            f"--database {text}: is a folder; give the path of a file, such as {path / 'ledger.db'}"
        )
    return path


def shown(database: Path | str) -> str:
    """Name a database for people and logs: a URL without its user, password and options."""
    if isinstance(database, Path):
        return str(database)
    place = urlsplit(database)
    port = f":{place.port}" if place.port else ""
    return f"postgresql://{place.hostname or ''}{port}{place.path}"

"""Discovery of servers on this machine and account, by a file that each writes, named after its address.

Line 1 is the path of a token file; with TLS, line 2 is the CA file and line 3 the certificate's name. Written
by `clientela_server/discovery_file.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

#: The addresses that a server on this machine may listen at, if the client names one of these.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1", "0.0.0.0", "[::]", "::")  # noqa: S104  names only


@dataclass(frozen=True, slots=True)
class DiscoveredServer:
    """A server's discovery file. trusted: its CA file, None without TLS; name: its certificate's."""

    token_file: Path
    trusted: Path | None = None
    name: str = ""


def discovered_servers(server: str) -> Iterator[DiscoveredServer]:
    """Yield the discovery files of an address; of a loopback address, also of the others."""
    host, _, port = server.rpartition(":")
    hosts = (host, *LOOPBACK) if host in LOOPBACK else (host,)
    folder = platformdirs.user_state_path("clientela") / "servers"
    for each in dict.fromkeys(hosts):
        try:
            lines = (folder / f"{each}_{port}").read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            continue  # no such server, or it is another account's
        token_file, trusted, name, *_ = [*(line.strip() for line in lines), "", "", ""]
        yield DiscoveredServer(Path(token_file), Path(trusted) if trusted else None, name)

"""What a server on this machine and account leaves for its clients, in a file named after its address.

Line 1 is the path of a token file; with TLS, line 2 is the file to trust and line 3 the name that its
certificate is for. The other side is `clientela_server/discovery_file.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

#: How a server on this machine may have been told to listen, where the client says one of these.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1", "0.0.0.0", "[::]", "::")  # noqa: S104  names only


@dataclass(frozen=True, slots=True)
class DiscoveredServer:
    """What one server left; `trusted` is None where it speaks without TLS."""

    token_file: Path
    trusted: Path | None = None
    name: str = ""


def discovered_servers(server: str) -> Iterator[DiscoveredServer]:
    """Read what was left under the address, and under the others that it may go by on this machine."""
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

"""The peer of a request: the connection's address, or the one that a trusted proxy forwards for.

Anybody can send `X-Forwarded-For`. It is used only from trusted proxies, and only the part that these added
themselves: the last address that is not a trusted proxy's. Read next:
`rpc/gate/peer_address`.
"""

import ipaddress
from collections.abc import Iterable
from typing import Any

from clientela_server.rpc.gate.peer_address import read_address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Peers:
    """Finds the peers of requests. trusted: addresses or networks of proxies."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted: list[Network] = [ipaddress.ip_network(each) for each in trusted]

    def peer_of(self, scope: Any) -> str:
        """Return the peer of a request, as gRPC writes it."""
        host, port = scope["client"] or ("", 0)
        if self.is_trusted(host):
            forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
            host, port = self._forwarded(forwarded.decode("latin-1"), host), 0
        kind, host = ("ipv6", f"[{host}]") if ":" in host else ("ipv4", host)
        return f"{kind}:{host}:{port}"

    def is_trusted(self, host: str) -> bool:
        """Return whether an address is a trusted proxy's."""
        address = read_address(host) if self._trusted else None
        return address is not None and any(
            address.version == network.version and address in network for network in self._trusted
        )

    def _forwarded(self, header: str, proxy: str) -> str:
        """Return the last address of a list that is not a trusted proxy's; `proxy` if it is malformed."""
        for word in reversed(header.split(",")):
            address = read_address(word.strip())
            if address is None:
                break
            if not self.is_trusted(str(address)):
                return str(address)
        return proxy

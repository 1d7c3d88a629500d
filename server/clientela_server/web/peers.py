"""Where a request comes from: the other end of its connection, unless that is a proxy that is trusted.

Anybody can write `X-Forwarded-For`. It is believed only of the proxies that the operator named, and of its
list only what such a proxy added itself: the last address that is not a proxy's. Read next:
`rpc/gate/peer_address`.
"""

import ipaddress
from collections.abc import Iterable
from typing import Any

from clientela_server.rpc.gate.peer_address import read_address

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Peers:
    """Tells peers, as gRPC writes them; `trusted` are the addresses or networks of proxies."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted: list[Network] = [ipaddress.ip_network(each) for each in trusted]

    def peer_of(self, scope: Any) -> str:
        """Give the peer of a request."""
        host, port = scope["client"] or ("", 0)
        if self.is_trusted(host):
            forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
            host, port = self._forwarded(forwarded.decode("latin-1"), host), 0
        kind, host = ("ipv6", f"[{host}]") if ":" in host else ("ipv4", host)
        return f"{kind}:{host}:{port}"

    def is_trusted(self, host: str) -> bool:
        """Tell whether an address is that of a proxy which is believed."""
        address = read_address(host) if self._trusted else None
        return address is not None and any(
            address.version == network.version and address in network for network in self._trusted
        )

    def _forwarded(self, header: str, proxy: str) -> str:
        """Give the last address of a list that is not a proxy's; the proxy's own where that is no address."""
        for word in reversed(header.split(",")):
            address = read_address(word.strip())
            if address is None:
                break
            if not self.is_trusted(str(address)):
                return str(address)
        return proxy

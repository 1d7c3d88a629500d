"""Peer addresses as keys of limits, from gRPC's notation or a bare address.

The port is dropped, as each connection has another. IPv6 addresses are grouped by their /64 network, since
one host usually has all of it.
"""

import ipaddress
from urllib.parse import unquote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of_peer(peer: str) -> str:
    """Return the key of a peer as gRPC writes it: "ipv4:192.0.2.7:50000", "ipv6:%5B2001:db8::7%5D:50000"."""
    _, _, rest = peer.partition(":")
    return address_of(unquote(rest).rpartition(":")[0].strip("[]"))


def address_of(host: str) -> str:
    """Return the key of an address; a text that is none (a socket's path) is its own key."""
    address = read_address(host)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return host if address is None else str(address)


def read_address(host: str) -> Address | None:
    """Parse an address; an IPv4-mapped IPv6 address is IPv4. None if it is malformed."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

"""Where callers are: the address that limits count by, of gRPC's words for a peer and of an address alone.

The port says nothing: each connection has another one. Of IPv6 the network of 64 bits is one place, for a
host has all of it.
"""

import ipaddress
from urllib.parse import unquote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of_peer(peer: str) -> str:
    """Give the place of gRPC's "ipv4:192.0.2.7:50000" and "ipv6:%5B2001:db8::7%5D:50000"."""
    _, _, rest = peer.partition(":")
    return address_of(unquote(rest).rpartition(":")[0].strip("[]"))


def address_of(host: str) -> str:
    """Give the place of an address; what is none, such as the path of a socket, is its own place."""
    address = read_address(host)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return host if address is None else str(address)


def read_address(host: str) -> Address | None:
    """Read an address; one of IPv4 that is written as IPv6 is one of IPv4. None where it is none."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

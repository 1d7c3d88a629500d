"""Where a request comes from, and which address limits count."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.config import Address, Config, ConfigError
from clientela_server.rpc.gate.peer_address import address_of, address_of_peer
from clientela_server.web.peers import Peers

PROXY = "10.0.0.1"


def peer(peers: Peers, host: str, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    return peers.peer_of({"client": (host, 50000), "headers": headers})


def test_nobody_is_believed_where_no_proxy_is_named() -> None:
    assert peer(Peers(), "127.0.0.1", "192.0.2.1") == "ipv4:127.0.0.1:50000"


@pytest.mark.parametrize(
    ("forwarded", "place"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["198.51.100.9, 192.0.2.1"], "192.0.2.1"),
        (["198.51.100.9", "192.0.2.1"], "192.0.2.1"),
        (["192.0.2.1, 10.0.0.7"], "192.0.2.1"),
        (["2001:db8::1"], "2001:db8::/64"),
        (["nonsense"], PROXY),
        (["192.0.2.1, nonsense"], PROXY),
        ([""], PROXY),
        ([], PROXY),
        (["\xff\xfe"], PROXY),
    ],
)
def test_of_a_proxy_the_last_address_counts_that_is_none(forwarded: list[str], place: str) -> None:
    assert address_of_peer(peer(Peers(["10.0.0.0/8"]), PROXY, *forwarded)) == place


@given(address=st.ip_addresses(), port=st.integers(0, 65535))
def test_the_port_says_nothing_of_the_place(address: ipaddress.IPv4Address, port: int) -> None:
    kind, host = ("ipv4", f"{address}") if address.version == 4 else ("ipv6", f"[{address}]")
    assert address_of_peer(f"{kind}:{host}:{port}") == address_of(str(address))
    assert address_of_peer(peer(Peers(), str(address))) == address_of(str(address))


@given(network=st.ip_addresses(v=6), first=st.integers(0, 2**64 - 1), second=st.integers(0, 2**64 - 1))
def test_a_network_of_ipv6_is_one_place(network: ipaddress.IPv6Address, first: int, second: int) -> None:
    base = int(network) >> 64 << 64
    one, other = (str(ipaddress.IPv6Address(base + host)) for host in (first, second))
    if not ipaddress.IPv6Address(base).ipv4_mapped and base:
        assert address_of(one) == address_of(other)


def test_ipv4_written_as_ipv6_is_ipv4() -> None:
    assert address_of("::ffff:192.0.2.1") == address_of("192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/8", "", "10.0.0.256"])
def test_a_proxy_that_is_no_address_is_refused_at_start(text: str, tmp_path: object) -> None:
    with pytest.raises(ConfigError, match="--trusted-proxy"):
        Config(Address("127.0.0.1", 0), ":memory:", trusted_proxies=(text,))

"""A proxy that is given the server's certificate and key is the server to its clients, and reads it all."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from clientela_client import SettingsError, Tls, Unavailable, connect
from clientela_client.messages import Customer
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.proxy.local_proxy import LocalProxy
from clientela_lab.wire.proxy.tls_errors import of_server
from clientela_lab.wire.proxy.upstream import ProxyTls, host_and_port
from tests.lab.wire.proxied import Recorded
from tests.rpc.callers import fresh
from tests.security.certified import Authority, key_pem


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A server that serves TLS, its authority, and its certificate."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    issued = authority.issue("blue-door", "localhost", "127.0.0.1")
    with LocalServer("--tls", issued.tls()) as server:
        yield SimpleNamespace(server=server, authority=authority, issued=issued)


def create(address: str, token: str, tls: Tls | bool) -> str:
    with connect(address, token=token, tls=tls, timeout_s=HANG_S) as client:
        return client.customers.create(Customer(display_name="Blue Door"), customer_id=fresh()).name


def methods(proxy: LocalProxy) -> set[str]:
    return {event["method"] for event in proxy.events() if event["event"] == "call_begin"}


def test_tls_on_both_sides_is_read_in_between(secured: SimpleNamespace) -> None:
    tls = ProxyTls.of_files(
        certificate=secured.issued.certificate, key=secured.issued.key, upstream_ca=secured.authority.file
    )
    with LocalProxy(secured.server.address, tls=tls) as proxy:
        assert create(proxy.address, secured.server.token, Tls(ca=secured.authority.file))
        assert methods(proxy) == {"/clientela.v1.CustomerService/CreateCustomer"}
        proxy.rules.add("duplicate GetCustomer")
    assert {event["tls"] for event in proxy.events() if event["event"] == "open"} == {True}


def test_tls_may_end_at_the_proxy(server: LocalServer, secured: SimpleNamespace) -> None:
    tls = ProxyTls.of_files(certificate=secured.issued.certificate, key=secured.issued.key)
    with LocalProxy(server.address, tls=tls) as proxy:
        assert create(proxy.address, server.token, Tls(ca=secured.authority.file))
        assert methods(proxy)


def test_tls_may_begin_at_the_proxy(secured: SimpleNamespace) -> None:
    with LocalProxy(
        secured.server.address, tls=ProxyTls.of_files(upstream_ca=secured.authority.file)
    ) as proxy:
        assert create(proxy.address, secured.server.token, False)
        assert methods(proxy)


def test_without_the_key_it_carries_what_it_cannot_read(secured: SimpleNamespace) -> None:
    with LocalProxy(secured.server.address) as proxy:
        assert create(proxy.address, secured.server.token, Tls(ca=secured.authority.file))
        assert not methods(proxy)
        assert "RAW" in {event["kind"] for event in proxy.events() if event["event"] == "frame"}


def test_a_server_of_another_authority_is_not_connected_to(secured: SimpleNamespace, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Another authority")
    with LocalProxy(secured.server.address, tls=ProxyTls.of_files(upstream_ca=other.file)) as proxy:
        with connect(proxy.address, token="clt_any", tls=False, timeout_s=1) as client:
            with pytest.raises(Unavailable):
                client.customers.get("customers/any")
        closed = [event["why"] for event in proxy.events() if event["event"] == "close"]
    assert "certificate verify failed" in closed[0]


def test_a_file_that_cannot_be_used_is_named(secured: SimpleNamespace, tmp_path: Path) -> None:
    certificate, key = secured.issued.certificate, secured.issued.key
    (empty := tmp_path / "empty.pem").write_text("")
    other = Authority(tmp_path).issue("other", "localhost")
    with pytest.raises(SettingsError, match=r"missing\.pem cannot be read: No such file"):
        ProxyTls.of_files(certificate=tmp_path / "missing.pem", key=key)
    with pytest.raises(SettingsError, match="are no certificate and its key: key values mismatch"):
        ProxyTls.of_files(certificate=certificate, key=other.key)
    with pytest.raises(SettingsError, match=r"empty\.pem holds no certificate"):
        ProxyTls.of_files(upstream_ca=empty)


def closing(proxy: LocalProxy, deed: Callable[[], object]) -> str:
    """Do something at a proxy, and tell what it says of the connection's end."""
    recorded = Recorded(proxy)
    deed()
    return str(recorded.wait_for("close")["why"])


def hear_out(address: str, said: bytes) -> None:
    """Say something without TLS, and listen until the other side hangs up."""
    with socket.create_connection(host_and_port(address), HANG_S) as line:
        if not said:
            return
        line.sendall(said)
        with suppress(OSError):
            while line.recv(1024):
                pass


def ask_in_vain(address: str, tls: Tls | bool = False) -> None:
    with connect(address, token="clt_any", tls=tls, timeout_s=1) as client:
        with pytest.raises(Unavailable):
            client.customers.get("customers/any")


def shake_hands(address: str) -> None:
    with socket.create_connection(host_and_port(address), HANG_S) as line, suppress(ssl.SSLError):
        ssl.create_default_context().wrap_socket(line, server_hostname="localhost").close()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"GET /hello HTTP/1.1\r\n\r\n", "HTTP/1.1 without TLS (http request), where the tap is served"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(20), "the client speaks without TLS ("),
        (b"", "no TLS with the client: "),
    ],
)
def test_a_client_without_tls_at_a_proxy_with_it_is_named(
    secured: SimpleNamespace, said: bytes, why: str
) -> None:
    tls = ProxyTls.of_files(certificate=secured.issued.certificate, key=secured.issued.key)
    with LocalProxy(secured.server.address, tls=tls) as proxy:
        deed = (
            hear_out if said else lambda address, _: socket.create_connection(host_and_port(address)).close()
        )
        assert closing(proxy, lambda: deed(proxy.address, said)).startswith(why)
        assert [event["tls"] for event in proxy.events() if event["event"] == "open"] == [True]


def test_a_client_that_does_not_trust_the_proxys_certificate_is_named(secured: SimpleNamespace) -> None:
    tls = ProxyTls.of_files(certificate=secured.issued.certificate, key=secured.issued.key)
    with LocalProxy(secured.server.address, tls=tls) as proxy:
        why = closing(proxy, lambda: shake_hands(proxy.address))
    assert why == "the client does not trust the certificate of --tls (tlsv1 alert unknown ca)"


@pytest.fixture(scope="module")
def strict(secured: SimpleNamespace) -> Iterator[LocalServer]:
    """A server that takes clients with a certificate of its authority only."""
    with LocalServer("--tls", secured.issued.tls(secured.authority.file)) as server:
        yield server


@pytest.mark.long
def test_a_certificate_is_shown_to_a_server_that_asks_for_it(
    secured: SimpleNamespace, strict: LocalServer, tmp_path: Path
) -> None:
    shown = secured.authority.issue("tap", "tap")
    ca, pair = secured.authority.file, (shown.certificate, shown.key)
    with LocalProxy(strict.address, tls=ProxyTls.of_files(upstream_ca=ca, upstream_pair=pair)) as proxy:
        assert create(proxy.address, strict.token, False)
        assert methods(proxy)

    with LocalProxy(strict.address, tls=ProxyTls.of_files(upstream_ca=ca)) as proxy:
        why = closing(proxy, lambda: ask_in_vain(proxy.address))
    wants = "does it want a certificate of its clients (--upstream-cert CERT,KEY)?"
    assert why == f"closed before it said anything: {wants}"

    other = Authority(tmp_path, "Another authority").issue("stranger", "tap")
    tls = ProxyTls.of_files(upstream_ca=ca, upstream_pair=(other.certificate, other.key))
    with LocalProxy(strict.address, tls=tls) as proxy:
        why = closing(proxy, lambda: ask_in_vain(proxy.address))
    assert why == "closed before it said anything: does it not take the certificate of --upstream-cert?"


@pytest.mark.long
def test_a_server_is_known_by_the_name_that_is_said(secured: SimpleNamespace) -> None:
    issued = secured.authority.issue("shop", "shop.example")
    ca = secured.authority.file
    with LocalServer("--tls", issued.tls()) as server:
        named = ProxyTls.of_files(upstream_ca=ca, upstream_name="shop.example")
        with LocalProxy(server.address, tls=named) as proxy:
            assert create(proxy.address, server.token, False)
        with LocalProxy(server.address, tls=ProxyTls.of_files(upstream_ca=ca)) as proxy:
            why = closing(proxy, lambda: ask_in_vain(proxy.address))
    assert "certificate is not valid for '127.0.0.1'" in why
    assert why.endswith(": --upstream-name says what name it is for")


def test_whom_the_system_trusts_may_be_trusted(
    secured: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.authority.file))
    for told in ({"upstream_ca": "system"}, {"upstream_name": "localhost"}):
        with LocalProxy(secured.server.address, tls=ProxyTls.of_files(**told)) as proxy:
            assert create(proxy.address, secured.server.token, False)


def test_a_server_without_tls_and_one_of_strangers_are_told_apart(
    server: LocalServer, secured: SimpleNamespace, tmp_path: Path
) -> None:
    ca, other = secured.authority.file, Authority(tmp_path, "Another authority").file
    with LocalProxy(server.address, tls=ProxyTls.of_files(upstream_ca=ca)) as proxy:
        assert "it answers without TLS (" in closing(proxy, lambda: ask_in_vain(proxy.address))
    with LocalProxy(secured.server.address, tls=ProxyTls.of_files(upstream_ca=other)) as proxy:
        why = closing(proxy, lambda: ask_in_vain(proxy.address))
    assert why.endswith(": --upstream-ca says whom to trust")


def test_a_locked_key_is_named_and_asked_about_by_nobody(secured: SimpleNamespace, tmp_path: Path) -> None:
    (locked := tmp_path / "locked.key").write_bytes(
        key_pem(ec.generate_private_key(ec.SECP256R1()), b"sesame")
    )
    with pytest.raises(SettingsError, match=r"locked\.key is locked by a password"):
        ProxyTls.of_files(upstream_pair=(secured.issued.certificate, locked))


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("reason", "certified", "why"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", False, "it wants a certificate of its clients (tlsv13 alert"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", False, "it wants a certificate of its clients (sslv3 alert"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", True, "sslv3 alert handshake failure"),
        ("TLSV1_ALERT_UNKNOWN_CA", True, "it does not take the certificate of --upstream-cert (tlsv1"),
        ("TLSV1_ALERT_NO_APPLICATION_PROTOCOL", False, "it speaks no HTTP/2 over TLS (tlsv1 alert"),
        ("TLSV1_UNRECOGNIZED_NAME", False, "it does not know the name that it is asked by (tlsv1"),
        ("WRONG_VERSION_NUMBER", False, "it answers without TLS (wrong version number): leave out"),
    ],
)
def test_what_a_server_says_of_tls_is_said_with_what_to_change(
    reason: str, certified: bool, why: str
) -> None:
    assert of_server(alert(reason), certified=certified).startswith(why)

"""A tap that is given the server's certificate and key is the server to its clients, and reads it all."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from clientela_client import SettingsError, Tls, Unavailable, connect
from clientela_client.messages import Customer
from clientela_lab.local_server import LocalServer
from clientela_lab.patience import HANG_S
from clientela_lab.wire.local_tap import LocalTap
from clientela_lab.wire.upstream import Tls as TapTls
from tests.rpc.callers import fresh
from tests.security.certified import Authority


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


def methods(tap: LocalTap) -> set[str]:
    return {event["method"] for event in tap.events() if event["event"] == "call_begin"}


def test_tls_on_both_sides_is_read_in_between(secured: SimpleNamespace) -> None:
    tls = TapTls.of_files(
        certificate=secured.issued.certificate, key=secured.issued.key, upstream_ca=secured.authority.file
    )
    with LocalTap(secured.server.address, tls=tls) as tap:
        assert create(tap.address, secured.server.token, Tls(ca=secured.authority.file))
        assert methods(tap) == {"/clientela.v1.CustomerService/CreateCustomer"}
        tap.rules.add("duplicate GetCustomer")
    assert {event["tls"] for event in tap.events() if event["event"] == "open"} == {True}


def test_tls_may_end_at_the_tap(server: LocalServer, secured: SimpleNamespace) -> None:
    tls = TapTls.of_files(certificate=secured.issued.certificate, key=secured.issued.key)
    with LocalTap(server.address, tls=tls) as tap:
        assert create(tap.address, server.token, Tls(ca=secured.authority.file))
        assert methods(tap)


def test_tls_may_begin_at_the_tap(secured: SimpleNamespace) -> None:
    with LocalTap(secured.server.address, tls=TapTls.of_files(upstream_ca=secured.authority.file)) as tap:
        assert create(tap.address, secured.server.token, False)
        assert methods(tap)


def test_without_the_key_it_carries_what_it_cannot_read(secured: SimpleNamespace) -> None:
    with LocalTap(secured.server.address) as tap:
        assert create(tap.address, secured.server.token, Tls(ca=secured.authority.file))
        assert not methods(tap)
        assert "RAW" in {event["kind"] for event in tap.events() if event["event"] == "frame"}


def test_a_server_of_another_authority_is_not_connected_to(secured: SimpleNamespace, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Another authority")
    with LocalTap(secured.server.address, tls=TapTls.of_files(upstream_ca=other.file)) as tap:
        with connect(tap.address, token="clt_any", tls=False, timeout_s=1) as client:
            with pytest.raises(Unavailable):
                client.customers.get("customers/any")
        closed = [event["why"] for event in tap.events() if event["event"] == "close"]
    assert "certificate verify failed" in closed[0]


def test_a_file_that_cannot_be_used_is_named(secured: SimpleNamespace, tmp_path: Path) -> None:
    certificate, key = secured.issued.certificate, secured.issued.key
    (empty := tmp_path / "empty.pem").write_text("")
    other = Authority(tmp_path).issue("other", "localhost")
    with pytest.raises(SettingsError, match=r"missing\.pem cannot be read: No such file"):
        TapTls.of_files(certificate=tmp_path / "missing.pem", key=key)
    with pytest.raises(SettingsError, match="are no certificate and its key: key values mismatch"):
        TapTls.of_files(certificate=certificate, key=other.key)
    with pytest.raises(SettingsError, match=r"empty\.pem holds no certificate"):
        TapTls.of_files(upstream_ca=empty)

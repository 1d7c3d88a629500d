"""TLS between real servers and clients: which servers a client trusts, and the error for each other."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_client import RetryPolicy, SettingsError, Tls, Unavailable, connect, connect_aio
from clientela_client.connection.tls import ChannelFactory
from clientela_client.connection.tls_config import TlsConfig
from clientela_client.failure import Failure
from clientela_lab.servers.local_server import LocalServer
from tests.client.stage import KINDS, AioAsking, Asking, SyncAsking
from tests.rpc.waiting import wait_for
from tests.security.certified import Authority, fingerprint

NOW = RetryPolicy(wait_for_server=False)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certified"))


@pytest.fixture(scope="module")
def auto() -> Iterator[LocalServer]:
    """A server with certificates of its own making."""
    with LocalServer("--tls", "auto") as server:
        yield server


@pytest.fixture(scope="module")
def mutual(certified: Authority) -> Iterator[LocalServer]:
    """A server that takes only clients with a certificate."""
    issued = certified.issue("server", "localhost")
    with LocalServer("--tls", issued.tls(client_ca=certified.file)) as server:
        yield server


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that finds nothing of what a server leaves for its own account."""
    for name in ("CA", "FINGERPRINT", "CERT", "KEY", "SERVER", "TOKEN", "TOKEN_FILE", "PROFILE"):
        monkeypatch.delenv(f"CLIENTELA_{name}", raising=False)
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def port(server: LocalServer) -> str:
    return server.address.rpartition(":")[2]


def told(server: LocalServer) -> str:
    """The fingerprint that the server printed."""
    return server.ready_line.partition("fingerprint=")[2].split()[0]


def asking(kind: str, address: str, server: LocalServer, tls: Tls | bool | None) -> Asking:
    options = {"token": server.token, "tls": tls, "policy": NOW, "timeout_s": 10.0}
    if kind == "sync":
        return SyncAsking(connect(address, **options))
    return AioAsking(lambda: connect_aio(address, **options))


def count(kind: str, address: str, server: LocalServer, tls: Tls | bool | None) -> int:
    """Ask for a list, by a stream and by a call, as a client that gives up at once."""
    asked = asking(kind, address, server, tls)
    try:
        exported = list(asked.many(lambda client: client.purchases.export()))
        page = asked.one(lambda client: client.customers.list_page())
        return len(exported) + len(page.customers)
    finally:
        asked.close()


def refusal(kind: str, address: str, server: LocalServer, tls: Tls | bool | None) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        count(kind, address, server, tls)
    assert "nothing" not in caught.value.message
    return caught.value


# ---- a server with certificates of its own making


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_by_the_authoritys_file_or_its_fingerprint_the_server_is_known(
    kind: str, host: str, auto: LocalServer
) -> None:
    address = f"{host}:{port(auto)}"
    ca = auto.folder / "tls" / "ca.pem"

    assert told(auto) == f"sha256:{fingerprint(ca)}"
    for tls in (Tls(ca=ca), Tls(fingerprint=told(auto)), Tls(fingerprint=told(auto)[7:].upper())):
        assert count(kind, address, auto, tls) == 0


def test_a_stream_may_be_the_first_call_by_a_fingerprint(kind: str, auto: LocalServer) -> None:
    asked = asking(kind, auto.address, auto, Tls(fingerprint=told(auto)))

    assert asked.one(lambda client: client.purchases.import_([])).imported_count == 0
    assert list(asked.many(lambda client: client.purchases.export())) == []
    asked.close()


def test_on_the_same_account_nothing_needs_to_be_said(
    kind: str, auto: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", auto.env["XDG_STATE_HOME"])

    assert count(kind, auto.address, auto, None) == 0
    assert count(kind, auto.address, auto, Tls()) == 0


@pytest.mark.long
def test_a_client_that_was_there_before_the_server_finds_how_to_trust_it(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalServer(folder=tmp_path) as plain:
        address, token = plain.address, plain.token
        monkeypatch.setenv("XDG_STATE_HOME", plain.env["XDG_STATE_HOME"])
        asked: Asking = (
            SyncAsking(connect(address, token=token))
            if kind == "sync"
            else AioAsking(lambda: connect_aio(address, token=token))
        )
        assert asked.one(lambda client: client.customers.list_page()).customers == []
    with LocalServer("--tls", "auto", folder=tmp_path, port=int(address.rpartition(":")[2])):
        assert asked.one(lambda client: client.customers.list_page()).customers == []
    asked.close()


def test_another_fingerprint_is_refused_and_nothing_is_sent(kind: str, auto: LocalServer) -> None:
    wrong = refusal(kind, auto.address, auto, Tls(fingerprint="sha256:" + 64 * "0"))

    assert wrong.reason == "TLS_UNTRUSTED"
    assert told(auto) in wrong.message
    assert "somebody stands in between" in wrong.message


def test_another_authoritys_server_is_refused(kind: str, auto: LocalServer, certified: Authority) -> None:
    wrong = refusal(kind, auto.address, auto, Tls(ca=certified.file))

    assert wrong.reason == "TLS_UNTRUSTED"
    assert "can't be trusted: " in wrong.message


def test_no_authority_of_the_system_knows_it(kind: str, auto: LocalServer) -> None:
    assert refusal(kind, auto.address, auto, True).reason == "TLS_UNTRUSTED"


# ---- who speaks without TLS, and who with


def test_a_client_without_tls_is_told_that_the_server_wants_it(kind: str, auto: LocalServer) -> None:
    for tls in (None, False):
        wrong = refusal(kind, auto.address, auto, tls)
        assert (wrong.reason, wrong.attempts) == ("TLS_WANTED", 0)
        assert "speaks TLS" in wrong.message


@pytest.mark.parametrize("tls", [True, Tls(fingerprint=64 * "0")])
def test_a_client_with_tls_is_told_that_the_server_has_none(
    kind: str, server: LocalServer, tls: Tls | bool
) -> None:
    wrong = refusal(kind, server.address, server, tls)

    assert wrong.reason == "TLS_NOT_SPOKEN"
    assert "does not speak TLS" in wrong.message


def test_however_many_calls_fail_the_server_is_looked_at_once_in_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs_up:
        host, number = hangs_up.getsockname()
        looked: list[None] = []

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                while True:
                    hangs_up.accept()[0].close()
                    looked.append(None)

        threading.Thread(target=hang_up, daemon=True).start()
        channel_factory = ChannelFactory(f"{host}:{number}", TlsConfig(f"{host}:{number}", False))
        failure = Failure("UNAVAILABLE", "Connection reset by peer", left=False)

        assert [channel_factory.explain(failure) for _ in range(20)] == [failure] * 20
        wait_for(lambda: looked)
        assert len(looked) == 1
        hangs_up.shutdown(socket.SHUT_RDWR)


def test_where_waiting_is_no_use_nobody_waits(kind: str, auto: LocalServer) -> None:
    client = connect(auto.address, token=auto.token, timeout_s=30.0)

    with client, pytest.raises(Unavailable, match="speaks TLS"):
        client.customers.list_page()


def test_by_a_fingerprint_too_a_server_that_is_not_there_yet_is_waited_for(kind: str, nobody_at: str) -> None:
    tls = Tls(fingerprint=64 * "0")
    asked: Asking = (
        SyncAsking(connect(nobody_at, tls=tls, timeout_s=0.5))
        if kind == "sync"
        else AioAsking(lambda: connect_aio(nobody_at, tls=tls, timeout_s=0.5))
    )
    with pytest.raises(Unavailable, match="no server was reached"):
        asked.one(lambda client: client.customers.list_page())
    asked.close()


# ---- given certificates, of the server and of the client


def test_a_name_that_the_certificate_is_not_for_is_reported_with_those_it_is_for(
    kind: str, mutual: LocalServer, certified: Authority
) -> None:
    client = certified.issue("clerk")
    tls = Tls(ca=certified.file, certificate=client.certificate, key=client.key)
    wrong = refusal(kind, f"127.0.0.1:{port(mutual)}", mutual, tls)

    assert wrong.reason == "TLS_UNTRUSTED"
    assert "is for localhost, and not for 127.0.0.1" in wrong.message


def test_a_client_with_a_certificate_of_the_servers_authority_is_let_in(
    kind: str, mutual: LocalServer, certified: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = certified.issue("clerk")
    own = {"certificate": client.certificate, "key": client.key}

    assert count(kind, f"localhost:{port(mutual)}", mutual, Tls(ca=certified.file, **own)) == 0
    assert count(kind, f"localhost:{port(mutual)}", mutual, Tls(fingerprint=told(mutual), **own)) == 0
    assert count(kind, f"127.0.0.1:{port(mutual)}", mutual, Tls(certified.file, name="localhost", **own)) == 0
    monkeypatch.setenv("XDG_STATE_HOME", mutual.env["XDG_STATE_HOME"])
    assert count(kind, f"127.0.0.1:{port(mutual)}", mutual, Tls(**own)) == 0


def test_a_client_without_a_certificate_is_told_that_it_needs_one(
    kind: str, mutual: LocalServer, certified: Authority
) -> None:
    wrong = refusal(kind, f"localhost:{port(mutual)}", mutual, Tls(ca=certified.file))

    assert wrong.reason == "TLS_CERTIFICATE_WANTED"


def test_a_client_with_a_strangers_certificate_is_told_which(
    kind: str, mutual: LocalServer, certified: Authority, tmp_path: Path
) -> None:
    strange = Authority(tmp_path, "Stranger").issue("stranger")
    tls = Tls(ca=certified.file, certificate=strange.certificate, key=strange.key)
    wrong = refusal(kind, f"localhost:{port(mutual)}", mutual, tls)

    assert wrong.reason == "TLS_CERTIFICATE_REFUSED"
    assert str(strange.certificate) in wrong.message


# ---- settings that can't be used


def test_what_can_not_be_used_is_reported_before_anything_is_sent(
    certified: Authority, tmp_path: Path
) -> None:
    one, other = certified.issue("one"), certified.issue("other")
    (tmp_path / "notes.txt").write_text("no certificate")
    wrong = {
        "can't be read": {"ca": tmp_path / "nowhere.pem"},
        "holds no certificate": {"ca": tmp_path / "notes.txt"},
        "is not a fingerprint": {"fingerprint": "sha256:12"},
        "needs its key": {"certificate": one.certificate},
        "not both": {"ca": one.certificate, "fingerprint": 64 * "0"},
        "are no certificate with its key": {
            "ca": certified.file,
            "certificate": one.certificate,
            "key": other.key,
        },
    }
    for said, settings in wrong.items():
        with pytest.raises(SettingsError, match=said):
            connect("127.0.0.1:1", tls=Tls(**settings))

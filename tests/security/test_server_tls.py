"""What a server does about its certificates: makes them, renews them, refuses ones that can't be used."""

import asyncio
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from clientela.v1 import customers_pb2 as pb
from clientela_client import Tls, connect, connect_aio
from clientela_client.connection import tls_probe
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_server.__main__ import main
from clientela_server.clock import now_us
from clientela_server.config import Address, AutoTls, ServerError, TlsFiles, read_tls
from clientela_server.tls.certificates import names_of, read_certificates
from clientela_server.tls.tls import Tls as ServerTls
from tests.rpc.callers import Caller
from tests.rpc.processes import private, run, serving
from tests.rpc.refusals import refusal_of
from tests.rpc.running import SetClock, running
from tests.security.certified import Authority, Issued, fingerprint, key_pem


@pytest.fixture
def certified(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def made_by(folder: Path, *names: str) -> ServerTls:
    """Make certificates in a folder, or find them there, as a server does at its start."""
    return ServerTls.of(AutoTls(names), folder, "127.0.0.1", now_us)


# ---- certificates of its own making


def test_what_it_makes_is_its_accounts_own_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    before = made_by(folder).trust()
    made = {path: path.read_bytes() for path in folder.iterdir()}
    assert {path.name for path in made} == {"ca.pem", "ca.key", "server.pem"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    assert made_by(folder).trust() == before
    assert {path: path.read_bytes() for path in folder.iterdir()} == made


async def test_it_is_for_the_names_that_are_given_too_and_the_pin_holds(tmp_path: Path) -> None:
    pinned = made_by(tmp_path / "tls").trust()
    names = ("shop.example", "192.0.2.7")
    async with running(tmp_path, tls=AutoTls(names)) as live:
        assert live.server.trust == pinned
        for name in (*names, "::1", "localhost"):
            tls = Tls(ca=pinned.file, name=name)
            async with connect_aio(live.address, token=live.admin.token, tls=tls) as client:
                assert not (await client.customers.list_page()).customers
    made_by(tmp_path / "tls")  # another server of this account, which was given no names
    assert set(names) <= set(names_of(read_certificates(tmp_path / "tls" / "server.pem")[0]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give --tls auto"),
        (["--dev"], "--dev is for trying out on this machine"),
        (["--tls", "auto", "--dev"], "--dev is for trying out on this machine"),
    ],
)
def test_beyond_this_machine_it_listens_with_tls_only_and_dev_never(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["--listen", "0.0.0.0:0", "--database", str(tmp_path / "l.db"), *arguments]) == 2

    assert said in capsys.readouterr().err
    assert not (tmp_path / "l.db").exists()


@pytest.fixture
def everywhere(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path, "--listen", "0.0.0.0:0", "--tls", "auto") as process:
        yield process.address


def test_listening_everywhere_it_is_known_by_the_machines_name(
    everywhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", private(tmp_path)["XDG_STATE_HOME"])
    port = everywhere.rpartition(":")[2]
    with connect(f"127.0.0.1:{port}") as client:  # by what the server left for its own account
        assert not client.customers.list_page().customers
    tls = Tls(ca=tmp_path / "data" / "tls" / "ca.pem", name=socket.gethostname())
    with connect(f"127.0.0.1:{port}", tls=tls) as client:
        assert not client.customers.list_page().customers


# ---- renewal


async def seen(address: str) -> str:
    """The fingerprint of the certificate that a server shows."""
    return next(iter(await asyncio.to_thread(tls_probe.certificates, address)))


async def test_a_certificate_is_renewed_in_time_also_without_a_restart(
    tmp_path: Path, clock: SetClock
) -> None:
    clock.now_us = 1_900_000_000_000_000
    async with running(tmp_path, tls=AutoTls()) as live:
        leaf = tmp_path / "tls" / "server.pem"
        first = fingerprint(leaf)
        assert await seen(live.address) == first
        clock.go_on(days=15)
        assert await seen(live.address) == first
        clock.go_on(days=6)  # less than ten days are left
        assert await seen(live.address) == fingerprint(leaf) != first


async def test_the_web_port_alone_renews_it_too(tmp_path: Path, clock: SetClock) -> None:
    clock.now_us = 1_900_000_000_000_000
    async with running(tmp_path, tls=AutoTls(), web=Address("127.0.0.1", 0)) as live:
        door = (await live.server.start_web()).removeprefix("https://")
        leaf = tmp_path / "tls" / "server.pem"
        first = fingerprint(leaf)
        assert await seen(door) == first
        clock.go_on(days=21)  # less than ten days are left
        assert await seen(door) == fingerprint(leaf) != first


async def test_a_renewed_file_is_shown_and_a_broken_one_is_not(tmp_path: Path, certified: Authority) -> None:
    old = certified.issue("server", "localhost")
    first = fingerprint(old.certificate)
    async with running(tmp_path, tls=TlsFiles(old.certificate, old.key)) as live:
        assert await seen(live.address) == first
        good = old.certificate.read_bytes()
        old.certificate.write_bytes(b"half of a certificate")
        assert await seen(live.address) == first
        old.certificate.write_bytes(good)
        certified.issue("server", "localhost")
        assert await seen(live.address) == fingerprint(old.certificate) != first


# ---- certificates that can't be used


def remove(issued: Issued) -> str:
    issued.key.unlink()
    return f"{issued.key} can't be read: No such file or directory"


def garble(issued: Issued) -> str:
    issued.certificate.write_text("no certificate")
    return f"{issued.certificate} holds no certificate"


def lock(issued: Issued) -> str:
    issued.key.write_bytes(key_pem(ec.generate_private_key(ec.SECP256R1()), b"secret"))
    return f"the key in {issued.key} is locked by a password"


def mismatch(issued: Issued) -> str:
    issued.key.write_bytes(key_pem(ec.generate_private_key(ec.SECP256R1())))
    return f"the key in {issued.key} is not that of the certificate in {issued.certificate}"


@pytest.mark.parametrize("spoil", [remove, garble, lock, mismatch])
def test_files_that_can_not_be_used_are_reported_by_their_names(
    tmp_path: Path, certified: Authority, spoil: Callable[[Issued], str]
) -> None:
    issued = certified.issue("server", "localhost")
    refused(tmp_path, spoil(issued), issued.tls())


@pytest.mark.parametrize(
    ("days", "said"), [((-40.0, -1.0), "ran out on 20"), ((1.0, 2.0), "is not valid yet")]
)
def test_a_certificate_out_of_its_time_is_reported(
    tmp_path: Path, certified: Authority, days: tuple[float, float], said: str
) -> None:
    issued = certified.issue("server", "localhost", days=days)
    refused(tmp_path, f"{issued.certificate} {said}", issued.tls())


def test_an_authority_of_clients_that_is_none_is_reported(tmp_path: Path, certified: Authority) -> None:
    issued = certified.issue("server", "localhost")
    (tmp_path / "notes.txt").write_text("no certificate")
    refused(tmp_path, f"{tmp_path}/notes.txt holds no certificate", issued.tls(tmp_path / "notes.txt"))


def test_an_authority_of_its_own_that_lost_its_key_is_not_replaced(tmp_path: Path) -> None:
    made_by(tmp_path / "tls")
    (tmp_path / "tls" / "ca.key").unlink()

    refused(tmp_path, "which clients must then be told of", "auto")
    assert not (tmp_path / "tls" / "ca.key").exists()


def refused(folder: Path, said: str, text: str) -> None:
    """It is told in one line."""
    asked = read_tls(text)
    assert asked
    with pytest.raises(ServerError) as caught:
        ServerTls.of(asked, folder / "tls", "127.0.0.1", now_us)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_with_files_that_can_not_be_used_does_not_start(
    tmp_path: Path, certified: Authority
) -> None:
    issued = certified.issue("server", "localhost")
    said = mismatch(issued)
    arguments = ["--listen", "127.0.0.1:0", "--database", str(tmp_path / "ledger.db"), "--tls", issued.tls()]
    ended = run(tmp_path, *arguments)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"clientela-server: --tls: {said}\n"


@pytest.mark.parametrize("text", ["", "on", "a.pem", "a,b,c,d", "a,,b", "auto,no name", "auto,", ","])
def test_what_tls_can_not_be_read_from_is_reported(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--tls", text]) == 2

    assert f"--tls {text}: " in capsys.readouterr().err


def test_what_tls_is_read_from() -> None:
    assert read_tls(None) is None
    assert read_tls("auto") == AutoTls()
    assert read_tls("auto, shop.example,::1") == AutoTls(("shop.example", "::1"))
    assert read_tls("/a,/b") == TlsFiles(Path("/a"), Path("/b"))
    assert read_tls("/a,/b,/c") == TlsFiles(Path("/a"), Path("/b"), Path("/c"))


# ---- what is shown to those who try things out


def test_dev_is_reported_at_every_start(tmp_path: Path) -> None:
    with LocalServer("--dev", folder=tmp_path) as server:
        assert server.ready_line.endswith(" dev=on")
        server.restart()
        assert server.ready_line.endswith(" dev=on")
        server.stop()
        assert server.log.count("--dev: for trying out on this machine") == 2


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_only_tls_of_today_is_spoken(tmp_path: Path) -> None:
    async with running(tmp_path, tls=AutoTls()) as live:
        ca = tmp_path / "tls" / "ca.pem"
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            assert await asyncio.to_thread(handshake, live.address, ca, version) == name
        with pytest.raises(OSError, match=r"EOF|alert|reset"):
            await asyncio.to_thread(handshake, live.address, ca, ssl.TLSVersion.TLSv1_1)


def handshake(address: str, ca: Path, version: ssl.TLSVersion) -> str | None:
    """Speak one version of TLS and no other, with whatever ciphers there are."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.set_alpn_protocols(["h2"])
    context.minimum_version = context.maximum_version = version
    host, _, port = address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), 10) as bare,
        context.wrap_socket(bare, server_hostname=host) as line,
    ):
        return line.version()


# ---- what TLS costs those who have none


def test_without_tls_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    code = (
        "import sys, clientela_server.__main__ as m\nfrom clientela_server import app\n"
        "assert 'cryptography' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=HANG_S, env=private(tmp_path))


async def test_a_token_is_asked_for_with_tls_too(tmp_path: Path) -> None:
    async with running(tmp_path, tls=AutoTls()) as live:
        credentials = grpc.ssl_channel_credentials((tmp_path / "tls" / "ca.pem").read_bytes())
        async with grpc.aio.secure_channel(live.address, credentials) as channel:
            refused = await refusal_of(
                Caller(channel, None).customers.ListCustomers(pb.ListCustomersRequest())
            )

    assert refused.reason == "TOKEN_MISSING"

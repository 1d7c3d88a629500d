"""`clientela trust`: what it prints is enough for any gRPC client, and nothing is printed on trust alone."""

import json
import os
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.cli.running import Cli
from tests.security.certified import Authority, Issued
from tests.security.certified import fingerprint as of_file

OTHER = "sha256:" + 64 * "0"


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    """A server with certificates of its own making."""
    with LocalServer("--tls", "auto") as server:
        yield server


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def issued(authority: Authority) -> Issued:
    """A certificate for another name than the address, its key in the same file."""
    issued = authority.issue("server", "shop.example")
    issued.certificate.write_bytes(issued.certificate.read_bytes() + issued.key.read_bytes())
    return issued


@pytest.fixture(scope="module")
def given(issued: Issued) -> Iterator[LocalServer]:
    """A server with certificates that it was given."""
    with LocalServer("--tls", f"{issued.certificate},{issued.certificate}") as server:
        yield server


@pytest.fixture
def elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line of another account, which was given nothing."""
    for name in [each for each in os.environ if each.startswith("CLIENTELA_")]:
        monkeypatch.delenv(name)
    for kind in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    return Cli(capsys)


def printed(server: LocalServer) -> str:
    """The fingerprint that the server told at its start."""
    return server.ready_line.partition("fingerprint=")[2].split()[0]


def is_served(address: str, pem: str, name: str = "") -> bool:
    """Ask as a client does that knows the PEM and nothing else."""
    options = [("grpc.ssl_target_name_override", name)] if name else []
    with grpc.secure_channel(address, grpc.ssl_channel_credentials(pem.encode()), options) as channel:
        answer = HealthStub(channel).Check(HealthCheckRequest(), timeout=HANG_S, wait_for_ready=True)
    return answer.status == HealthCheckResponse.SERVING


def test_by_its_fingerprint_a_server_is_known_and_what_it_shows_is_trusted_by_any_client(
    server: LocalServer, elsewhere: Cli
) -> None:
    ended = elsewhere.done("trust", server.address, "--fingerprint", printed(server))

    assert ended.stdout == (server.folder / "tls" / "ca.pem").read_text("ascii")
    assert ended.stderr == ""
    assert is_served(server.address, ended.stdout)


def test_the_address_and_the_fingerprint_are_found_as_for_every_command(
    server: LocalServer, elsewhere: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted = elsewhere.done("trust", server.address, "--fingerprint", printed(server)).stdout
    monkeypatch.setenv("CLIENTELA_FINGERPRINT", printed(server))
    assert elsewhere.done("trust", "--server", server.address).stdout == wanted
    monkeypatch.delenv("CLIENTELA_FINGERPRINT")

    config = tmp_path / "config" / "clientela" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[profiles.shop]\nserver = "{server.address}"\nfingerprint = "{printed(server)}"\n')
    assert elsewhere.done("trust", "--profile", "shop").stdout == wanted

    monkeypatch.setenv("XDG_STATE_HOME", server.env["XDG_STATE_HOME"])
    assert elsewhere.done("trust", server.address).stdout == wanted


def test_without_a_fingerprint_what_the_server_shows_is_reported_and_nothing_is_printed(
    server: LocalServer, elsewhere: Cli
) -> None:
    ended = elsewhere("trust", server.address)

    assert (ended.exit_code, ended.stdout) == (7, "")
    assert printed(server) in ended.stderr
    assert "nobody has said that the server" in ended.stderr
    assert "--fingerprint" in ended.stderr


@pytest.mark.parametrize("words", [("--plaintext",), ("--ca", "system")])
def test_no_other_setting_stands_in_for_it(
    server: LocalServer, elsewhere: Cli, words: tuple[str, ...]
) -> None:
    ended = elsewhere("trust", server.address, *words)

    assert (ended.exit_code, ended.stdout) == (7, "")
    assert printed(server) in ended.stderr


def test_another_fingerprint_is_refused(server: LocalServer, elsewhere: Cli) -> None:
    ended = elsewhere("trust", server.address, "--fingerprint", OTHER, "-o", "json")

    assert (ended.exit_code, ended.stdout) == (7, "")
    error = json.loads(ended.stderr)["error"]
    assert error["reason"] == "TLS_UNTRUSTED"
    assert "somebody stands in between" in error["message"]


def test_an_authority_that_did_not_sign_is_refused(
    server: LocalServer, authority: Authority, elsewhere: Cli
) -> None:
    ended = elsewhere("trust", server.address, "--ca", str(authority.file))

    assert (ended.exit_code, ended.stdout) == (7, "")
    assert "was not vouched for" in ended.stderr


def test_a_server_without_tls_is_told_from_one_that_is_not_there(elsewhere: Cli) -> None:
    plain = grpc.server(futures.ThreadPoolExecutor(1))
    address = f"127.0.0.1:{plain.add_insecure_port('127.0.0.1:0')}"
    plain.start()
    spoken = elsewhere("trust", address, "--fingerprint", OTHER)
    plain.stop(None).wait(HANG_S)
    gone = elsewhere("trust", address, "--fingerprint", OTHER)

    assert (spoken.exit_code, spoken.stdout) == (7, "")
    assert "does not speak TLS" in spoken.stderr
    assert (gone.exit_code, gone.stdout) == (7, "")
    assert "no connection" in gone.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("shop",),
        ("shop.example:0", "--fingerprint", OTHER),
        ("shop.example:1", "--fingerprint", "12"),
        ("shop.example:1", "--server", "shop.example:2"),
        ("shop.example:1", "--request-id", "c9f0f895-fb98-4b91-99f5-1fd0297e236d"),
    ],
)
def test_words_that_can_not_be_used_are_wrong_usage(elsewhere: Cli, words: tuple[str, ...]) -> None:
    ended = elsewhere("trust", *words)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Usage: ")


def test_a_certificate_for_another_name_is_reported_beside_it(
    given: LocalServer, authority: Authority, elsewhere: Cli
) -> None:
    ended = elsewhere.done("trust", given.address, "--fingerprint", of_file(authority.file))

    assert ended.stderr == "The certificate is for shop.example: ask under such a name, not 127.0.0.1.\n"
    assert is_served(given.address, ended.stdout, "shop.example")
    assert (
        elsewhere.done("trust", given.address, "--fingerprint", of_file(authority.file), "--quiet").stderr
        == ""
    )


def test_of_a_servers_own_certificate_it_is_told_that_it_is_no_authoritys(
    given: LocalServer, elsewhere: Cli
) -> None:
    ended = elsewhere.done("trust", given.address, "--fingerprint", printed(given))

    assert "the server's own certificate" in ended.stderr
    assert is_served(given.address, ended.stdout, "shop.example")


def test_of_a_file_that_holds_a_key_too_only_certificates_are_printed(
    given: LocalServer, elsewhere: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", given.env["XDG_STATE_HOME"])
    ended = elsewhere.done("trust", given.address)

    assert ended.stdout.count("-----BEGIN CERTIFICATE-----") == 2
    assert "KEY" not in ended.stdout

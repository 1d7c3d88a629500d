"""TLS on the command line: options, variables, profiles, and the errors for untrusted servers."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_lab.servers.local_server import LocalServer
from tests.cli.running import Cli, run_process

LIST = ("customers", "list")


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    """A server with certificates of its own making."""
    with LocalServer("--tls", "auto") as server:
        yield server


@pytest.fixture
def elsewhere(
    server: LocalServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Cli:
    """The command line of another account, which was given a token."""
    for name in [each for each in os.environ if each.startswith("CLIENTELA_")]:
        monkeypatch.delenv(name)
    for kind in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    (tmp_path / "my.token").write_text(server.token)
    monkeypatch.setenv("CLIENTELA_TOKEN_FILE", str(tmp_path / "my.token"))
    monkeypatch.setenv("CLIENTELA_SERVER", server.address)
    return Cli(capsys)


def fingerprint(server: LocalServer) -> str:
    return server.ready_line.partition("fingerprint=")[2].split()[0]


def test_on_the_servers_account_one_command_is_one_command(server: LocalServer) -> None:
    ended = run_process({**server.env, "CLIENTELA_SERVER": server.address}, *LIST)

    assert (ended.exit_code, ended.stderr) == (0, "")


def test_elsewhere_the_fingerprint_that_the_server_printed_is_enough(
    server: LocalServer, elsewhere: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.done(*LIST, "--fingerprint", fingerprint(server))
    monkeypatch.setenv("CLIENTELA_FINGERPRINT", fingerprint(server))
    elsewhere.done(*LIST)
    monkeypatch.setenv("CLIENTELA_FINGERPRINT", "")
    monkeypatch.setenv("CLIENTELA_CA", str(server.folder / "tls" / "ca.pem"))
    elsewhere.done(*LIST)


def test_a_profile_may_hold_it(
    server: LocalServer, elsewhere: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config" / "clientela" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f'[profiles.shop]\nserver = "{server.address}"\nfingerprint = "{fingerprint(server)}"\n'
        f'token_file = "{tmp_path / "my.token"}"\n'
    )
    monkeypatch.delenv("CLIENTELA_SERVER")
    monkeypatch.delenv("CLIENTELA_TOKEN_FILE")

    elsewhere.done(*LIST, "--profile", "shop")


@pytest.mark.parametrize(
    ("words", "reason", "said"),
    [
        ((), "TLS_WANTED", "speaks TLS"),
        (("--plaintext",), "TLS_WANTED", "speaks TLS"),
        (("--ca", "system"), "TLS_UNTRUSTED", "can't be trusted"),
        (("--fingerprint", 64 * "0"), "TLS_UNTRUSTED", "does not show the certificate that was pinned"),
    ],
)
def test_an_untrusted_server_is_reported_with_a_step_that_helps(
    elsewhere: Cli, words: tuple[str, ...], reason: str, said: str
) -> None:
    ended = elsewhere(*LIST, *words)
    assert ended.exit_code == 7
    assert said in ended.stderr
    assert "nothing was changed" in ended.stderr
    assert "\nTry: --" in ended.stderr

    error = json.loads(elsewhere(*LIST, *words, "-o", "json").stderr)["error"]
    assert (error["reason"], error["exit_code"]) == (reason, 7)


@pytest.mark.parametrize(
    "words",
    [
        ("--ca", "/no/such.pem"),
        ("--fingerprint", "12"),
        ("--cert", "/no/such.pem"),
        ("--plaintext", "--ca", "x"),
        ("--ca", "system", "--fingerprint", 64 * "0"),
        ("--token-file", "/no/such.token"),
    ],
)
def test_options_that_can_not_be_used_are_wrong_usage(elsewhere: Cli, words: tuple[str, ...]) -> None:
    ended = elsewhere(*LIST, *words)

    assert ended.exit_code == 2
    assert ended.stderr.startswith("Usage: ")


def test_grpcs_own_words_of_a_failed_handshake_are_not_shown(server: LocalServer, tmp_path: Path) -> None:
    env = {**server.env, "CLIENTELA_SERVER": server.address, "XDG_STATE_HOME": str(tmp_path)}
    ended = run_process(env, *LIST, "--ca", "system")

    assert ended.exit_code == 7
    assert "handshake" not in ended.stderr.lower()
    assert len(ended.stderr.splitlines()) == 2

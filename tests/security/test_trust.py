"""The trust that a client uses where no setting, or several, name one; nothing is sent to find out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.connection.settings import config_path, resolve
from clientela_client.connection.tls_config import SYSTEM, Tls, is_loopback
from clientela_client.errors import SettingsError

PIN, OTHER = 64 * "a", 64 * "b"


@pytest.fixture(autouse=True)
def nothing_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SERVER", "TOKEN", "TOKEN_FILE", "PROFILE", "CA", "FINGERPRINT", "CERT", "KEY"):
        monkeypatch.delenv(f"CLIENTELA_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def found(server: str, tls: Tls | bool | None = None, profile: str | None = None) -> Tls | None:
    return resolve(server, None, profile, tls).tls_config.find()


def profile(text: str) -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text(f"[profiles.shop]\n{text}\n")


def left(home: Path, name: str, *lines: str) -> None:
    """What a server of this account left."""
    folder = home / "state" / "clientela" / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("server", ["127.0.0.1:1", "localhost:1", "[::1]:1", "127.1.2.3:1"])
def test_on_this_machine_there_is_no_tls_unless_somebody_says_so(server: str) -> None:
    assert is_loopback(server)
    assert found(server) is None
    assert found(server, True) == Tls(ca=SYSTEM)


@pytest.mark.parametrize("server", ["shop.example:1", "192.0.2.7:1", "[2001:db8::1]:1", "localhost.x:1"])
def test_beyond_this_machine_there_is_tls_unless_it_is_said_that_there_is_none(server: str) -> None:
    assert not is_loopback(server)
    assert found(server) == Tls(ca=SYSTEM)
    assert found(server, False) is None


@given(st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True), st.integers(1, 65535))
def test_no_name_but_localhost_is_taken_for_this_machine(host: str, port: int) -> None:
    assert not is_loopback(f"{host}:{port}") or host == "localhost" or host.startswith("127.")


def test_an_argument_goes_before_the_environment_and_that_before_a_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profile(f'fingerprint = "sha256:{PIN}"')
    assert found("shop.example:1", profile="shop") == Tls(fingerprint=PIN)
    monkeypatch.setenv("CLIENTELA_CA", SYSTEM)
    assert found("shop.example:1", profile="shop") == Tls(ca=SYSTEM)
    assert found("shop.example:1", Tls(fingerprint=OTHER), "shop") == Tls(fingerprint=OTHER)
    assert found("shop.example:1", Tls(name="till"), "shop") == Tls(ca=SYSTEM, name="till")
    assert found("shop.example:1", False, "shop") is None


def test_who_we_are_and_whom_we_trust_may_be_said_in_two_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profile('cert = "/my.pem"\nkey = "/my.key"')
    monkeypatch.setenv("CLIENTELA_FINGERPRINT", PIN)

    assert found("127.0.0.1:1", profile="shop") == Tls(fingerprint=PIN, certificate="/my.pem", key="/my.key")


def test_what_a_server_on_this_machine_left_is_found_under_each_of_its_names(nothing_said: Path) -> None:
    ca = nothing_said / "ca.pem"
    ca.touch()
    left(nothing_said, "0.0.0.0_7000", "/admin.token", str(ca), "localhost")

    for server in ("127.0.0.1:7000", "localhost:7000", "[::1]:7000"):
        assert found(server) == Tls(ca=ca, name="localhost")
    assert found("127.0.0.1:7000", Tls(fingerprint=PIN)) == Tls(fingerprint=PIN)
    assert found("127.0.0.1:7000", False) is None
    assert found("127.0.0.1:7001") is None
    assert found("shop.example:7000") == Tls(ca=SYSTEM)


@pytest.mark.parametrize("lines", [(), ("/token",), ("/token", "/no/such/ca.pem", "localhost"), ("\x00",)])
def test_what_leads_nowhere_is_not_trusted(nothing_said: Path, lines: tuple[str, ...]) -> None:
    left(nothing_said, "127.0.0.1_7000", *lines)

    assert found("127.0.0.1:7000") is None


@pytest.mark.parametrize("written", [f"sha256:{PIN}", PIN.upper(), ":".join(32 * ["aa"]), f" SHA256:{PIN}\n"])
def test_a_fingerprint_may_be_written_as_programs_write_it(written: str) -> None:
    assert Tls(fingerprint=written).fingerprint == PIN


@pytest.mark.parametrize("written", ["", "sha256:", PIN[1:], PIN + "a", "sha1:" + PIN, PIN[1:] + "g"])
def test_what_is_no_fingerprint_is_refused(written: str) -> None:
    with pytest.raises(SettingsError, match="is not a fingerprint"):
        Tls(fingerprint=written)

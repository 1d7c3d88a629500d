"""Where address and token come from, in which order, and what is said of those that cannot be."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.connection.settings import Token, checked_address, config_path, read_token, resolve
from clientela_client.errors import SettingsError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with nothing set."""
    for name in ("CLIENTELA_SERVER", "CLIENTELA_TOKEN", "CLIENTELA_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def profiles(text: str) -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text(text, encoding="utf-8")


def pointer(home: Path, name: str, token: str) -> None:
    (home / "admin.token").write_text(token + "\n")
    folder = home / "state" / "clientela" / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(str(home / "admin.token"))


def test_without_anything_it_is_this_machine_and_nobody() -> None:
    settings = resolve(None, None, None)
    assert settings.server == "127.0.0.1:50051"
    assert settings.token.find() is None


def test_an_argument_goes_before_the_environment_and_that_before_a_profile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profiles('[profiles.shop]\nserver = "shop.example:1"\ntoken = "clt_profile"\n')
    of_profile = resolve(None, None, "shop")
    assert (of_profile.server, of_profile.token.find()) == ("shop.example:1", "clt_profile")
    monkeypatch.setenv("CLIENTELA_PROFILE", "shop")
    assert resolve(None, None, None).server == "shop.example:1"
    monkeypatch.setenv("CLIENTELA_SERVER", "env.example:2")
    monkeypatch.setenv("CLIENTELA_TOKEN", "clt_env")
    of_env = resolve(None, None, "shop")
    assert (of_env.server, of_env.token.find()) == ("env.example:2", "clt_env")
    given = resolve("arg.example:3", "clt_arg", "shop")
    assert (given.server, given.token.find()) == ("arg.example:3", "clt_arg")


def test_a_profile_may_name_a_token_file(home: Path) -> None:
    (home / "shop.token").write_text("clt_file\n")
    profiles(f'[profiles.shop]\ntoken_file = "{home}/shop.token"\n')
    assert resolve(None, None, "shop").token.find() == "clt_file"


@pytest.mark.parametrize("address", ["127.0.0.1:7000", "localhost:7000", "[::1]:7000"])
def test_a_local_servers_token_is_found_by_its_address(home: Path, address: str) -> None:
    pointer(home, "127.0.0.1_7000", "clt_local")
    assert resolve(address, None, None).token.find() == "clt_local"


def test_another_machines_address_finds_no_local_token(home: Path) -> None:
    pointer(home, "127.0.0.1_7000", "clt_local")
    assert resolve("shop.example:7000", None, None).token.find() is None
    assert resolve("127.0.0.1:7001", None, None).token.find() is None


def test_a_server_that_starts_after_us_is_found(home: Path) -> None:
    token = resolve("127.0.0.1:7000", None, None).token
    assert token.find() is None
    pointer(home, "127.0.0.1_7000", "clt_late")
    assert token.find() == "clt_late"


@pytest.mark.parametrize("pointed", ["", "no/such/file", "\x00"])
def test_a_pointer_to_nowhere_is_no_token(home: Path, pointed: str) -> None:
    pointer(home, "127.0.0.1_7000", "clt_local")
    (home / "state" / "clientela" / "servers" / "127.0.0.1_7000").write_text(pointed)
    assert resolve("127.0.0.1:7000", None, None).token.find() is None


@pytest.mark.parametrize(
    "address",
    ["", "host", "host:", ":50051", "host:0", "host:65536", "host:x", "http://host:1", "a b:1", "::1:5"],
)
def test_a_malformed_address_is_named(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        checked_address(address)
    assert f'"{address}"' in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_clear_error(text: str) -> None:
    try:
        address = checked_address(text)
    except SettingsError as error:
        address = text if text in str(error) else "an error that does not name it"
    assert address == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'no profile "shop"'),
        ("[profiles.home]\n", "it has: home"),
        ("profiles = 3\n", 'no profile "shop"'),
        ("[profiles\n", "cannot be read"),
        ("[profiles.shop]\nsrever = 'a:1'\n", "profiles.shop.srever"),
        ("[profiles.shop]\nserver = 7\n", "profiles.shop.server"),
        ("[profiles.shop]\ntoken_file = '/no/such'\n", "token_file /no/such"),
        ("[profiles.shop]\nserver = 'shop'\n", '"shop" is not of the form host:port'),
    ],
)
def test_a_profile_that_cannot_be_used_is_reported_with_what_is_wrong(text: str, said: str) -> None:
    profiles(text)
    with pytest.raises(SettingsError) as caught:
        resolve(None, None, "shop")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "can't be read: No such file or directory; "),
        ("folder", "can't be read: Is a directory; "),
        ("empty", "is empty; "),
        ("binary", "can't be read: 'utf-8' codec"),
    ],
)
def test_a_token_file_that_holds_none_is_reported_with_its_path_and_the_way_out(
    tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    with pytest.raises(SettingsError) as caught:
        read_token(str(tmp_path / name))
    assert f"token_file {tmp_path / name} {said}" in str(caught.value)
    assert "`clientela-server token create`" in str(caught.value)


@pytest.mark.parametrize("token", ["clt_\n", "clt_ż", "clt_\x7f"])
def test_a_token_that_no_header_can_carry_is_refused_here(token: str) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(None, token, None)
    assert "clt_" not in str(caught.value)


def test_the_advice_names_every_place_where_a_token_may_be() -> None:
    advice = Token("shop.example:1").advice()
    assert all(place in advice for place in ("shop.example:1", "CLIENTELA_TOKEN", str(config_path())))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("127.0.0.1", "127.0.0.1:50051"),
        ("127.0.0.1:", "127.0.0.1:50051"),
        ("localhost", "localhost:50051"),
        ("shop.example", "shop.example:50051"),
        (":50052", "127.0.0.1:50052"),
        ("50052", "127.0.0.1:50052"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
        ("grpc://shop.example:443", "shop.example:443"),
        ("127.0.0.1:50051 ", "127.0.0.1:50051"),
        ("::1", "[::1]:50051"),
        ("[::1]", "[::1]:50051"),
        ("no where", "127.0.0.1:50051"),
        ("", "127.0.0.1:50051"),
    ],
)
def test_an_address_that_is_none_is_refused_with_what_to_type(typed: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"not of the form host:port, e.g. {re.escape(meant)}$"):
        checked_address(typed)

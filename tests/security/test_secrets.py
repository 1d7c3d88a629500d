"""Secrets stay where they belong: not in the log, in errors, on a command line or in the environment."""

import stat
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela_client import RetryPolicy, Tls, Unavailable, connect
from clientela_lab.servers.local_server import LocalServer
from clientela_server.admin import create_token
from tests.cli.running import run_process
from tests.rpc.callers import Caller
from tests.rpc.refusals import Refused

WRONG = "clt_CANARYCANARYCANARYCANARYCANARYCANARYCANARY0"


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    """A server of this module alone: its log is read."""
    with LocalServer("--tls", "auto") as server:
        yield server


@pytest.fixture(scope="module")
def clerk(server: LocalServer) -> str:
    """Another token."""
    return create_token(server.database, "eve", "clerk", None)


@pytest.fixture(scope="module")
def asked(server: LocalServer, clerk: str) -> str:
    """All that callers were told, who called with right tokens and wrong ones, and in wrong ways."""
    credentials = grpc.ssl_channel_credentials((server.folder / "tls" / "ca.pem").read_bytes())
    told = []
    with grpc.secure_channel(server.address, credentials) as channel:
        Caller(channel, clerk).customers.ListCustomers(cpb.ListCustomersRequest())
        wrong = [
            Caller(channel, WRONG),
            Caller(channel, None, (("authorization", WRONG),)),
            Caller(channel, None, (("authorization", f"Basic {WRONG}"),)),
            Caller(channel, clerk, (("traceparent", "x"),)),
        ]
        for caller in wrong:
            with pytest.raises(grpc.RpcError) as caught:
                caller.customers.GetCustomer(cpb.GetCustomerRequest(name="customers/nobody"))
            told.append(str(Refused.of(caught.value)))
    return "\n".join(told)


def secrets(server: LocalServer, clerk: str) -> list[str]:
    """Everything that only its owner may know."""
    keys = [server.folder / "tls" / name for name in ("ca.key", "server.pem")]
    lines = [key.read_text().splitlines()[1] for key in keys]
    return [server.token, clerk, WRONG, *lines]


def test_no_secret_is_in_the_log_or_in_an_error(server: LocalServer, clerk: str, asked: str) -> None:
    written = server.log + server.ready_line + asked

    assert "TOKEN_INVALID" in written
    for secret in secrets(server, clerk):
        assert secret not in written


def test_no_secret_is_on_the_servers_command_line_or_in_its_environment(
    server: LocalServer, clerk: str, asked: str
) -> None:
    process = Path("/proc") / str(server.pid)
    shown = process.joinpath("cmdline").read_text() + process.joinpath("environ").read_text()

    assert "clientela_server" in shown
    for secret in secrets(server, clerk):
        assert secret not in shown


def test_a_planted_secret_is_found(server: LocalServer, clerk: str) -> None:
    assert any(secret in f"log: {clerk}" for secret in secrets(server, clerk))


def test_every_file_that_the_server_writes_is_its_accounts_own(server: LocalServer, asked: str) -> None:
    state = server.folder / "state" / "clientela"
    own = [server.folder / "tls", *state.rglob("*")]
    own += [path for path in server.folder.rglob("*") if path.suffix in {".db", ".token", ".pem", ".key"}]
    own += list(server.folder.glob("ledger.db*"))

    assert len(own) > 8
    for path in own:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_command_line_does_not_repeat_a_token(server: LocalServer, clerk: str) -> None:
    """Also where it shows how to ask again."""
    nowhere = {**server.env, "CLIENTELA_SERVER": "127.0.0.1:1"}
    ended = run_process(nowhere, "customers", "delete", "x", "--token", WRONG, "--wire")

    assert ended.exit_code == 7
    assert WRONG not in ended.stdout + ended.stderr


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_token_may_come_from_a_file_so_that_it_is_on_no_command_line(
    server: LocalServer, tmp_path: Path, how: str
) -> None:
    file = tmp_path / "my.token"
    file.write_text(server.token + "\n")
    env = {key: value for key, value in server.env.items() if not key.startswith("XDG_STATE")}
    env |= {"XDG_STATE_HOME": str(tmp_path), "CLIENTELA_SERVER": server.address}
    words = ["customers", "list", "--ca", str(server.folder / "tls" / "ca.pem")]
    if how == "option":
        ended = run_process(env, *words, "--token-file", str(file))
    else:
        ended = run_process({**env, "CLIENTELA_TOKEN_FILE": str(file)}, *words)

    assert ended.exit_code == 0, ended.stderr


def test_a_token_goes_to_nobody_who_is_not_known() -> None:
    """A stranger who took the server's place gets no byte of the call: the handshake comes first."""
    tls = Tls(fingerprint=64 * "0")
    with LocalServer("--tls", "auto") as server:
        client = connect(server.address, token=WRONG, tls=tls, policy=RetryPolicy(wait_for_server=False))
        with client, pytest.raises(Unavailable):
            client.customers.list_page()
        assert server.stop() == 0

        # It has written all its lines by now, also that of a call which came in.
        assert '"rpc"' not in server.log

"""Fixtures of the command line's tests: one with the shared server, and addresses without one."""

import os
import socket
from collections.abc import Iterator

import pytest

from clientela_lab.servers.local_server import LocalServer
from tests.cli.running import Cli


@pytest.fixture
def bare(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Cli:
    """The command line without a server, and with nothing of the user's own."""
    for variable in [each for each in os.environ if each.startswith("CLIENTELA_")]:
        monkeypatch.delenv(variable)
    for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
    return Cli(capsys)


@pytest.fixture
def env(server: LocalServer) -> dict[str, str]:
    """The environment of a process that asks the shared server."""
    return server.env | {"CLIENTELA_SERVER": server.address}


@pytest.fixture
def cli(bare: Cli, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, asking the shared server as its admin."""
    for variable in ("CLIENTELA_SERVER", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, env[variable])
    return bare


@pytest.fixture
def black_hole() -> Iterator[str]:
    """An address where calls are taken in and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens, nor can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"

"""A ledger with some of everything, made once by a real server; tests take copies of it."""

import shutil
from pathlib import Path

import grpc
import pytest

from clientela_lab.servers.local_server import LocalServer
from tests.rpc.callers import Caller
from tests.upkeep.commands import Command
from tests.upkeep.some_of_everything import fill


@pytest.fixture(scope="session")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that has stopped: its database and its token."""
    folder = tmp_path_factory.mktemp("full")
    with LocalServer(folder=folder) as server, grpc.insecure_channel(server.address) as channel:
        fill(Caller(channel, server.token))
    return folder


@pytest.fixture
def ledger(full_folder: Path, tmp_path: Path) -> Path:
    """A copy of the full database, to be damaged, replaced or served; its token is beside it."""
    for name in ("ledger.db", "admin.token"):
        shutil.copy(full_folder / name, tmp_path / name)
    return tmp_path / "ledger.db"


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """The server's own command."""
    return Command(capsys)

"""A server process with a web port, shared by the tests of this folder."""

from collections.abc import Iterator

import pytest

from clientela_lab.servers.local_server import LocalServer
from tests.rpc.running import UNHURRIED
from tests.stores import database_in
from tests.web.transports import Place


@pytest.fixture(scope="session")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server process with both ports; to be shared, so not to be stopped."""
    folder = tmp_path_factory.mktemp("web")
    with LocalServer(
        folder=folder, database=database_in(folder), web="127.0.0.1:0", module=UNHURRIED
    ) as running:
        yield running


@pytest.fixture
def place(web_server: LocalServer) -> Place:
    """Where it is, for its administrator."""
    return Place(web_server.address, web_server.url, web_server.token)

"""A server of these tests alone: they read its whole log and its tables, trace it, and guess tokens."""

from collections.abc import Iterator

import pytest

from clientela_lab.servers.local_server import LocalServer
from tests.rpc.running import UNHURRIED


@pytest.fixture(scope="session")
def own_server() -> Iterator[LocalServer]:
    with LocalServer(module=UNHURRIED) as running:
        yield running

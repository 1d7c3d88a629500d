"""Fixtures of the SDK's tests: both clients of a real server, asked in the same way."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from clientela_client import connect, connect_aio
from clientela_lab.servers.local_server import LocalServer
from tests.client.stage import KINDS, AioAsking, Asking, SyncAsking


@pytest.fixture(params=KINDS)
def asking(request: pytest.FixtureRequest, server: LocalServer) -> Iterator[Asking]:
    """A client of the shared server: one after the other, the blocking one and that of an event loop."""
    made = ask(request.param, server)
    yield made
    made.close()


@pytest.fixture
def own_id() -> str:
    """An id that no other test has."""
    return f"t{uuid4().hex[:16]}"


def ask(kind: str, server: LocalServer) -> Asking:
    """Make a client of a kind for a running server."""
    if kind == "sync":
        return SyncAsking(connect(server.address, token=server.token))
    return AioAsking(lambda: connect_aio(server.address, token=server.token))

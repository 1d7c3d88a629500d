"""Fixtures that tests of several folders share: a server process, callers of each role, a clock to set.

Tests share one server process (one for each worker of pytest-xdist) and keep apart by ids of their own:
see tests/rpc/callers.py. Nothing sleeps, and every call has a deadline.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator

import grpc
import pytest
from hypothesis import HealthCheck, settings

from clientela_lab.local_server import LocalServer
from tests.rpc.callers import Caller
from tests.rpc.running import SetClock

pytest.register_assert_rewrite("tests.rpc.refusals", "tests.rpc.rows")

# A call takes milliseconds, and more when the machine is busy: no deadline on examples. The fixtures that
# examples share are servers, which they are made to share.
_SHARED = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
settings.register_profile("quick", max_examples=40, **_SHARED)
settings.register_profile("thorough", max_examples=2000, **_SHARED)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    """A server process on a free port, with a database of its own; to be shared, so not to be stopped."""
    with LocalServer() as running:
        yield running


@pytest.fixture(scope="session")
def channel(server: LocalServer) -> Iterator[grpc.Channel]:
    """A channel to the shared server."""
    with grpc.insecure_channel(server.address) as channel:
        yield channel


@pytest.fixture(scope="session")
def new_token(server: LocalServer) -> Callable[[str, str], str]:
    """Make a token on the shared server, of a role and with a name, by the command line."""

    def make(role: str, name: str) -> str:
        words = ["token", "create", "--role", role, "--name", name, "--database", str(server.database)]
        done = subprocess.run(
            [sys.executable, "-m", "clientela_server", *words],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env=server.env,
        )
        return done.stdout.strip()

    return make


@pytest.fixture(scope="session")
def admin(server: LocalServer, channel: grpc.Channel) -> Caller:
    """The administrator, by the token that the first start wrote."""
    return Caller(channel, server.token)


@pytest.fixture(scope="session")
def clerk(channel: grpc.Channel, new_token: Callable[[str, str], str]) -> Caller:
    """Somebody who reads and writes."""
    return Caller(channel, new_token("clerk", "clerk"))


@pytest.fixture(scope="session")
def analyst(channel: grpc.Channel, new_token: Callable[[str, str], str]) -> Caller:
    """Somebody who only reads."""
    return Caller(channel, new_token("analyst", "analyst"))


@pytest.fixture(scope="session")
def nobody(channel: grpc.Channel) -> Caller:
    """Somebody without a token."""
    return Caller(channel, None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The clock of the servers that this test starts in its own event loop."""
    clock = SetClock()
    monkeypatch.setattr("clientela_server.clock.now_us", clock)
    return clock

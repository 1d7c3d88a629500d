"""Fixtures that tests of several folders share: a server process, callers of each role, a browser, a clock.

Tests share one server process (one for each worker of pytest-xdist) and keep apart by ids of their own:
see tests/rpc/callers.py. Nothing sleeps, and every call has a deadline.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import grpc
import pytest
import structlog
from hypothesis import HealthCheck, settings

from clientela_lab.servers.local_server import LocalServer
from clientela_server.admin import create_token
from tests import stores
from tests.rpc.callers import Caller
from tests.rpc.running import UNHURRIED, SetClock
from tests.stores import ON_POSTGRES, database_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# As in the Makefile: hundreds of programs are started, and each would compile all of its modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A shell has Ctrl-C ignored by what it starts in the background, and programs started by that inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest.register_assert_rewrite("tests.rpc.refusals", "tests.rpc.rows")

# Servers in the tests' own process log plain lines, which pytest shows where a test fails.
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
    logger_factory=structlog.PrintLoggerFactory(),
)

# A call takes milliseconds, and more when the machine is busy: no deadline on examples. The fixtures that
# examples share are servers, which they are made to share.
_SHARED = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
# The same examples each time: a change is judged by itself. `make torture` looks for others.
settings.register_profile("brief", max_examples=15, derandomize=True, **_SHARED)  # of make test
settings.register_profile("whole", max_examples=40, derandomize=True, **_SHARED)
settings.register_profile("wide", max_examples=100, **_SHARED)
settings.register_profile("thorough", max_examples=500, **_SHARED)
settings.load_profile("whole")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about SQLite's file where the tests run on PostgreSQL."""
    if ON_POSTGRES:
        left_out = [item for item in items if item.get_closest_marker("sqlite")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what is there by now, as the server does: all of it stays."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Stop the PostgreSQL of the tests."""
    stores.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server process on a free port, with a database of its own; to be shared, so not to be stopped."""
    folder = tmp_path_factory.mktemp("server")
    with LocalServer(folder=folder, database=database_in(folder), module=UNHURRIED) as running:
        yield running


@pytest.fixture(scope="session")
def channel(server: LocalServer) -> Iterator[grpc.Channel]:
    """A channel to the shared server."""
    with grpc.insecure_channel(server.address) as channel:
        yield channel


@pytest.fixture(scope="session")
def admin(server: LocalServer, channel: grpc.Channel) -> Caller:
    """The administrator, by the token that the first start wrote."""
    return Caller(channel, server.token)


@pytest.fixture(scope="session")
def clerk(server: LocalServer, channel: grpc.Channel) -> Caller:
    """Somebody who reads and writes."""
    return Caller(channel, create_token(server.database, "clerk", "clerk", None))


@pytest.fixture(scope="session")
def analyst(server: LocalServer, channel: grpc.Channel) -> Caller:
    """Somebody who only reads."""
    return Caller(channel, create_token(server.database, "analyst", "analyst", None))


@pytest.fixture(scope="session")
def nobody(channel: grpc.Channel) -> Caller:
    """Somebody without a token."""
    return Caller(channel, None)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Debian's chromium. While it is there no test can have an event loop: so it goes with its module."""
    from clientela_lab.phone.ui_driver import CHROMIUM, browsing

    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine (Debian: apt-get install chromium)")
    with browsing() as running:
        yield running


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The clock of the servers that this test starts in its own event loop."""
    clock = SetClock()
    monkeypatch.setattr("clientela_server.clock.now_us", clock)
    return clock

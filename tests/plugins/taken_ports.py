"""Pytest plugin for CI: somebody serves on the ports that a server takes if nothing else is said.

Where a user has a server of his own there, a test that starts one, or asks it, fails: so it fails here too.
"""

import socket
from contextlib import suppress

import pytest

TAKEN = pytest.StashKey[list[socket.socket]]()


def pytest_configure(config: pytest.Config) -> None:
    """Take the ports, where nobody has them: another worker of the same run may be first."""
    config.stash[TAKEN] = []
    for port in (50051, 8080):
        with suppress(OSError):
            config.stash[TAKEN].append(socket.create_server(("127.0.0.1", port)))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give them back."""
    for each in config.stash[TAKEN]:
        each.close()

"""Fixtures of the security tests."""

import socket

import pytest


@pytest.fixture
def nobody_at() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"

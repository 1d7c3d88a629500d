"""Fixtures of the security tests."""

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def nobody_at() -> Iterator[str]:
    """An address where nobody listens, nor can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"

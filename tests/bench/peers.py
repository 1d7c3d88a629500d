"""What a user would pick instead (peer_server.py): started, and asked over HTTP/1.1 as its own clients would.

Its packages are the dependency group `peers`, which `make bench ARGS=--peers` installs.
Read next: peer_server.py.
"""

import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from calls import new_request_id
from generator import Http1Calls
from servers import Running, started

PACKAGES = ("fastapi", "httptools")
PURCHASE = json.dumps({"cents": 1234, "currency": "EUR", "purchase_time": "2024-03-01T12:00:00Z"})


@dataclass(frozen=True)
class Peer:
    """The peer that serves, and its database's file."""

    running: Running
    file: Path


def missing() -> list[str]:
    """Return which packages of the peer are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


@contextmanager
def peer_server(customers: int, folder: Path) -> Iterator[Peer]:
    """Run the peer, with as many customers."""
    file = folder / "peer.db"
    command = [sys.executable, str(Path(__file__).with_name("peer_server.py")), str(file), str(customers)]
    with started(command, "peer ready http=") as running:
        yield Peer(running, file)


def get_calls(customers: list[str]) -> Http1Calls:
    """Return one read for each customer."""
    return _calls(customers, [f"GET /{customer} HTTP/1.1\r\nhost: bench\r\n\r\n" for customer in customers])


def record_calls(customers: list[str]) -> Http1Calls:
    """Return one purchase for each, with a key of its own that makes it safe to send again."""
    head = f"host: bench\r\ncontent-type: application/json\r\ncontent-length: {len(PURCHASE)}\r\n"
    requests = [
        f"POST /{customer}/purchases HTTP/1.1\r\n{head}idempotency-key: {new_request_id()}\r\n\r\n{PURCHASE}"
        for customer in customers
    ]
    return _calls(customers, requests)


def _calls(customers: list[str], requests: list[str]) -> Http1Calls:
    expected = [customer.removeprefix("customers/").encode() for customer in customers]
    return Http1Calls("/", [request.encode() for request in requests], expected, customers=customers)

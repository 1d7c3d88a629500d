"""The ledger that a phone writes to, and where axe-core is."""

import contextlib
import subprocess
import sys
from pathlib import Path

from clientela.v1 import customers_pb2, purchases_pb2, segments_pb2
from clientela_client import Refused, connect
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer

DOOR = "customers/blue-door"


class Books:
    """The ledger, read over the wire by an administrator."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server
        self._tokens: dict[str, str] = {}

    def open_door(self) -> None:
        """Register the customer who buys."""
        with connect(self._server.address, token=self._server.token) as client:
            customer = customers_pb2.Customer(display_name="Blue Door Café")
            client.customers.create(customer, customer_id="blue-door")

    def save_segment(self) -> None:
        """Save a segment that everybody is in."""
        with connect(self._server.address, token=self._server.token) as client:
            everybody = segments_pb2.Segment(
                display_name="Everybody", filter="purchases >= 0", strategy="A card at New Year."
            )
            client.segments.create(everybody, segment_id="everybody")

    def clerk(self, name: str) -> str:
        """Make a clerk's token."""
        self._tokens[name] = _token(self._server, "create", "--role", "clerk", "--name", name)
        return self._tokens[name]

    def revoke(self, name: str) -> None:
        """Revoke it, and wait until the server has noticed, as a watch that it ends tells."""
        _token(self._server, "revoke", name)
        with connect(self._server.address, token=self._tokens[name]) as client, contextlib.suppress(Refused):
            for _ in client.feed.watch():
                pass

    def entries(self) -> list[purchases_pb2.Purchase]:
        """Return all entries."""
        with connect(self._server.address, token=self._server.token) as client:
            return list(client.purchases.list("customers/-"))


def _token(server: LocalServer, *arguments: str) -> str:
    command = [
        sys.executable,
        "-m",
        "clientela_server",
        "token",
        *arguments,
        "--database",
        str(server.database),
    ]
    done = subprocess.run(command, env=server.env, capture_output=True, text=True, check=True, timeout=HANG_S)
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else ""


AXE = Path(__file__).parents[2] / "client/phone/node_modules/axe-core/axe.min.js"

"""The whole ledger, read from the server over the wire, and an audit of its file.

The feed from revision 0 is the complete journal; the lists must agree with it. As a server could be wrong
about both, `audit` runs `clientela-server verify` on its file afterwards.
Read next: checker.py, which compares the clients' history with it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from clientela.v1.feed_pb2 import Change
from clientela_client import Client, WireEvent, connect
from clientela_client.messages import Purchase
from clientela_lab.checking.history import Row
from clientela_lab.checking.history_extractor import key_of_entry, subject_of
from clientela_lab.checking.money import nanos_of, shown
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer

_CURRENCY = "EUR"
_NANOS_A_CENT = 10_000_000


@dataclass(frozen=True)
class Ledger:
    """The journal's entries in order, and each customer's stored total in nanos of a euro."""

    changes: list[Change]
    totals: dict[str, int]

    @property
    def revision(self) -> int:
        """The last entry's revision, 0 where there is none."""
        return self.changes[-1].revision if self.changes else 0

    @property
    def rows(self) -> list[Row]:
        """The entries for the checker; the key of a purchase is its note."""
        return [_row(change) for change in self.changes]

    def purchases(self, customer: str = "") -> list[Purchase]:
        """Return the purchases, refunds included, of a customer by name, or of all."""
        found = (change.purchase for change in self.changes if change.HasField("purchase"))
        return [
            purchase for purchase in found if purchase.name.startswith(f"{customer}/" if customer else "")
        ]

    def paid(self, customer: str) -> str:
        """Return the sum of a customer's entries in words, "39.80 EUR"."""
        nanos = sum(_signed(purchase) for purchase in self.purchases(customer))
        return shown(nanos // _NANOS_A_CENT)


def read_ledger(address: str, token: str) -> Ledger:
    """Read the ledger, as of one revision after the call began."""
    heads: list[int] = []

    def note(event: WireEvent) -> None:
        heads.extend(int(value) for key, value in event.metadata if key == "clientela-revision")

    with connect(address, token=token, tls=False, observer=note) as client:
        customers = list(client.customers.list(show_deleted=True))
        changes = list(_changes(client, heads[-1]))
    totals = {
        customer.name.split("/")[1]: nanos_of(total.amount)
        for customer in customers
        for total in customer.totals
        if total.currency_code == _CURRENCY
    }
    return Ledger(changes, totals)


def _changes(client: Client, head: int) -> Iterator[Change]:
    if not head:
        return
    with client.feed.watch(after_revision=0) as changes:
        for change in changes:
            yield change
            if change.revision >= head:
                return


def _row(change: Change) -> Row:
    purchase = change.purchase
    key = purchase.note or change.request_id or key_of_entry(change.revision)
    return Row(change.revision, change.name, key, subject_of(change.name), _signed(purchase))


def _signed(purchase: Purchase) -> int:
    return -nanos_of(purchase.amount) if purchase.refund_of else nanos_of(purchase.amount)


@dataclass(frozen=True)
class Audit:
    """The result of `clientela-server verify` on a ledger's file."""

    whole: bool
    text: str


def audit(server: LocalServer) -> Audit:
    """Verify a stopped server's file in a process of its own, which never served a client."""
    ended = subprocess.run(
        [sys.executable, "-m", "clientela_server", "verify", "--database", str(server.database)],
        env=server.env,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    return Audit(ended.returncode == 0, lines[-1] if lines else "it said nothing")

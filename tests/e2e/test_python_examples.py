"""Two rules of docs/other-languages.md as its Python programs have them: a watch resumed, an import cut."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1.feed_pb2_grpc import FeedServiceStub
from clientela.v1.purchases_pb2 import ImportItem
from clientela_client import Client, connect
from clientela_client.messages import Customer, Money, Purchase
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples/python"


@pytest.fixture(scope="module")
def example() -> Iterator[Callable[[str], Any]]:
    """Import an example as Python does where they lie in one folder."""
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(EXAMPLES)
        yield import_module


# ---- an import is cut by bytes


@given(st.lists(st.integers(0, 900_000), max_size=12), st.integers(0, 2500))
def test_no_part_has_more_bytes_or_items_than_a_message_may(large: list[int], small: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(EXAMPLES)
        cut = import_module("parts").parts
    items = [ImportItem(purchase=Purchase(note="n" * size)) for size in large]
    items += [ImportItem(request_id=str(number)) for number in range(small)]
    parts = list(cut(iter(items)))
    assert [item for part in parts for item in part.items] == items
    assert all(part.ByteSize() <= 1024 * 1024 and 0 < len(part.items) <= 1000 for part in parts)


def test_parts_are_as_few_as_their_bytes_allow(example: Callable[[str], Any]) -> None:
    items = [ImportItem(purchase=Purchase(note="n" * 100_000)) for _ in range(10)]
    assert [len(part.items) for part in example("parts").parts(items)] == [5, 5]


# ---- a watch is resumed


def upkeep(server: LocalServer, *words: str) -> None:
    command = [sys.executable, "-m", "clientela_server", *words, "--database", str(server.database)]
    subprocess.run(command, env=server.env, capture_output=True, timeout=HANG_S, check=True)


def created(client: Client, name: str) -> int:
    """Make a customer, and give the revision that the journal has come to."""
    client.customers.create(Customer(display_name=name), customer_id=name)
    return client.feed.history_page(f"customers/{name}").changes[0].revision


def caught_up(example: Callable[[str], Any], server: LocalServer, copy: Any, revision: int) -> None:
    """Follow the feed until the copy has come to a revision."""
    metadata = (("authorization", f"Bearer {server.token}"),)
    with grpc.insecure_channel(server.address) as channel:
        bookmarks = example("ledger_copy").follow(FeedServiceStub(channel), copy, metadata)
        assert next(each for each in bookmarks if each == revision) == revision
        bookmarks.close()


def names(copy: Any) -> set[str]:
    return {name for (name,) in copy._file.execute("SELECT name FROM records")}


class Forgetful:
    """A copy that keeps its bookmark and not the epoch: the planted bug."""

    def __init__(self, copy: Any) -> None:
        self._copy = copy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._copy, name)

    def place(self) -> tuple[int, None]:
        return self._copy.place()[0], None


@pytest.mark.long
def test_a_copy_begins_anew_after_a_restore_and_one_without_the_epoch_keeps_what_is_no_more(
    example: Callable[[str], Any], tmp_path: Path
) -> None:
    server = LocalServer(folder=tmp_path)
    make = example("ledger_copy").Copy
    with closing(make(tmp_path / "copy.db")) as kept, closing(make(tmp_path / "forgetful.db")) as other:
        _restored_under(example, server, tmp_path / "backup.db", kept, Forgetful(other))
        assert names(kept) == {"customers/first", "customers/second", "customers/third"}
        assert names(other) == {"customers/first", "customers/gone", "customers/third"}


def _restored_under(
    example: Callable[[str], Any], server: LocalServer, backup: Path, kept: Any, forgetful: Any
) -> None:
    """Copy twice from a ledger that is set back between, and goes on otherwise."""
    with server:
        with connect(server.address, token=server.token) as client:
            created(client, "first")
            upkeep(server, "backup", str(backup))
            gone = created(client, "gone")
        for copy in (kept, forgetful):
            caught_up(example, server, copy, gone)
            assert names(copy) == {"customers/first", "customers/gone"}
    upkeep(server, "restore", str(backup), "--force")
    with server:
        with connect(server.address, token=server.token) as client:
            assert created(client, "second") == gone
            last = created(client, "third")
        for copy in (kept, forgetful):
            caught_up(example, server, copy, last)


def test_what_a_purchase_does_to_its_customer_and_a_refund_to_the_purchase_has_no_change_of_its_own(
    example: Callable[[str], Any], tmp_path: Path
) -> None:
    with (
        closing(example("ledger_copy").Copy(tmp_path / "copy.db")) as copy,
        LocalServer() as server,
        connect(server.address, token=server.token) as client,
    ):
        created(client, "ann")
        euro = Money(currency_code="EUR", units=5)
        bought = client.purchases.record("customers/ann", Purchase(amount=euro))
        refund = client.purchases.refund(bought.name, reason="broken")
        caught_up(example, server, copy, refund.revision)
        assert client.purchases.get(bought.name).refunded_amount == euro
        assert client.customers.get("customers/ann").totals
        records = dict(copy._file.execute("SELECT name, record FROM records"))
    assert not Purchase.FromString(records[bought.name]).HasField("refunded_amount")
    assert not Customer.FromString(records["customers/ann"]).totals

"""A database of an older server is taken over as it is, forward only; of a newer one nothing is touched."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.servers.local_server import LocalServer, ServerDidNotStart
from clientela_server.admin import create_token
from clientela_server.store.database.files.page_checks import has_checksums
from clientela_server.store.database.migrate import HEAD
from clientela_server.store.database.sqlite import SqliteConnection
from tests.faults.killed_upkeep import without_checksums
from tests.faults.ledger import read_entries, read_ledger
from tests.rpc.callers import Caller
from tests.rpc.making import read_customer
from tests.rpc.watching import head, written_since
from tests.upkeep.commands import Command
from tests.upkeep.release_fixture import FIXTURES
from tests.upkeep.some_of_everything import BUYER, known_request, spelled_requests

RELEASED = sorted(FIXTURES.glob("ledger-*.db.gz"))


def taken_over(fixture: Path, folder: Path) -> Path:
    """Put a released ledger and its token where a server finds them."""
    ledger = folder / "ledger.db"
    ledger.write_bytes(gzip.decompress(fixture.read_bytes()))
    shutil.copy(fixture.with_name(fixture.name.replace(".db.gz", ".token")), folder / "admin.token")
    return ledger


@pytest.mark.parametrize("fixture", RELEASED, ids=lambda path: str(path.name))
def test_a_ledger_of_every_released_schema_is_taken_over_and_served(
    fixture: Path, tmp_path: Path, command: Command
) -> None:
    ledger = taken_over(fixture, tmp_path)
    before = read_entries(ledger)

    command.done("migrate", "--database", ledger)
    command.done("verify", "--database", ledger)

    assert read_entries(ledger) == before
    with LocalServer(folder=tmp_path) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        assert read_customer(admin, BUYER).patron == "Ewa"
        first = head(admin)
        assert admin.purchases.RecordPurchase(known_request()).name == f"{BUYER}/purchases/known"
        with pytest.raises(grpc.RpcError, match="exists already"):
            admin.purchases.RecordPurchase(_without_request_id())
        assert head(admin) == first
    # What follows from the ledger was made at the start, and is whole.
    checked = command.done("verify", "--database", ledger).stdout
    assert "not made yet" not in checked
    assert read_entries(ledger) == before


def in_small_letters(request: Any) -> Any:
    request.request_id = request.request_id.lower()
    return request


@pytest.mark.parametrize("spell", [lambda request: request, in_small_letters])
def test_ids_that_an_older_server_kept_in_capitals_are_found_in_any_letters(
    tmp_path: Path, command: Command, spell: Callable[[Any], Any]
) -> None:
    ledger = taken_over(FIXTURES / "ledger-0002.db.gz", tmp_path)
    command.done("migrate", "--database", ledger)
    create, record, item = map(spell, spelled_requests())
    with LocalServer(folder=tmp_path) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        before = head(admin)

        assert admin.customers.CreateCustomer(create).name == "customers/spelled"
        assert admin.purchases.RecordPurchase(record).amount.units == 7
        told = admin.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=[item])]))
        assert (told.imported_count, told.duplicate_count) == (0, 1)
        clerk = Caller(channel, create_token(ledger, "clerk", "clerk", None))
        told = clerk.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=[item])]))
        assert (told.imported_count, told.duplicate_count) == (0, 1)
        assert written_since(admin, before) == []

        record.purchase.amount.units = 9
        with pytest.raises(grpc.RpcError, match="other request"):
            admin.purchases.RecordPurchase(record)
        assert written_since(admin, before) == []
    command.done("verify", "--database", ledger)


def _without_request_id() -> object:
    request = known_request()
    request.ClearField("request_id")
    return request


def test_there_is_a_ledger_of_a_released_schema() -> None:
    assert RELEASED


def test_a_ledger_of_this_version_is_left_as_it_is(ledger: Path, command: Command) -> None:
    before = ledger.read_bytes()
    assert command.done("migrate", "--database", ledger).stdout == f"Schema: {HEAD}, as it should be.\n"
    assert ledger.read_bytes() == before


@pytest.mark.parametrize("by", ["migrate", "server"])
def test_a_file_of_before_checksums_is_rewritten_with_them(
    ledger: Path, tmp_path: Path, command: Command, by: str
) -> None:
    before = read_ledger(ledger)
    old = tmp_path / "old" / "ledger.db"
    old.parent.mkdir()
    without_checksums(ledger, old)
    refused = command("backup", tmp_path / "copy.db", "--database", old)
    assert (refused.exit_code, "clientela-server migrate" in refused.stderr) == (1, True)

    if by == "migrate":
        assert "Pages: rewritten" in command.done("migrate", "--database", old).stdout
    else:
        with LocalServer(folder=old.parent) as server:
            assert "revision=103" in server.ready_line

    assert has_checksums(old) and read_ledger(old) == before
    command.done("verify", "--database", old)


def test_a_ledger_of_a_newer_server_is_refused_and_left_as_it_is(
    ledger: Path, tmp_path: Path, command: Command
) -> None:
    copy = tmp_path / "copy.db"
    connection = SqliteConnection(ledger)
    connection.script("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = ledger.read_bytes()

    for words in (("migrate",), ("verify",), ("backup", copy)):
        refused = command(*words, "--database", ledger)
        assert (refused.exit_code, "newer server" in refused.stderr) == (1, True), refused.stderr
    with pytest.raises(ServerDidNotStart, match="use the newer server"):
        LocalServer(folder=tmp_path).start()
    assert ledger.read_bytes() == before

    shutil.copy(ledger, copy)
    refused = command("restore", copy, "--database", tmp_path / "new.db")
    assert (refused.exit_code, "newer server" in refused.stderr) == (1, True)
    assert not (tmp_path / "new.db").exists()


def test_nothing_is_migrated_that_is_not_there_or_is_served(ledger: Path, command: Command) -> None:
    missing = command("migrate", "--database", ledger.with_name("none.db"))
    assert (missing.exit_code, "no such database" in missing.stderr) == (1, True)
    with LocalServer(folder=ledger.parent):
        served = command("migrate", "--database", ledger)
    assert (served.exit_code, "another server has it open" in served.stderr) == (1, True)

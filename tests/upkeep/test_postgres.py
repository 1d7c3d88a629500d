"""A backup of PostgreSQL is a SQLite file, and a SQLite file is restored into PostgreSQL: the same ledger."""

import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
import sqlalchemy as sa

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_server.nouns import NOUNS
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Target
from clientela_server.store.database.migrate import HEAD
from clientela_server.store.database.opening import open_current, open_to_read
from clientela_server.store.database.schema import metadata
from clientela_server.store.integrity import backups
from clientela_server.store.integrity.backups import back_up, restore
from tests.faults.ledger import read_ledger
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, to_record
from tests.rpc.watching import head
from tests.stores import postgres
from tests.upkeep.commands import Command
from tests.upkeep.some_of_everything import known_request

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def url() -> str:
    """An empty database."""
    return postgres().new_ledger()


@pytest.fixture
def restored(ledger: Path, url: str, command: Command) -> str:
    """The full ledger, in PostgreSQL."""
    command.done("backup", ledger.with_name("copy.db"), "--database", ledger)
    command.done("restore", ledger.with_name("copy.db"), "--database", url)
    return url


def rows(target: Target) -> Rows:
    """Every row of every table but the epoch, and what is PostgreSQL's own."""
    connection = open_to_read(target)
    try:
        found = {
            table.name: connection.query(sa.select(table).order_by(*table.primary_key))
            for table in metadata.sorted_tables
        }
    finally:
        connection.close()
    found["meta"] = [row for row in found["meta"] if row[0] == "secret"]
    return found


def test_there_and_back_it_is_the_same_ledger(
    ledger: Path, restored: str, tmp_path: Path, command: Command
) -> None:
    assert rows(restored) == rows(ledger)
    back = tmp_path / "back.db"
    assert "revision 103" in command.done("backup", back, "--database", restored).stdout
    assert rows(back) == rows(ledger)

    said = command.done("verify", "--database", restored).stdout
    assert "Whole, as of revision 103." in said and "pages" not in said
    assert command.done("migrate", "--database", restored).stdout.endswith("as it should be.\n")
    command.done("verify", "--database", back)


def test_it_is_served_and_knows_the_requests_that_were_done(
    ledger: Path, restored: str, tmp_path: Path, command: Command
) -> None:
    token = ledger.with_name("admin.token").read_text().strip()
    folder = tmp_path / "server"
    folder.mkdir()
    with LocalServer(folder=folder, database=restored) as server:
        with grpc.insecure_channel(server.address) as channel:
            admin = Caller(channel, token)
            assert admin.purchases.RecordPurchase(known_request()).name.endswith("/known")
            assert head(admin) == 103
            new_customer(admin)
        refused = command("restore", ledger.with_name("copy.db"), "--database", restored, "--force")
        assert (refused.exit_code, "a server has it open" in refused.stderr) == (1, True)
    assert len(read_ledger(restored)[0]) == 104


def test_a_ledger_that_is_there_is_replaced_only_when_told_to(
    ledger: Path, restored: str, command: Command
) -> None:
    refused = command("restore", ledger.with_name("copy.db"), "--database", restored)
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    command.done("restore", ledger.with_name("copy.db"), "--database", restored, "--force")
    assert rows(restored) == rows(ledger)


def test_a_restore_that_fails_half_way_leaves_what_was_there(
    ledger: Path, restored: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, copied = rows(restored), backups.copy_tables

    def failing(source: Connection, target: Connection) -> None:
        copied(source, target)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(backups, "copy_tables", failing)
    assert command("restore", ledger.with_name("copy.db"), "--database", restored, "--force").exit_code == 1
    assert rows(restored) == before


def test_a_planted_fault_is_found_in_postgresql_too(restored: str, command: Command) -> None:
    connection = open_current(restored)
    connection.script("UPDATE facts SET totals = replace(totals, ':[', ':[7')")
    connection.script("DELETE FROM customer_emails WHERE customer_id = 'blue-door'")
    connection.close()
    ended = command("verify", "--database", restored)
    assert ended.exit_code == 1
    assert "totals     WRONG" in ended.stdout and "customers  WRONG" in ended.stdout


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("UPDATE journal SET actor = 'eve' WHERE revision = 7", "journal"),
        ("UPDATE journal SET digest = NULL WHERE revision = 6", "journal"),
        ("UPDATE stage_changes SET day = day + 1", "journal"),
        ("DELETE FROM journal WHERE revision = 103", "head"),
        ("UPDATE tokens SET role = 'admin', revoke_us = 1", "identity"),
    ],
)
def test_a_change_of_the_chain_is_found_in_postgresql_too(
    restored: str, command: Command, change: str, check: str
) -> None:
    connection = open_current(restored)
    connection.script(change)
    connection.close()
    ended = command("verify", "--database", restored)
    assert (ended.exit_code, f"{check:<10} WRONG" in ended.stdout) == (1, True)


@pytest.mark.long
def test_a_ledger_of_before_the_chain_is_bound_when_it_is_taken_over(
    restored: str, ledger: Path, tmp_path: Path, command: Command
) -> None:
    before = read_ledger(restored)
    connection = open_current(restored)
    connection.script(
        """
        DROP INDEX ix_journal_request;
        CREATE INDEX ix_journal_request ON journal (request_id, actor) WHERE request_id IS NOT NULL;
        ALTER TABLE journal DROP COLUMN salt, DROP COLUMN seal, DROP COLUMN hash;
        DELETE FROM meta WHERE key IN ('head', 'seal');
        UPDATE alembic_version SET version_num = '0002';
        """
    )
    connection.close()

    assert command.done("migrate", "--database", restored).stdout == f"Schema: 0002 -> {HEAD}.\n"
    assert "head       ok     103:" in command.done("verify", "--database", restored).stdout
    token = ledger.with_name("admin.token").read_text().strip()
    with (
        LocalServer(folder=tmp_path, database=restored) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        admin = Caller(channel, token)
        known = known_request()
        known.request_id = known.request_id.upper()
        assert admin.purchases.RecordPurchase(known).name.endswith("/known")
        new_customer(admin)
    assert read_ledger(restored)[0][:103] == before[0]
    assert "head       ok     104:" in command.done("verify", "--database", restored).stdout


@pytest.mark.long
def test_a_backup_while_it_is_written_shows_one_moment(restored: str, ledger: Path, tmp_path: Path) -> None:
    token = ledger.with_name("admin.token").read_text().strip()
    stop, written = threading.Event(), threading.Event()
    with (
        LocalServer(folder=tmp_path, database=restored) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        admin = Caller(channel, token)

        def write() -> None:
            while not stop.is_set():
                admin.purchases.RecordPurchase(to_record("customers/s1", 1))
                written.set()

        def next_backup(number: int) -> int:
            written.clear()
            assert written.wait(HANG_S)
            return back_up(restored, tmp_path / f"{number}.db").head.revision

        writer = threading.Thread(target=write)
        writer.start()
        made = [next_backup(number) for number in range(3)]
        stop.set()
        writer.join()
    kept = read_ledger(restored)[0]
    for number, revision in enumerate(made):
        place = tmp_path / f"{number}.restored"
        done = restore(tmp_path / f"{number}.db", place, NOUNS, lambda _: None, force=False)
        assert done.head.revision == revision
        assert read_ledger(place)[0] == kept[:revision]
    assert 100 <= made[0] < made[-1]


def test_a_database_that_can_not_be_reached_is_said_so(command: Command, tmp_path: Path) -> None:
    for words in (("verify",), ("migrate",), ("backup", tmp_path / "copy.db")):
        ended = command(*words, "--database", "postgresql://127.0.0.1:1/none")
        assert (ended.exit_code, "can't be reached" in ended.stderr) == (1, True)

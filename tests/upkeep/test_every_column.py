"""`verify` finds a change in any column of any table, a row too few or too many, and an end that is cut off.

The walk is over the schema itself, so that a new table or column fails here until `verify` knows it. What is
planted is what an editor of the file would write: the next number, another text, a flipped byte, nothing.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import sqlalchemy as sa

from clientela.v1 import customers_pb2 as cpb
from clientela_lab.servers.local_server import LocalServer
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.rebuild import RULES_KEY
from clientela_server.store.database.chain import chain_existing_entries
from clientela_server.store.database.head import Head
from clientela_server.store.database.schema import metadata
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.database.statements import Statement
from clientela_server.store.integrity.verify import verify
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer
from tests.upkeep.commands import Command
from tests.upkeep.some_of_everything import enrich

TABLES = {table.name: table for table in metadata.sorted_tables}
COLUMNS = [(table.name, column.name) for table in TABLES.values() for column in table.columns]
# The last one of each table; the others are left to `make test-all`.
QUICK = {(table.name, [*table.columns][-1].name) for table in TABLES.values()}
# What is not planted, and why nothing is lost by it.
HARMLESS = {
    ("facts", "due_day", "sooner"): "an earlier day is looked at in vain: the server leaves such days too",
    (
        "facts",
        "kinds",
        "relative",
    ): "STRATEGIC and MASS are found anew from all clients' facts, in each round",
    ("meta", "value", RULES_KEY): "the server looks at all anew at its next start, as after older rules",
}
_STRATEGIC_AND_MASS = 0b11000000
_ROWS = 4


@pytest.fixture(scope="module")
def rich_folder(full_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full ledger, with a policy, and a segment whose members were told."""
    folder = tmp_path_factory.mktemp("rich")
    for name in ("ledger.db", "admin.token"):
        shutil.copy(full_folder / name, folder / name)
    with LocalServer(folder=folder) as server, grpc.insecure_channel(server.address) as channel:
        enrich(Caller(channel, server.token))
    return folder


@pytest.fixture
def rich(rich_folder: Path, tmp_path: Path) -> Iterator[SqliteConnection]:
    """A copy of it, open."""
    shutil.copy(rich_folder / "ledger.db", tmp_path / "rich.db")
    connection = SqliteConnection(tmp_path / "rich.db")
    yield connection
    connection.close()


def faults(connection: SqliteConnection, pinned: Head | None = None) -> dict[str, list[str]]:
    checks = verify(connection, NOUNS, pinned)
    return {check.name: check.faults for check in checks if check.faults}


def faults_with(connection: SqliteConnection, change: sa.sql.ClauseElement | str) -> dict[str, list[str]]:
    """What is wrong once something is changed; it is undone again."""
    connection.begin()
    try:
        if isinstance(change, str):
            connection.script(change)
        else:
            connection.query(change)  # type: ignore[arg-type]
        return faults(connection)
    finally:
        connection.rollback()


def some_rows(connection: SqliteConnection, table: sa.Table) -> list[dict[str, Any]]:
    """The first rows and the last ones; of the journal also some that were emptied by an erasure."""
    rows = connection.query(sa.select(table).order_by(*table.primary_key.columns))
    if table.name == "meta":
        rows = [row for row in rows if ("meta", "value", row[0]) not in HARMLESS]
    if table.name == "journal":
        rows = [*rows[:2], *[row for row in rows if row[9] is None][:_ROWS], *rows[-2:]]
    elif len(rows) > 2 * _ROWS:
        rows = [*rows[:_ROWS], *rows[-_ROWS:]]
    return [dict(zip(table.columns.keys(), row, strict=True)) for row in rows]


def others_than(table: str, column: sa.Column[Any], value: Any) -> Iterator[Any]:
    """Values that could be written in the place of one."""
    if (table, column.name) == ("facts", "due_day"):
        yield from () if value is None else (None, value + 10_000)
        return
    if (table, column.name) == ("facts", "kinds"):
        yield from (value ^ (1 << bit) for bit in range(1, 11) if not 1 << bit & _STRATEGIC_AND_MASS)
        return
    if column.nullable and value is not None:
        yield None
    match column.type:
        case sa.Boolean():
            yield not value
        case sa.Integer() | sa.Double():
            yield 1 if value is None else value + 10_000
        case sa.LargeBinary():
            yield b"x" if not value else value[:-1] + bytes([value[-1] ^ 1])
        case _:
            yield "x" if value is None else f"{value}x"


def where(table: sa.Table, row: dict[str, Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(column == row[column.name] for column in table.primary_key.columns))


def test_the_rich_ledger_is_whole_and_has_a_row_in_every_table(rich: SqliteConnection) -> None:
    assert faults(rich) == {}
    assert all(some_rows(rich, table) for table in TABLES.values())


@pytest.mark.parametrize(
    ("name", "column"),
    [
        pytest.param(*each, id=".".join(each), marks=() if each in QUICK else pytest.mark.long)
        for each in COLUMNS
    ],
)
def test_a_change_in_any_column_is_found(rich: SqliteConnection, name: str, column: str) -> None:
    table, planted = TABLES[name], 0
    for row in some_rows(rich, table):
        for other in others_than(name, table.columns[column], row[column]):
            change = table.update().where(where(table, row)).values({column: other})
            assert faults_with(rich, change), f"{row}: {column} = {other!r}"
            planted += 1
    assert planted


@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_is_gone_is_found(rich: SqliteConnection, name: str) -> None:
    table = TABLES[name]
    for row in some_rows(rich, table):
        if row.get("key") == "facts":
            continue  # the server makes them anew at its next start
        assert faults_with(rich, table.delete().where(where(table, row))), row


@pytest.mark.parametrize("name", TABLES)
def test_a_row_too_many_is_found(rich: SqliteConnection, name: str) -> None:
    table = TABLES[name]
    row = some_rows(rich, table)[-1]
    for column in [*table.primary_key.columns, *(each for each in table.columns if each.unique)]:
        row[column.name] = next(value for value in others_than("", column, row[column.name]) if value)
    if name == "purchases":
        row["revision"] += 1000
    assert faults_with(rich, table.insert().values(row)), row


# ---- the end of the journal


def last_customer(folder: Path) -> tuple[Head, Head]:
    """Register one more customer; the heads before and after."""
    with LocalServer(folder=folder) as server, grpc.insecure_channel(server.address) as channel:
        before = head_of(folder / "ledger.db")
        new_customer(Caller(channel, server.token), "last")
    return before, head_of(folder / "ledger.db")


def head_of(ledger: Path) -> Head:
    connection = SqliteConnection(ledger, read_only=True)
    rows = connection.query(sa.select(sa.text("value FROM meta WHERE key = 'head'")))
    connection.close()
    head = Head.of_bytes(bytes(rows[0][0]))
    assert head is not None
    return head


CUT = "DELETE FROM journal WHERE revision = (SELECT max(revision) FROM journal);"
WITH_ROWS = CUT + "".join(
    f"DELETE FROM {table} WHERE customer_id = 'last';" for table in ("customers", "customer_terms", "facts")
)


@pytest.mark.parametrize(
    "cut",
    [pytest.param(CUT, id="alone", marks=pytest.mark.long), pytest.param(WITH_ROWS, id="with its rows")],
)
def test_an_entry_that_was_cut_off_is_found_also_after_others(
    ledger: Path, command: Command, cut: str
) -> None:
    before, after = last_customer(ledger.parent)
    plant(ledger, cut)
    ended = command("verify", "--database", ledger)
    assert (ended.exit_code, f"ends with {before}" in ended.stdout) == (1, True)
    assert command("backup", ledger.with_name("copy.db"), "--database", ledger).exit_code == 1

    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        new_customer(Caller(channel, server.token), "later")
    ended = command("verify", "--database", ledger)
    assert (ended.exit_code, f"revision {after.revision}: missing" in ended.stdout) == (1, True)


def test_a_head_that_was_set_back_stops_writing_and_is_found(ledger: Path, command: Command) -> None:
    before, _ = last_customer(ledger.parent)
    plant(ledger, f"UPDATE meta SET value = x'{before.packed().hex()}' WHERE key = 'head'")
    assert command("verify", "--database", ledger).exit_code == 1
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        with pytest.raises(grpc.RpcError):
            new_customer(admin, "later")
        assert admin.customers.GetCustomer(cpb.GetCustomerRequest(name="customers/last")).name


def plant(ledger: Path, script: str) -> None:
    connection = SqliteConnection(ledger)
    connection.script(script)
    connection.close()


def test_what_was_rewritten_with_all_its_hashes_is_found_by_the_pin(ledger: Path, command: Command) -> None:
    pinned, _ = last_customer(ledger.parent)
    connection = SqliteConnection(ledger)
    connection.begin()
    connection.script("UPDATE journal SET actor = 'eve' WHERE revision = 5")
    connection.script("DELETE FROM meta WHERE key = 'head'")
    chain_existing_entries(connection)
    connection.commit()
    connection.close()

    # The purchase's own row tells who recorded it; of what has none only the pin knows.
    assert command("verify", "--database", ledger).exit_code == 0
    ended = command("verify", "--database", ledger, "--head", pinned)
    assert (ended.exit_code, f"does not hold the entry {pinned}" in ended.stdout) == (1, True)


def test_a_pinned_head_holds_for_as_long_as_entries_are_added(ledger: Path, command: Command) -> None:
    said = command.done("verify", "--database", ledger).stdout
    first = head_of(ledger)
    assert f"head       ok     {first}\n" in said
    backup = command.done("backup", ledger.with_name("copy.db"), "--database", ledger).stdout
    assert backup.endswith(f"Head: {first}\n")

    _, later = last_customer(ledger.parent)
    for pin in (f"0:{'0' * 64}", first, later):
        command.done("verify", "--database", ledger, "--head", pin)
    for wrong in (f"{first.revision}:{later.hash.hex()}", f"{later.revision + 1}:{later.hash.hex()}"):
        assert command("verify", "--database", ledger, "--head", wrong).exit_code == 1
    restored = command.done("restore", ledger.with_name("copy.db"), "--database", ledger, "--force").stdout
    assert f"Head: {first}\n" in restored
    command.done("verify", "--database", ledger, "--head", first)
    assert command("verify", "--database", ledger, "--head", later).exit_code == 1


ZEROS = "0" * 64


@pytest.mark.parametrize("text", ["7", "7:", f"x:{ZEROS}", f"7:{ZEROS[1:]}", f"7:{'g' * 64}", f"²:{ZEROS}"])
def test_a_head_that_is_none_is_refused(ledger: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        Command(capsys)("verify", "--database", ledger, "--head", text)
    assert "give REVISION:HASH" in capsys.readouterr().err


# ---- erasure


def test_an_erasure_takes_the_salts_and_what_it_left_can_not_be_changed(rich: SqliteConnection) -> None:
    emptied = "FROM journal WHERE salt IS NULL"
    rows = rich.query(sa.select(sa.text(f"name {emptied}")))
    assert {name for (name,) in rows} >= {"customers/erased"} and len(rows) == 2
    for change in (
        "UPDATE journal SET record = CAST(record || x'08' AS BLOB) WHERE salt IS NULL",
        "UPDATE journal SET salt = NULL WHERE noun = 'purchase' AND revision = 6",
        "UPDATE journal SET salt = NULL WHERE method LIKE '%Erase%'",
        "UPDATE journal SET salt = x'00' WHERE salt IS NULL",
    ):
        assert "journal" in faults_with(rich, change), change


def test_no_salt_of_what_was_erased_is_left_in_the_file(ledger: Path) -> None:
    salts = "SELECT salt FROM journal WHERE name LIKE 'customers/blue-door%' AND noun = 'customer'"
    connection = SqliteConnection(ledger, read_only=True)
    before = [bytes(row[0]) for row in connection.run(Statement(sa.text(salts)))]
    connection.close()
    assert before and all(salt in ledger.read_bytes() for salt in before)

    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name="customers/blue-door"))

    files = [each.read_bytes() for each in ledger.parent.glob("ledger.db*")]
    assert not any(salt in content for salt in before for content in files)

"""`clientela-server verify` reports what is wrong and where, and nothing in a good ledger."""

import random
from pathlib import Path

import grpc
import pytest

from clientela_lab.servers.local_server import LocalServer
from clientela_server.nouns import NOUNS
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.integrity.verify import Check, verify
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer
from tests.upkeep.commands import Command

GHOST = """
    INSERT INTO purchases
    SELECT 'ghost', purchase_id, 5000, purchase_us, create_us, currency, units, nanos, 0, 0,
           purpose, sales_path, source, refund_of, recorded_by
    FROM purchases WHERE purchase_id = 'known'
"""
BUYER = "customer_id = 'blue-door'"


def test_a_whole_ledger_is_told_to_be_whole_with_figures(ledger: Path, command: Command) -> None:
    said = command.done("verify", "--database", ledger).stdout.splitlines()

    assert said[-1] == "Whole, as of revision 103."
    assert [line.split()[:2] for line in said[:-1]] == [
        ["pages", "ok"],
        ["journal", "ok"],
        ["head", "ok"],
        ["purchases", "ok"],
        ["totals", "ok"],
        ["customers", "ok"],
        ["facts", "ok"],
        ["stages", "ok"],
        ["policy", "ok"],
        ["segments", "ok"],
        ["members", "ok"],
        ["spends", "ok"],
        *([recorded_nouns.stem(service), "ok"] for service in recorded_nouns.RECORDED),
        ["identity", "ok"],
    ]
    assert "103 entries without a gap" in said[1]


def test_it_runs_beside_a_server(ledger: Path, command: Command) -> None:
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        before = new_customer(Caller(channel, server.token))
        assert f"revision {before.etag.strip(chr(34))}" in command.done("verify", "--database", ledger).stdout
        new_customer(Caller(channel, server.token))
    command.done("verify", "--database", ledger)


def faults(ledger: Path) -> dict[str, list[str]]:
    """What is wrong, by check; nothing where all is well."""
    connection = SqliteConnection(ledger, read_only=True)
    connection.begin(write=False)
    checks: list[Check] = list(verify(connection, NOUNS))
    connection.close()
    return {check.name: check.faults for check in checks if check.faults}


def plant(ledger: Path, *statements: str) -> None:
    """Write into the tables, past the journal."""
    connection = SqliteConnection(ledger)
    for statement in statements:
        connection.script(statement)
    connection.close()


PLANTED: list[tuple[str, str, str]] = [
    ("DELETE FROM journal WHERE revision = 7", "journal", "revision 7: missing"),
    ("DELETE FROM journal WHERE revision = 1", "journal", "revision 1: missing"),
    (
        "UPDATE journal SET revision = 1000 WHERE revision = 103",
        "journal",
        "revision 103: missing, up to 999",
    ),
    ("DELETE FROM journal WHERE revision = 100", "customers", "customers/erased: "),
    ("UPDATE journal SET record = x'ff' WHERE revision = 9", "journal", "revision 9, "),
    ("UPDATE journal SET name = 'customers/x' WHERE revision = 9", "journal", "its record is of customers/"),
    ("UPDATE journal SET noun = 'order' WHERE revision = 9", "journal", "kind is unknown, order"),
    (
        "DELETE FROM purchases WHERE purchase_id = 'known'",
        "purchases",
        "blue-door/purchases/known, revision 6",
    ),
    ("UPDATE purchases SET units = 20 WHERE purchase_id = 'known'", "purchases", "differs in units"),
    (
        "UPDATE purchases SET purchase_us = 1 WHERE purchase_id = 'known'",
        "purchases",
        "differs in purchase_us",
    ),
    ("UPDATE purchases SET recorded_by = 'x' WHERE purchase_id = 'known'", "purchases", "recorded_by"),
    (
        GHOST,
        "purchases",
        "customers/ghost/purchases/known: has no entry",
    ),
    (
        "UPDATE purchases SET refunded_units = 1 WHERE purchase_id = 'known'",
        "totals",
        "1.00 EUR kept as refunded",
    ),
    (
        f"UPDATE facts SET totals = json_set(totals, '$.EUR[1]', 5000) WHERE {BUYER}",
        "totals",
        "customers/blue-door: ",
    ),
    (
        f"UPDATE facts SET totals = json_set(totals, '$.USD[0]', 9) WHERE {BUYER}",
        "totals",
        "in 9 purchases",
    ),
    (
        f"UPDATE facts SET totals = json_set(totals, '$.EUR[4]', 1) WHERE {BUYER}",
        "totals",
        "customers/blue-door: ",
    ),
    (f"UPDATE facts SET totals = json_remove(totals, '$.USD') WHERE {BUYER}", "totals", "nothing kept"),
    (
        f"UPDATE facts SET totals = json_set(totals, '$.PLN', json('[1,1,0,1,1]')) WHERE {BUYER}",
        "totals",
        "customers/blue-door: totals in PLN",
    ),
    (
        "UPDATE facts SET totals = '{\"EUR\":[1,1,0,1,1]}' WHERE customer_id = 'referrer'",
        "totals",
        "customers/referrer: totals in EUR",
    ),
    (f"UPDATE customers SET patron = 'x' WHERE {BUYER}", "customers", "differs from its record in patron"),
    (f"UPDATE customers SET marketing_consent = 0 WHERE {BUYER}", "customers", "marketing_consent"),
    (f"UPDATE customers SET record = x'ff' WHERE {BUYER}", "customers", "record can't be read"),
    (f"DELETE FROM customers WHERE {BUYER}", "customers", "1 of the journal's customers"),
    (f"UPDATE customer_terms SET value = 'x' WHERE {BUYER} AND field = 'labels.tier'", "customers", "terms"),
    ("INSERT INTO customer_terms VALUES ('nobody', 'phones', '+1')", "customers", "1 terms belong to no"),
    (f"DELETE FROM customer_emails WHERE {BUYER}", "customers", "e-mail addresses that it holds"),
    ("INSERT INTO customer_emails VALUES ('x@example.org', 'deleted')", "customers", "customers/deleted: "),
    (f"UPDATE facts SET purchases = 9 WHERE {BUYER}", "facts", "its facts differ in purchases"),
    (f"UPDATE facts SET days = x'00' WHERE {BUYER}", "facts", "its facts differ in days"),
    (f"UPDATE facts SET referrals = 1 WHERE {BUYER}", "facts", "differ in referrals"),
    (f"DELETE FROM facts WHERE {BUYER}", "facts", "customers/blue-door: has no facts"),
    (f"DELETE FROM bought_categories WHERE {BUYER}", "facts", "differ in bought categories"),
    ("INSERT INTO meta VALUES ('policy', x'0805')", "policy", "not what the journal has"),
    (
        "INSERT INTO segments VALUES ('lost', 'Lost', 'stage = LOST', 1, x'')",
        "segments",
        "segments/lost: is not what the journal has",
    ),
    ("INSERT INTO segment_members VALUES ('lost', 'ann')", "members", "segments/lost: who is in it"),
    (
        "INSERT INTO spends VALUES ('fair', 1, NULL, 1, 2, 2, 'EUR', 1, x'')",
        "spends",
        "spends/fair: is not what the journal has",
    ),
    ("UPDATE spends SET end_day = end_day + 1", "spends", "spends/spring-fair: is not what the journal has"),
    ("DELETE FROM spends", "spends", "spends/spring-fair: is not what the journal has"),
    ("DELETE FROM meta WHERE key = 'secret'", "identity", "is missing"),
]


@pytest.mark.parametrize(("statement", "check", "said"), PLANTED, ids=[row[2] for row in PLANTED])
def test_a_planted_fault_is_found_and_named(ledger: Path, statement: str, check: str, said: str) -> None:
    assert faults(ledger) == {}
    plant(ledger, statement)
    found = faults(ledger)
    assert any(said in fault for fault in found[check]), found


def test_an_older_state_of_a_customer_is_found(ledger: Path) -> None:
    plant(
        ledger,
        "UPDATE customers SET patron = 'Ola', record = (SELECT record FROM journal WHERE revision = 97)"
        " WHERE customer_id = 'blue-door'",
    )
    assert "customers/blue-door: is of revision 97" in faults(ledger)["customers"][0]


def test_what_is_wrong_is_printed_and_it_ends_with_1(ledger: Path, command: Command) -> None:
    plant(ledger, "UPDATE facts SET totals = replace(totals, ':[', ':[7')")
    ended = command("verify", "--database", ledger)
    assert ended.exit_code == 1
    lines = ended.stdout.splitlines()
    assert lines[4].startswith("totals     WRONG") and "customers/" in lines[5]
    assert "and 14 more" in ended.stdout
    assert "is not whole; restore a backup: clientela-server restore FILE --force" in ended.stderr


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_byte_is_found_or_harmless(ledger: Path, command: Command, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(ledger.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    ledger.write_bytes(content)
    ended = command("verify", "--database", ledger)
    assert ended.exit_code == 1, f"byte {place}: {ended.stdout}"


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "of an older version"), (b"no database at all" * 99, "not a database")]
)
def test_a_file_that_is_none_is_said_to_be_none(
    ledger: Path, command: Command, content: bytes, said: str
) -> None:
    ledger.write_bytes(content)
    ended = command("verify", "--database", ledger)
    assert (ended.exit_code, said in ended.stderr) == (1, True)
    missing = command("verify", "--database", ledger.with_name("none.db"))
    assert (missing.exit_code, "no such database" in missing.stderr) == (1, True)
    assert not ledger.with_name("none.db").exists()

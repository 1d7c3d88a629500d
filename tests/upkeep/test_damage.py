"""A server on a damaged file refuses to start, or serves what is whole and reports the rest."""

import hashlib
from pathlib import Path

import apsw
import grpc
import pytest

from clientela.v1.customers_pb2 import DeleteCustomerRequest
from clientela_lab.servers.local_server import LocalServer, ServerDidNotStart
from clientela_server.store.database.files.page_checks import connect
from tests.faults.flipped_bytes import Answers, outcome_of, read_all
from tests.rpc.callers import Caller
from tests.rpc.making import at, read_customer, to_record
from tests.rpc.refusals import Refused
from tests.upkeep.commands import Command

# Folded as filters compare it, and so in the table of customers only, not in the journal.
NAME = b"blue door caf"


def damage(path: Path, mark: bytes) -> int:
    """Change a bit in each page that holds the mark; return their number."""
    content = bytearray(path.read_bytes())
    places = {content.index(mark, start) for start in range(len(content)) if content.startswith(mark, start)}
    for place in places:
        content[place] ^= 1
    path.write_bytes(content)
    return len(places)


def test_a_damaged_page_is_no_answer_and_the_others_are_served(ledger: Path) -> None:
    assert damage(ledger, NAME)
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        with pytest.raises(grpc.RpcError) as caught:
            read_customer(admin, "customers/blue-door")
        read = Refused.of(caught.value)
        with pytest.raises(grpc.RpcError) as caught:
            admin.customers.DeleteCustomer(DeleteCustomerRequest(name="customers/blue-door"))
        write = Refused.of(caught.value)
        for each in (read, write):
            assert (each.code, each.reason) == (grpc.StatusCode.DATA_LOSS, "DATA_DAMAGED")
            assert str(ledger.parent) not in each.message + str(each.facts)
        # Who needs none of the damaged pages can go on.
        assert admin.purchases.RecordPurchase(to_record("customers/s1", purchase_time=at(1))).revision == 104
        assert server.stop() == 0
        assert "restore a backup: clientela-server restore FILE" in server.log


@pytest.mark.parametrize("place", [20, pytest.param(200, marks=pytest.mark.long)])
def test_a_server_does_not_start_on_what_it_can_not_read_and_says_what_to_do(
    ledger: Path, place: int
) -> None:
    content = bytearray(ledger.read_bytes())
    content[place] ^= 1
    ledger.write_bytes(content)
    with pytest.raises(ServerDidNotStart) as caught:
        LocalServer(folder=ledger.parent).start()
    said = str(caught.value)
    assert "restore a backup: clientela-server restore FILE" in said
    assert "Traceback" not in said


def test_tokens_that_can_not_be_read_are_reported_in_a_sentence(ledger: Path, command: Command) -> None:
    token = ledger.with_name("admin.token").read_text().strip()
    assert damage(ledger, hashlib.sha256(token.encode()).digest())
    with pytest.raises(ServerDidNotStart, match="restore a backup") as caught:
        LocalServer(folder=ledger.parent).start()
    listed = command("token", "list", "--database", ledger)
    assert (listed.exit_code, "restore a backup" in listed.stderr) == (1, True)
    assert "Traceback" not in str(caught.value)


def test_a_repaired_ledger_is_served_again(ledger: Path, command: Command) -> None:
    copy = ledger.with_name("copy.db")
    command.done("backup", copy, "--database", ledger)
    damage(ledger, NAME)
    assert command("verify", "--database", ledger).exit_code == 1
    refused = command("backup", ledger.with_name("other.db"), "--database", ledger)
    assert (refused.exit_code, "damaged" in refused.stderr) == (1, True)
    command.done("restore", copy, "--database", ledger, "--force")
    with LocalServer(folder=ledger.parent) as server, grpc.insecure_channel(server.address) as channel:
        assert read_customer(Caller(channel, server.token), "customers/blue-door").patron == "Ewa"


def test_the_judge_of_flipped_bytes_sees_a_wrong_answer(ledger: Path) -> None:
    """Without checksums it would be one: planted by giving a page the checksum of what it was changed to."""
    answers: Answers | None = read_all(ledger)
    assert answers is not None and outcome_of(ledger, answers) == "harmless"
    connection = connect(ledger, apsw.SQLITE_OPEN_READWRITE)
    connection.execute("UPDATE purchases SET units = units + 1 WHERE purchase_id = 'known'")
    connection.close()
    assert outcome_of(ledger, answers) == "served"
    damage(ledger, NAME)
    assert outcome_of(ledger, answers) == "found"

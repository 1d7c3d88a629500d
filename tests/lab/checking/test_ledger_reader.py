"""The ledger is read whole over the wire, and a file that was tampered with is not taken for whole."""

from collections.abc import Iterator

import apsw
import pytest

from clientela_client import connect
from clientela_client.messages import Customer, Date, Policy, Purchase, Segment, Spend
from clientela_lab.checking.ledger_reader import audit, read_ledger
from clientela_lab.checking.money import NANOS, euros
from clientela_lab.servers.local_server import LocalServer


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


def test_an_empty_ledger_is_read_without_waiting_for_an_entry(server: LocalServer) -> None:
    ledger = read_ledger(server.address, server.token)
    assert (ledger.revision, ledger.rows, ledger.totals) == (0, [], {})


def test_every_entry_and_every_total_is_read(server: LocalServer) -> None:
    with connect(server.address, token=server.token) as client:
        client.customers.create(Customer(display_name="Ann"), customer_id="ann", request_id=None)
        sale = client.purchases.record("customers/ann", Purchase(amount=euros(1990), note="beans"))
        client.purchases.refund(sale.name, "torn", amount=euros(500))
    ledger = read_ledger(server.address, server.token)
    assert ledger.revision == 3
    assert [(row.revision, row.cust, row.amount) for row in ledger.rows] == [
        (1, "ann", 0),
        (2, "ann", 1990 * NANOS // 100),
        (3, "ann", -5 * NANOS),
    ]
    assert [row.key for row in ledger.rows[1:]] == ["beans", "torn"]
    assert ledger.totals == {"ann": 1490 * NANOS // 100}
    assert ledger.paid("customers/ann") == "14.90 EUR"
    assert ledger.purchases("customers/an") == []


def test_segments_spends_and_the_policy_are_entries_too(server: LocalServer) -> None:
    before = read_ledger(server.address, server.token).revision
    with connect(server.address, token=server.token) as client:
        client.segments.create(Segment(display_name="All", filter="referrals < 0"), segment_id="all")
        client.standing.update_policy(Policy(new_days=60))
        day = Date(year=2026, month=3, day=1)
        spend = Spend(channel="ACQUISITION_CHANNEL_ADVERTISING", start_date=day, amount=euros(500))
        client.spends.record(spend, spend_id="fair")
        client.spends.delete("spends/fair")
    rows = read_ledger(server.address, server.token).rows
    about = [row.cust for row in rows if row.revision > before]
    assert about == ["segments/all", "policy", "spends/fair", "spends/fair"]


def test_a_file_that_was_changed_behind_the_server_s_back_is_not_whole(server: LocalServer) -> None:
    server.stop()
    assert audit(server).whole
    with apsw.Connection(str(server.file)) as file:
        file.execute("UPDATE facts SET totals = replace(totals, ':[', ':[7')")
    found = audit(server)
    server.start()
    assert not found.whole
    assert found.text

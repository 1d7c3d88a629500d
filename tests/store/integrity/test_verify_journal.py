"""The check of the chain knows an erasure by its seal; that of the stages goes by the clock it is given."""

import pytest
import sqlalchemy as sa

from clientela_server.domain.customers import Acquisition, Customer
from clientela_server.domain.days import DAY_US
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft
from clientela_server.nouns import NOUNS
from clientela_server.store.database.connection import Row
from clientela_server.store.database.statements import Statement
from clientela_server.store.integrity.verify import verify
from clientela_server.store.journal.transaction import Apply
from tests.store.bare_ledger import NOW_US, Ledger

pytestmark = pytest.mark.sqlite
PAID = Draft(
    (), Money("EUR", 10**9), NOW_US, purpose=0, sales_path=0, source=0, note="as she said on the telephone"
)
LEFT = "records have no salt, and are not what an erasure left"
UNSEEN = "its record is not what was written"


def faults(ledger: Ledger, now_us: int = NOW_US) -> dict[str, list[str]]:
    """What is wrong, by check; no server ever ran on it, so that its identity is not made."""
    ledger.connection.begin(write=False)
    try:
        checks = list(verify(ledger.connection, NOUNS, clock=lambda: now_us))
    finally:
        ledger.connection.rollback()
    return {check.name: check.faults for check in checks if check.faults and check.name != "identity"}


def rows(ledger: Ledger, select: str) -> list[Row]:
    return ledger.connection.run(Statement(sa.text(select)))


def writes(ledger: Ledger) -> list[Apply]:
    """Two customers who are erased by turns, and what comes before, between and after; some is refused."""
    customers, purchases = ledger.customers, ledger.purchases
    named = Customer("", display_name="Eve", phones=("+48221234567",))
    brought = Customer("", display_name="Ann", acquisition=Acquisition(referrer="eve"))
    return [
        customers.create(named, "eve"),
        customers.create(brought, "ann"),
        purchases.record("eve", PAID, "one"),
        purchases.record("ann", PAID, "one"),
        purchases.refund("eve", "one", Money("EUR", 10**8), "broken"),
        customers.delete("eve", None),
        customers.erase("ann"),
        customers.undelete("eve"),
        purchases.refund("ann", "one", None, "after the erasure"),
        customers.erase("eve"),
        customers.erase("eve"),
        purchases.refund("eve", "one", None, "after the erasure"),
    ]


@pytest.mark.parametrize("at_once", [1, 2, 5, 12])
def test_an_erasure_is_known_by_its_seal_whatever_the_call_was_named(ledger: Ledger, at_once: int) -> None:
    asked = writes(ledger)
    for at in range(0, len(asked), at_once):
        ledger.commit(asked[at : at + at_once])
        assert faults(ledger) == {}
    emptied = "SELECT name FROM journal WHERE salt IS NULL"
    names = {name for (name,) in rows(ledger, emptied)}
    assert names == {"customers/ann", "customers/eve"} | {name for name in names if "/purchases/" in name}
    assert len(names) == 5


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("record = CAST(record || x'2001' AS BLOB) WHERE revision = 2", {UNSEEN, LEFT}),
        ("salt = NULL WHERE revision = 7", {LEFT}),
        ("salt = NULL WHERE revision = 11", {LEFT}),
        ("salt = zeroblob(16) WHERE revision = 2", {UNSEEN}),
        (
            "method = 'CustomerService.EraseCustomer' WHERE revision = 8",
            {"it is not what was written behind the entry before"},
        ),
    ],
)
def test_what_no_erasure_left_does_not_pass_for_it(ledger: Ledger, change: str, told: set[str]) -> None:
    ledger.commit(writes(ledger))
    ledger.connection.script(f"UPDATE journal SET {change}")
    assert told <= {each.rpartition(": ")[2] for each in faults(ledger)["journal"]}


def test_a_stage_is_judged_by_the_clock_that_is_given(ledger: Ledger) -> None:
    """A sweep that changes no stage leaves no entry, so that only the clock tells that it has been."""
    ledger.commit([ledger.customers.create(Customer("", display_name="Eve"), "eve")])
    ledger.commit([ledger.purchases.record("eve", PAID, "one")])
    later_us = NOW_US + 40 * DAY_US
    ledger.within(ledger.due_stages.run_batch, later_us)
    assert faults(ledger, later_us) == {}
    assert faults(ledger, NOW_US) == {
        "stages": ["customers/eve: the day on which to look at it again is later than its stage may change"]
    }

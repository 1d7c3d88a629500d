"""What is recorded and refunded, what is refused, and in which order of rules."""

import pytest
import sqlalchemy as sa

from clientela_server.domain.customers import Customer
from clientela_server.domain.money import NANOS_PER_UNIT, UNITS_MAX, Money
from clientela_server.domain.purchases import Draft, Purchase
from clientela_server.nouns import NOUNS
from clientela_server.store.database.schema import purchases
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.transaction import Apply
from clientela_server.store.nouns import purchases as rows
from tests.store.bare_ledger import NOW_US, Ledger
from tests.usecases.left_behind import reason_of

pytestmark = pytest.mark.sqlite
EUR = 10**9
_REFUNDS = Statement(sa.select(purchases.c.purchase_id).where(purchases.c.refund_of.is_not(None)))


@pytest.fixture
def shop(ledger: Ledger) -> Ledger:
    """A ledger with Ann, and with Ben, who is deleted."""
    ledger.commit([ledger.customers.create(Customer("", display_name="x"), who) for who in ("ann", "ben")])
    ledger.commit([ledger.customers.delete("ben", None)])
    return ledger


def record(ledger: Ledger, who: str, which: str | None, nanos: int = EUR) -> Apply:
    draft = Draft((), Money("EUR", nanos), None, purpose=0, sales_path=0, source=0, note=None)
    return ledger.purchases.record(who, draft, which)


def refund(ledger: Ledger, which: str, nanos: int | None = None) -> Apply:
    wanted = None if nanos is None else Money("EUR", nanos)
    return ledger.purchases.refund("ann", which, wanted, "as agreed")


def refunded(ledger: Ledger, which: str) -> int:
    return rows.get(ledger.connection, "ann", which)[1]


def test_a_purchase_is_kept_with_who_recorded_it_and_when(shop: Ledger) -> None:
    assert reason_of(shop, record(shop, "ann", "p")) == ""
    kept = NOUNS.codec(Purchase).decode(rows.get(shop.connection, "ann", "p")[0])
    assert (kept.name, kept.recorded_by, kept.purchase_us) == ("customers/ann/purchases/p", "clerk", NOW_US)


@pytest.mark.parametrize(
    ("who", "reason"), [("nobody", "CUSTOMER_NOT_FOUND"), ("ben", "CUSTOMER_DELETED"), ("ann", "")]
)
def test_only_an_active_customer_buys(shop: Ledger, who: str, reason: str) -> None:
    assert reason_of(shop, record(shop, who, "p")) == reason


def test_a_purchase_is_settled_before_anything_is_looked_up(shop: Ledger) -> None:
    assert reason_of(shop, record(shop, "nobody", "p", nanos=1)) == "AMOUNT_TOO_FINE"


def test_a_name_is_taken_once_also_within_one_commit(shop: Ledger) -> None:
    refused = shop.commit([record(shop, "ann", "p"), record(shop, "ann", "p"), record(shop, "ann", "q")])
    assert [each.reason for each in refused] == ["PURCHASE_EXISTS"]
    assert reason_of(shop, record(shop, "ann", "p")) == "PURCHASE_EXISTS"


def test_the_name_of_a_refused_purchase_is_free_within_the_same_commit(shop: Ledger) -> None:
    most = UNITS_MAX * NANOS_PER_UNIT
    shop.commit([record(shop, "ann", "most", most)])
    refused = shop.commit([record(shop, "ann", "p", most), record(shop, "ann", "p", 0)])
    assert [each.reason for each in refused] == ["TOTAL_OVERFLOW"]
    assert refunded(shop, "p") == 0
    assert shop.faults() == []


def test_refunds_in_one_commit_add_up_and_never_exceed_what_was_paid(shop: Ledger) -> None:
    shop.commit([record(shop, "ann", "p", 5 * EUR)])
    refused = shop.commit([refund(shop, "p", 2 * EUR), refund(shop, "p", 4 * EUR), refund(shop, "p")])
    assert [each.reason for each in refused] == ["REFUND_EXCEEDS_PURCHASE"]
    assert refunded(shop, "p") == 5 * EUR
    assert reason_of(shop, refund(shop, "p")) == "REFUNDED_WHOLLY"
    assert shop.faults() == []


def test_a_refund_is_of_a_purchase_that_is_there(shop: Ledger) -> None:
    shop.commit([record(shop, "ann", "p")])
    assert reason_of(shop, refund(shop, "q")) == "PURCHASE_NOT_FOUND"
    shop.commit([refund(shop, "p")])
    ((of_refund,),) = shop.connection.run(_REFUNDS)
    assert reason_of(shop, refund(shop, of_refund)) == "REFUND_OF_REFUND"

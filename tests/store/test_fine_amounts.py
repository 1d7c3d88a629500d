"""A ledger from before amounts were held to coins is read, verified and refunded to the last nano."""

import pytest

from clientela_server.domain import purchases as rules
from clientela_server.domain.customers import Customer
from clientela_server.domain.errors import Refusal
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft, Purchase
from clientela_server.nouns import NOUNS
from clientela_server.store.integrity.verify import verify
from clientela_server.store.nouns.purchases import get
from tests.store.bare_ledger import NOW_US, Ledger

pytestmark = pytest.mark.sqlite
YEN = 10**9
OLD = Money("JPY", 100 * YEN + YEN // 2)


@pytest.fixture
def old(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger that holds 100.5 JPY."""
    with monkeypatch.context() as before:
        before.setattr(rules, "require_payable", lambda *_: None)
        draft = Draft((), OLD, NOW_US, purpose=0, sales_path=0, source=0, note=None)
        ledger.commit(
            [
                ledger.customers.create(Customer("", display_name="x"), "ann"),
                ledger.purchases.record("ann", draft, "old"),
            ]
        )
    return ledger


def faults(ledger: Ledger) -> list[str]:
    ledger.connection.begin(write=False)
    try:
        checks = verify(ledger.connection, NOUNS)
        # No server ever ran on it, so that its identity is not made.
        return [fault for check in checks if check.name != "identity" for fault in check.faults]
    finally:
        ledger.connection.rollback()


def read(ledger: Ledger) -> tuple[Money, int]:
    ledger.connection.begin(write=False)
    try:
        record, refunded = get(ledger.connection, "ann", "old")
        return NOUNS.codec(Purchase).decode(record).amount, refunded
    finally:
        ledger.connection.rollback()


def refund(ledger: Ledger, wanted: Money | None) -> Refusal | None:
    """Refund; the refusal where it is refused."""
    refused = ledger.commit([ledger.purchases.refund("ann", "old", wanted, "x")])
    return refused[0] if refused else None


def test_a_finer_amount_of_old_is_read_and_verified(old: Ledger) -> None:
    assert read(old) == (OLD, 0)
    assert faults(old) == []


@pytest.mark.parametrize("rest", [None, Money("JPY", YEN // 2)])
def test_a_finer_amount_of_old_is_given_back_to_the_last_nano(old: Ledger, rest: Money | None) -> None:
    assert refund(old, Money("JPY", 100 * YEN)) is None
    assert refund(old, rest) is None

    assert read(old) == (OLD, OLD.nanos)
    assert faults(old) == []


def test_a_finer_amount_of_old_is_given_back_at_once(old: Ledger) -> None:
    assert refund(old, OLD) is None
    assert read(old) == (OLD, OLD.nanos)


def test_a_part_of_it_must_be_in_coins(old: Ledger) -> None:
    refused = refund(old, Money("JPY", YEN // 4))

    assert refused is not None
    assert (refused.reason, refused.facts["amount"]) == ("AMOUNT_TOO_FINE", "0.25 JPY")
    assert read(old) == (OLD, 0)

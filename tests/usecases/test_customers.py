"""What may become of a customer, and what is claimed for one alone."""

from dataclasses import replace

import pytest

from clientela_server.domain.customers import Acquisition, Customer
from clientela_server.store.journal.transaction import Apply, Transaction
from tests.store.bare_ledger import Ledger
from tests.usecases.left_behind import reason_of

pytestmark = pytest.mark.sqlite
ANN = Customer("", display_name="Ann", emails=("Ann@Example.com",))
OTHER = Customer("", display_name="Other")


def create(ledger: Ledger, who: str, stated: Customer = OTHER) -> Apply:
    return ledger.customers.create(stated, who)


def rename(ledger: Ledger, who: str, *, etag: str = "", allow_missing: bool = False) -> Apply:
    return ledger.customers.update(who, etag, lambda old: replace(old, display_name="New"), allow_missing)


def test_an_id_is_taken_once_also_by_who_is_deleted(ledger: Ledger) -> None:
    refused = ledger.commit(
        [create(ledger, "ann"), create(ledger, "ann"), ledger.customers.delete("ann", None)]
    )
    assert [each.reason for each in refused] == ["CUSTOMER_EXISTS"]
    assert reason_of(ledger, create(ledger, "ann")) == "CUSTOMER_EXISTS"


def test_an_e_mail_address_is_one_customer_s_until_that_one_is_deleted(ledger: Ledger) -> None:
    again = replace(ANN, emails=("ann@example.com",))
    refused = ledger.commit([create(ledger, "ann", ANN), create(ledger, "eve", again)])
    assert [each.reason for each in refused] == ["EMAIL_TAKEN"]
    ledger.commit([ledger.customers.delete("ann", None)])
    assert reason_of(ledger, create(ledger, "eve", again)) == ""
    assert reason_of(ledger, ledger.customers.undelete("ann")) == "EMAIL_TAKEN"


def test_a_referrer_is_there_when_it_is_first_stated(ledger: Ledger) -> None:
    brought = replace(OTHER, acquisition=Acquisition(referrer="ann"))
    assert reason_of(ledger, create(ledger, "ben", brought)) == "REFERRER_NOT_FOUND"
    assert ledger.commit([create(ledger, "ann"), create(ledger, "ben", brought)]) == []
    assert ledger.faults() == []


def test_a_customer_that_is_missing_is_made_by_an_update_only_where_that_is_allowed(ledger: Ledger) -> None:
    assert reason_of(ledger, rename(ledger, "ann")) == "CUSTOMER_NOT_FOUND"
    assert reason_of(ledger, rename(ledger, "ann", allow_missing=True)) == ""
    assert reason_of(ledger, create(ledger, "ann")) == "CUSTOMER_EXISTS"


def test_an_etag_is_current_once(ledger: Ledger) -> None:
    ledger.commit([create(ledger, "ann")])
    assert reason_of(ledger, rename(ledger, "ann", etag='"1"')) == ""
    assert reason_of(ledger, rename(ledger, "ann", etag='"1"')) == "ETAG_MISMATCH"
    assert reason_of(ledger, ledger.customers.delete("ann", '"1"')) == "ETAG_MISMATCH"


def test_what_a_refusal_would_leave_behind_is_seen(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.commit(
        [create(ledger, "ann", ANN), ledger.customers.delete("ann", None), create(ledger, "eve", ANN)]
    )
    monkeypatch.setattr(Transaction, "undo_item", Transaction.keep_item)
    with pytest.raises(AssertionError):
        reason_of(ledger, ledger.customers.undelete("ann"))


def test_deleted_comes_back_and_erased_does_not(ledger: Ledger) -> None:
    customers = ledger.customers
    ledger.commit([create(ledger, "ann", ANN)])
    assert reason_of(ledger, customers.undelete("ann")) == "CUSTOMER_NOT_DELETED"
    assert reason_of(ledger, customers.delete("ann", None)) == ""
    assert reason_of(ledger, customers.delete("ann", None)) == "CUSTOMER_DELETED"
    assert reason_of(ledger, rename(ledger, "ann")) == "CUSTOMER_DELETED"
    assert reason_of(ledger, customers.undelete("ann")) == ""
    assert reason_of(ledger, customers.erase("ann")) == ""
    assert reason_of(ledger, rename(ledger, "ann")) == "CUSTOMER_ERASED"
    for write in (customers.undelete("ann"), customers.erase("ann")):
        assert reason_of(ledger, write) == "CUSTOMER_ERASED"

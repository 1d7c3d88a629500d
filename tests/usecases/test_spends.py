"""A spend is recorded once, and deleted once."""

import pytest

from clientela_server.domain.money import Money
from clientela_server.domain.spends import Spend
from clientela_server.nouns import NOUNS
from clientela_server.usecases.spends import Spends
from tests.store.bare_ledger import NOW_US, Ledger
from tests.usecases.left_behind import reason_of

pytestmark = pytest.mark.sqlite
ADVERTISING = 1
SPENT = Spend("", ADVERTISING, 100, 109, Money("EUR", 10**9))
SPENDS = Spends(NOUNS)


def within(ledger: Ledger, first: int, last: int) -> list[str]:
    return [each.id for each in SPENDS.within(ledger.connection, "EUR", first, last)]


def test_a_spend_is_kept_with_who_recorded_it_and_when(ledger: Ledger) -> None:
    assert reason_of(ledger, SPENDS.record(SPENT, "fair")) == ""
    (kept,) = SPENDS.within(ledger.connection, "EUR", 100, 100)
    assert (kept.name, kept.recorded_by, kept.create_us) == ("spends/fair", "clerk", NOW_US)


def test_an_id_is_taken_once_also_within_one_commit(ledger: Ledger) -> None:
    refused = ledger.commit([SPENDS.record(SPENT, "fair"), SPENDS.record(SPENT, "fair")])
    assert [each.reason for each in refused] == ["SPEND_EXISTS"]
    assert reason_of(ledger, SPENDS.record(SPENT, "fair")) == "SPEND_EXISTS"


@pytest.mark.parametrize(("first", "last", "found"), [(109, 200, 1), (0, 100, 1), (110, 200, 0), (0, 99, 0)])
def test_what_is_within_a_period_overlaps_it_by_a_day(
    ledger: Ledger, first: int, last: int, found: int
) -> None:
    ledger.commit([SPENDS.record(SPENT, "fair")])
    assert within(ledger, first, last) == ["fair"][:found]


def test_a_spend_is_deleted_once_and_its_id_is_free_again(ledger: Ledger) -> None:
    ledger.commit([SPENDS.record(SPENT, "fair")])
    assert reason_of(ledger, SPENDS.delete("fair")) == ""
    assert within(ledger, 0, 200) == []
    assert reason_of(ledger, SPENDS.delete("fair")) == "SPEND_NOT_FOUND"
    assert reason_of(ledger, SPENDS.record(SPENT, "fair")) == ""

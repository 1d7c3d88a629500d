"""The running totals are what a scan of the whole ledger would give, whatever came in which order."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import OutOfRange
from clientela_server.domain.money import NANOS_PER_UNIT, UNITS_MAX
from clientela_server.domain.totals import Totals, with_purchase, with_refund


@dataclass(frozen=True)
class Bought:
    amount: int
    at_us: int


@dataclass(frozen=True)
class Refunded:
    amount: int


Entry = Bought | Refunded
amounts = st.integers(0, 10**15)
bought = st.builds(Bought, amounts, st.integers(-(10**15), 10**15))
refunded = st.builds(Refunded, amounts)
# A refund follows the purchase that it is of, so the first entry is a purchase; all else is in any order.
ledgers = st.builds(lambda first, rest: [first, *rest], bought, st.lists(bought | refunded, max_size=20))


def kept(entries: list[Entry]) -> Totals:
    """Run the totals along, entry by entry."""
    totals: Totals | None = None
    for entry in entries:
        match entry:
            case Bought(amount, at_us):
                totals = with_purchase(totals, "EUR", amount, at_us)
            case Refunded(amount):
                assert totals is not None
                totals = with_refund(totals, amount)
    assert totals is not None
    return totals


def scanned(entries: list[Entry]) -> Totals:
    """Count them all at the end."""
    purchases = [entry for entry in entries if isinstance(entry, Bought)]
    refunds = [entry for entry in entries if isinstance(entry, Refunded)]
    times = [purchase.at_us for purchase in purchases]
    amount = sum(each.amount for each in purchases) - sum(each.amount for each in refunds)
    return Totals("EUR", len(purchases), amount, min(times), max(times))


@given(ledgers)
def test_running_totals_are_what_a_scan_gives(entries: list[Entry]) -> None:
    assert kept(entries) == scanned(entries)


@given(
    st.lists(bought, min_size=1, max_size=8).flatmap(
        lambda each: st.tuples(st.just(each), st.permutations(each))
    )
)
def test_the_order_in_which_purchases_come_does_not_matter(
    both: tuple[list[Entry], list[Entry]],
) -> None:
    assert kept(both[0]) == kept(both[1])


def test_a_back_dated_purchase_moves_the_first_and_not_the_last() -> None:
    assert kept([Bought(1, 50), Bought(1, 20)]) == Totals("EUR", 2, 2, 20, 50)


def test_a_refund_takes_the_money_and_leaves_count_and_times() -> None:
    assert kept([Bought(7, 50), Refunded(7)]) == Totals("EUR", 1, 0, 50, 50)


def test_a_purchase_that_would_overflow_the_sum_is_refused() -> None:
    full = with_purchase(None, "EUR", UNITS_MAX * NANOS_PER_UNIT, 1)

    with pytest.raises(OutOfRange):
        with_purchase(full, "EUR", NANOS_PER_UNIT, 2)

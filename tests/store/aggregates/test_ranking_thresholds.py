"""The ranking thresholds of STRATEGIC and MASS are those that a scan of all customers gives."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.customers import Customer
from clientela_server.domain.days import DAY_US
from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Draft, Line
from clientela_server.domain.standing.kinds import Kind
from clientela_server.domain.standing.market import revenue_threshold
from clientela_server.domain.standing.policy import Policy
from clientela_server.store.aggregates.ranking_thresholds import (
    ThresholdScan,
    apply_mismatches,
    scan_thresholds,
)
from tests.store.bare_ledger import NOW_US, Ledger

pytestmark = pytest.mark.sqlite
POLICY = Policy()
EURO = 10**9


def bought(euros: int, days_ago: int = 0, tea: str | None = None) -> Draft:
    lines = (Line(None, None, "tea", tea, None),) if tea else ()
    return Draft(
        lines,
        Money("EUR", euros * EURO),
        NOW_US - days_ago * DAY_US,
        purpose=0,
        sales_path=0,
        source=0,
        note=None,
    )


def filled(ledger: Ledger, purchases: dict[str, list[Draft]]) -> None:
    ledger.commit([ledger.customers.create(Customer("", display_name="x"), who) for who in purchases])
    ledger.commit(
        [ledger.purchases.record(who, each, None) for who, all_ in purchases.items() for each in all_]
    )


def lines(ledger: Ledger) -> ThresholdScan:
    ledger.connection.begin(write=False)
    try:
        return scan_thresholds(ledger.connection, POLICY, NOW_US)
    finally:
        ledger.connection.rollback()


@settings(max_examples=7 * settings.default.max_examples)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(1, 100))
def test_the_set_is_the_smallest_that_makes_the_share(amounts: list[int], percent: int) -> None:
    ranked = sorted(
        ((f"c{place:02}", each) for place, each in enumerate(amounts)), key=lambda c: (-c[1], c[0])
    )
    line = revenue_threshold(*zip(*ranked, strict=True), Policy(strategic_percent=percent))
    inside = [each for each in ranked if line.includes(*each)]
    share = Fraction(percent, 100) * sum(amounts)
    assert inside == ranked[: line.members]
    assert sum(amount for _, amount in inside) >= share > sum(amount for _, amount in inside[:-1])


def test_revenue_is_of_the_days_that_count_less_what_was_given_back(ledger: Ledger) -> None:
    filled(ledger, {"ann": [bought(50, 364)], "ben": [bought(90, 365), bought(20)], "eve": [bought(60)]})
    found = lines(ledger)
    line = found.thresholds.revenue["EUR"]
    assert (line.customer_id, line.amount, line.members, line.total) == ("ann", 50 * EURO, 2, 130 * EURO)
    assert [line.rank("eve", euros * EURO) for euros in (60, 51, 20)] == [1, 2, 3]
    assert found.mismatches == [("ann", 1 << Kind.STRATEGIC), ("eve", 1 << Kind.STRATEGIC)]


def test_what_is_kept_for_filters_follows_and_is_then_right(ledger: Ledger) -> None:
    filled(ledger, {"ann": [bought(50)], "ben": [bought(20)]})
    mismatches = lines(ledger).mismatches
    ledger.within(lambda transaction: apply_mismatches(transaction, mismatches))
    assert mismatches and lines(ledger).mismatches == []


@pytest.mark.parametrize(
    ("quantities", "least"),
    [
        (range(1, 11), Decimal(10)),
        (range(1, 21), Decimal(19)),
        ([*range(1, 20), 19], Decimal(19)),
        ([*range(1, 18), 19, 19, 19], None),
        ([1] * 30, None),
        ([*[1] * 28, 5, 5], Decimal(5)),
        (range(1, 10), None),
    ],
)
def test_the_top_holds_a_tenth_at_most_and_all_who_are_alike(
    ledger: Ledger, quantities: range | list[int], least: Decimal | None
) -> None:
    filled(
        ledger,
        {f"c{place:02}": [bought(1, tea=str(each))] for place, each in enumerate(quantities)},
    )
    found = lines(ledger)
    assert found.thresholds.quantities["tea"].least == least
    top = [each for each, bits in found.mismatches if bits >> Kind.MASS & 1]
    assert len(top) == (0 if least is None else sum(each >= least for each in quantities))


def test_a_database_without_purchases_has_no_lines(ledger: Ledger) -> None:
    assert lines(ledger).thresholds.revenue == {}

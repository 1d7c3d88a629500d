"""The running facts are what a scan of the whole ledger would give, whatever came in which order."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from statistics import median
from struct import pack

from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.days import date_of, day_of, first_day_of, month_of
from clientela_server.domain.standing.facts import Facts, median_quantity
from clientela_server.domain.standing.facts import with_purchase as bought_on
from tests.domain.clients import COIN, TODAY, Bought, facts_of, ledgers, line


@settings(max_examples=20 * settings.default.max_examples)
@given(ledgers, st.randoms(use_true_random=False))
def test_facts_are_the_same_in_whatever_order_purchases_come(ledger: list[Bought], chance: object) -> None:
    shuffled = list(ledger)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert facts_of(shuffled) == facts_of(sorted(ledger, key=lambda each: -each.ago))


@settings(max_examples=20 * settings.default.max_examples)
@given(ledgers)
def test_facts_are_what_a_scan_gives(ledger: list[Bought]) -> None:
    facts = facts_of(ledger)
    days = sorted({TODAY - each.ago for each in ledger})
    gaps = sorted(after - before for before, after in pairwise(days))
    assert (list(facts.days), list(facts.gaps)) == (days, gaps)
    assert facts.twice_median_gap == (2 * median(gaps) if gaps else 0)
    months = Counter(month_of(day) for day in days)
    assert dict(zip(facts.months, facts.month_days, strict=True)) == months
    assert facts.purchases == len(ledger)
    assert facts.own_use == sum(each.purpose == 1 for each in ledger)
    assert facts.business == sum(each.purpose > 1 for each in ledger)
    assert facts.direct == sum(each.sales_path == 1 for each in ledger)
    assert facts.partner == sum(each.sales_path == 2 for each in ledger)


@given(ledgers, st.integers(0, 2000), st.integers(0, 2000))
def test_revenue_of_a_window_is_what_was_paid_in_it_less_what_was_given_back_of_that(
    ledger: list[Bought], one: int, other: int
) -> None:
    first, last = sorted((TODAY - one, TODAY - other))
    facts = facts_of(ledger)
    for currency in {each.currency for each in ledger}:
        left = [
            each.cents - each.refunded
            for each in ledger
            if each.currency == currency and first <= TODAY - each.ago <= last
        ]
        assert facts.revenue.within(currency, first, last) == sum(left) * COIN


@settings(max_examples=20 * settings.default.max_examples)
@given(ledgers)
def test_revenue_is_kept_by_currency_and_day_with_the_number_of_purchases(ledger: list[Bought]) -> None:
    """Each record has 24 bytes: reports read those of all clients at once, and rely on where what is."""
    days: dict[tuple[bytes, int], list[Bought]] = {}
    for each in ledger:
        days.setdefault((each.currency.encode() + b"\0", TODAY - each.ago), []).append(each)
    wanted = []
    for (currency, day), found in sorted(days.items()):
        units, nanos = divmod(sum(each.cents - each.refunded for each in found) * COIN, 10**9)
        wanted.append(currency + pack("<iiiq", day, len(found), nanos, units))
    revenue = facts_of(ledger).revenue
    assert revenue.packed == b"".join(wanted)
    assert list(revenue.currencies()) == sorted({each.currency for each in ledger})
    assert revenue.days() == {TODAY - each.ago for each in ledger}


@given(ledgers)
def test_quantities_are_counted_by_category_and_purchase(ledger: list[Bought]) -> None:
    facts = facts_of(ledger)
    found: dict[str, list[Decimal]] = {}
    for each in ledger:
        sums: dict[str, Decimal] = {}
        for category, quantity in each.quantities:
            sums[category] = sums.get(category, Decimal()) + Decimal(quantity)
        for category, total in sums.items():
            found.setdefault(category, []).append(total)
    medians = {category: median_quantity(counted) for category, counted in facts.quantities.items()}
    assert medians == {category: median(values) for category, values in found.items()}


def test_what_was_known_before_is_left_as_it_was() -> None:
    before = facts_of([Bought(10, quantities=(("tea", "2"),)), Bought(4)])
    copy = facts_of([Bought(10, quantities=(("tea", "2"),)), Bought(4)])
    bought_on(before, TODAY - 7, "EUR", 5 * COIN, purpose=1, sales_path=1, lines=[line("tea", None)])
    assert before == copy


def test_quantities_are_written_one_way_and_a_line_without_one_is_one() -> None:
    lines = [line("tea", "1.50"), line("tea", "0.5"), line("cups", None), line(None, "9")]
    facts = bought_on(Facts(), TODAY, "EUR", COIN, lines=lines)
    assert facts.quantities == {"tea": {"2": 1}, "cups": {"1": 1}}


def test_days_are_those_of_utc() -> None:
    assert (day_of(-1), day_of(0), day_of(86_400_000_000)) == (-1, 0, 1)
    assert (date_of(0), date_of(TODAY)) == ("1970-01-01", "2024-10-04")
    assert month_of(first_day_of(12 * 2024 + 9)) == 12 * 2024 + 9

"""Packed revenue answers as a dictionary by currency and day would, whatever is added in which order."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.money import NANOS_PER_UNIT, UNITS_MAX
from clientela_server.domain.revenue import Revenue

CURRENCIES = ("EUR", "JPY", "PLN")
DAYS = st.integers(-3, 12) | st.integers(-(2**31), 2**31 - 2)
AMOUNTS = st.integers(-(10**12), 10**12) | st.integers(0, 1000).map(lambda units: units * NANOS_PER_UNIT)
ENTRIES = st.lists(st.tuples(st.sampled_from(CURRENCIES), DAYS, AMOUNTS, st.integers(0, 2)), max_size=12)
Entry = tuple[str, int, int, int]


def packed(entries: list[Entry]) -> Revenue:
    revenue = Revenue()
    for entry in entries:
        revenue = revenue.plus(*entry)
    return revenue


@given(ENTRIES, DAYS, DAYS)
def test_sums_days_and_currencies_are_those_of_a_scan(entries: list[Entry], one: int, other: int) -> None:
    revenue, first, last = packed(entries), min(one, other), max(one, other)
    by_key: Counter[tuple[str, int]] = Counter()
    for currency, day, amount, _ in entries:
        by_key[currency, day] += amount
    assert list(revenue.currencies()) == sorted({currency for currency, *_ in entries})
    assert revenue.days() == {day for _, day, *_ in entries}
    for currency in CURRENCIES:
        days = sorted((day, nanos) for (known, day), nanos in by_key.items() if known == currency)
        assert revenue.by_day(currency) == days
        assert revenue.within(currency, first, last) == sum(n for day, n in days if first <= day <= last)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(entries: list[Entry], chance: object) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert packed(shuffled) == packed(entries)


@given(ENTRIES, st.tuples(st.sampled_from(CURRENCIES), DAYS, AMOUNTS))
def test_what_is_added_and_taken_off_again_leaves_every_sum(
    entries: list[Entry], more: tuple[str, int, int]
) -> None:
    before = packed(entries)
    copy = before.packed
    currency, day, amount = more
    after = before.plus(currency, day, amount, 1).plus(currency, day, -amount, 0)
    assert before.packed == copy
    assert dict(after.by_day(currency)) == {day: 0} | dict(before.by_day(currency))


def test_the_greatest_sum_of_a_day_is_kept_to_the_nano() -> None:
    most = UNITS_MAX * NANOS_PER_UNIT + NANOS_PER_UNIT - 1
    assert packed([("EUR", 5, most, 1)]).by_day("EUR") == [(5, most)]
    assert packed([("EUR", 5, most - 1, 1), ("EUR", 5, 1, 1)]).within("EUR", 5, 5) == most

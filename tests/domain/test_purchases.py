"""The rules of the ledger: what a purchase comes to, and how much of it can be given back."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from clientela_server.domain.errors import FailedPrecondition, InvalidArgument, Refusal
from clientela_server.domain.money import NANOS_PER_UNIT, UNITS_MAX, Money, coin_nanos
from clientela_server.domain.purchases import (
    CLOCK_SKEW_US,
    Draft,
    Line,
    line_nanos,
    refundable,
    settle,
)

NOW_US = 1_800_000_000_000_000
EUR = NANOS_PER_UNIT
CENT = NANOS_PER_UNIT // 100
NAME = "customers/ann/purchases/1"


def line(price: int | None, quantity: str | None = None, currency: str = "EUR") -> Line:
    return Line(None, None, None, quantity, None if price is None else Money(currency, price))


def draft(lines: Sequence[Line] = (), amount: Money | None = None, purchase_us: int | None = None) -> Draft:
    return Draft(tuple(lines), amount, purchase_us, purpose=0, sales_path=0, source=0, note=None)


def refused(stated: Draft) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as caught:
        settle(stated, NOW_US)
    return caught.value


# ---- amounts and lines


def test_the_amount_is_the_sum_of_the_lines_where_none_is_stated() -> None:
    settled = settle(draft([line(3 * EUR), line(2 * EUR, "2.5")]), NOW_US)

    assert settled.amount == Money("EUR", 8 * EUR)


def test_a_stated_amount_stands_where_no_line_has_a_price() -> None:
    settled = settle(draft([line(None, "3")], Money("EUR", 5 * EUR)), NOW_US)

    assert settled.amount == Money("EUR", 5 * EUR)


def test_zero_is_an_amount() -> None:
    assert settle(draft(amount=Money("EUR", 0)), NOW_US).amount == Money("EUR", 0)


@pytest.mark.parametrize("lines", [[], [line(None)], [line(EUR), line(None)]])
def test_without_a_price_on_every_line_an_amount_is_required(lines: list[Line]) -> None:
    refusal = refused(draft(lines))

    assert refusal.reason == "AMOUNT_MISSING"
    assert refusal.faults[0].path == "purchase.amount"


@pytest.mark.parametrize(
    ("off", "fits"), [(CENT, True), (CENT + 1, False), (-CENT, True), (-CENT - 1, False)]
)
def test_a_stated_amount_may_differ_by_half_a_coin_a_line(off: int, fits: bool) -> None:
    stated = draft([line(3 * EUR), line(2 * EUR)], Money("EUR", 5 * EUR + off))

    if fits:
        assert settle(stated, NOW_US).amount == stated.amount
    else:
        refusal = refused(stated)
        assert refusal.reason == "AMOUNT_MISMATCH"
        assert refusal.facts["sum_of_lines"] == "5.00 EUR"


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)), min_size=1, max_size=6),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_rounding_each_line_or_only_the_sum_are_both_accepted(
    rows: list[tuple[int, int]], currency: str
) -> None:
    coin = coin_nanos(currency)
    lines = [line(price * coin, f"{thousandths / 1000:.3f}", currency) for price, thousandths in rows]
    exact = sum(Fraction(thousandths, 1000) * price for price, thousandths in rows)
    by_line = sum(line_nanos(each.quantity, each.unit_price) for each in lines if each.unit_price)

    settle(draft(lines, Money(currency, by_line)), NOW_US)
    settle(draft(lines, Money(currency, floor(exact + Fraction(1, 2)) * coin)), NOW_US)


digits = st.integers(0, 10**9 - 1)
quantities = st.builds(lambda whole, rest: f"{whole}.{rest:09d}", st.integers(0, 10**12 - 1), digits)


@given(quantities, st.integers(0, 10**24))
# More digits than decimal arithmetic keeps where nobody says how many.
@example("100000000000.000000001", 14_999_999_990_000_000)
def test_a_line_is_rounded_half_up_from_its_exact_value(quantity: str, price: int) -> None:
    exact = Fraction(quantity) * price
    assume(exact < UNITS_MAX * NANOS_PER_UNIT)
    # A price finer than a coin stays exact: down to its own last digit.
    step = next(power for power in (10**each for each in range(9, -1, -1)) if price % power == 0)
    unit = min(coin_nanos("EUR"), step)

    assert line_nanos(quantity, Money("EUR", price)) == floor(exact / unit + Fraction(1, 2)) * unit


@pytest.mark.parametrize(
    ("stated", "path"),
    [
        (draft([line(EUR), line(EUR, currency="PLN")]), "purchase.lines[1].unit_price.currency_code"),
        (draft([line(EUR)], Money("PLN", EUR)), "purchase.amount.currency_code"),
    ],
)
def test_two_currencies_in_one_purchase_are_refused(stated: Draft, path: str) -> None:
    refusal = refused(stated)

    assert refusal.reason == "CURRENCY_MIXED"
    assert refusal.faults[0].path == path
    assert (refusal.facts["currency_code"], refusal.facts["expected"]) == ("PLN", "EUR")


def test_lines_whose_sum_would_overflow_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        settle(draft([line(UNITS_MAX * EUR), line(UNITS_MAX * EUR)]), NOW_US)

    assert caught.value.reason == "TOTAL_OVERFLOW"


# ---- the time


def test_the_time_is_now_where_none_is_stated() -> None:
    assert settle(draft(amount=Money("EUR", 1)), NOW_US).purchase_us == NOW_US


@pytest.mark.parametrize("at_us", [-1, 0, NOW_US, NOW_US + CLOCK_SKEW_US])
def test_a_time_past_or_within_the_difference_of_clocks_is_taken_as_stated(at_us: int) -> None:
    assert settle(draft(amount=Money("EUR", 1), purchase_us=at_us), NOW_US).purchase_us == at_us


def test_a_time_in_the_future_is_refused() -> None:
    refusal = refused(draft(amount=Money("EUR", 1), purchase_us=NOW_US + CLOCK_SKEW_US + 1))

    assert refusal.reason == "PURCHASE_IN_FUTURE"
    assert refusal.facts == {"field": "purchase.purchase_time", "ahead_s": "60"}


@given(st.integers(NOW_US, NOW_US + CLOCK_SKEW_US))
def test_settling_twice_changes_nothing_more(at_us: int) -> None:
    once = settle(draft([line(3 * EUR, "1.5")], purchase_us=at_us), NOW_US)

    stated = replace(once.draft, amount=once.amount, purchase_us=once.purchase_us)
    assert settle(stated, NOW_US) == once._replace(draft=stated)
    assert replace(stated, amount=None, purchase_us=None) == draft([line(3 * EUR, "1.5")])


# ---- refunds


@given(
    st.integers(0, 10**6),
    st.lists(st.none() | st.integers(0, 10**6), max_size=12),
)
def test_over_any_sequence_of_refunds_never_more_is_given_back_than_was_paid(
    paid: int, wishes: list[int | None]
) -> None:
    refunded = 0
    for wish in wishes:
        wanted = None if wish is None else Money("EUR", wish)
        try:
            back = refundable(Money("EUR", paid), refunded, wanted, NAME)
        except Refusal:
            assert paid == refunded or wish is None or wish == 0 or wish > paid - refunded
            continue
        assert back.nanos == (paid - refunded if wish is None else wish)
        refunded += back.nanos
        assert back.nanos > 0
        assert refunded <= paid


@pytest.mark.parametrize(
    ("refunded", "wanted", "kind", "reason"),
    [
        (0, Money("EUR", 11 * EUR), FailedPrecondition, "REFUND_EXCEEDS_PURCHASE"),
        (4 * EUR, Money("EUR", 7 * EUR), FailedPrecondition, "REFUND_EXCEEDS_PURCHASE"),
        (10 * EUR, None, FailedPrecondition, "REFUNDED_WHOLLY"),
        (10 * EUR, Money("EUR", EUR), FailedPrecondition, "REFUNDED_WHOLLY"),
        (0, Money("EUR", 0), InvalidArgument, "REFUND_ZERO"),
        (0, Money("PLN", EUR), InvalidArgument, "CURRENCY_MIXED"),
    ],
)
def test_a_refund_is_refused_with_its_reason(
    refunded: int, wanted: Money | None, kind: type[Refusal], reason: str
) -> None:
    with pytest.raises(kind) as caught:
        refundable(Money("EUR", 10 * EUR), refunded, wanted, NAME)

    assert caught.value.reason == reason


def test_a_refund_that_is_too_much_says_how_much_is_left() -> None:
    with pytest.raises(FailedPrecondition) as caught:
        refundable(Money("EUR", 10 * EUR), 4 * EUR, Money("EUR", 7 * EUR), NAME)

    assert caught.value.facts == {"name": NAME, "refundable": "6.00 EUR", "requested": "7.00 EUR"}

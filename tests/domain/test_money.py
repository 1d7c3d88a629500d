"""Money: whole numbers, the coin of each currency, and no sum that wraps."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import FailedPrecondition, InvalidArgument, OutOfRange
from clientela_server.domain.money import (
    NANOS_PER_UNIT,
    UNITS_MAX,
    Money,
    add,
    coin_nanos,
    minor_digits,
    require_coins,
)
from clientela_server.domain.purchases import refundable

MOST = UNITS_MAX * NANOS_PER_UNIT + NANOS_PER_UNIT - 1
CURRENCIES = ["EUR", "PLN", "JPY", "KWD", "CLF", "XYZ"]
nanos = st.integers(0, MOST)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("PLN", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4), ("XYZ", 2)],
)
def test_the_coin_is_that_of_iso_4217_and_a_hundredth_where_it_is_not_listed(
    currency: str, digits: int
) -> None:
    assert minor_digits(currency) == digits
    assert coin_nanos(currency) * 10**digits == NANOS_PER_UNIT


@given(nanos)
def test_units_and_rest_are_what_goes_over_the_wire_and_lose_nothing(amount: int) -> None:
    money = Money("EUR", amount)

    assert money.units * NANOS_PER_UNIT + money.rest == amount
    assert 0 <= money.rest < NANOS_PER_UNIT
    assert 0 <= money.units <= UNITS_MAX


@given(st.lists(nanos, max_size=5))
def test_a_sum_is_exact_or_refused_and_never_wraps(amounts: list[int]) -> None:
    if sum(amounts) <= MOST:
        assert add("EUR", *amounts) == sum(amounts)
    else:
        with pytest.raises(OutOfRange):
            add("EUR", *amounts)


def test_the_greatest_amount_is_allowed_and_one_nano_more_is_not() -> None:
    assert add("EUR", MOST - 1, 1) == MOST

    with pytest.raises(OutOfRange) as refused:
        add("EUR", MOST, 1)

    assert refused.value.reason == "TOTAL_OVERFLOW"
    assert refused.value.facts == {"currency_code": "EUR"}


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money("EUR", 12_500_000_000), "12.50 EUR"),
        (Money("EUR", 0), "0.00 EUR"),
        (Money("EUR", 10_000_000), "0.01 EUR"),
        (Money("JPY", 1250 * NANOS_PER_UNIT), "1250 JPY"),
        (Money("KWD", 1_000_000), "0.001 KWD"),
        (Money("CLF", 100_000), "0.0001 CLF"),
        (Money("EUR", UNITS_MAX * NANOS_PER_UNIT), "9223372036854775807.00 EUR"),
    ],
)
def test_an_amount_reads_as_people_write_it(money: Money, text: str) -> None:
    assert str(money) == text


@given(st.sampled_from(CURRENCIES), nanos)
def test_what_is_written_of_an_amount_in_coins_is_the_amount(currency: str, amount: int) -> None:
    whole_coins = amount - amount % coin_nanos(currency)

    number, code = str(Money(currency, whole_coins)).split()

    assert (Decimal(number).scaleb(9), code) == (whole_coins, currency)


# ---- in a refusal: two amounts that differ are never written alike

WITH_COINS = st.sampled_from(["JPY", "EUR", "KWD", "CLF", "XAU"])
BELOW_MOST = st.integers(1, 10**12) | st.integers(1, 10**6).map(lambda units: units * NANOS_PER_UNIT)


def test_what_can_be_given_back_is_not_said_to_be_what_was_asked_for() -> None:
    with pytest.raises(FailedPrecondition) as refused:
        refundable(Money("JPY", 10_400_000_000), 0, Money("JPY", 10_400_000_001), "customers/a/purchases/b")
    assert refused.value.facts["refundable"] == "10.4 JPY"
    assert refused.value.facts["requested"] == "10.400000001 JPY"


@given(currency=WITH_COINS, paid=BELOW_MOST, more=BELOW_MOST)
def test_amounts_that_differ_are_told_apart(currency: str, paid: int, more: int) -> None:
    with pytest.raises(FailedPrecondition) as refused:
        refundable(Money(currency, paid), 0, Money(currency, paid + more), "customers/a/purchases/b")
    facts = refused.value.facts
    assert facts["refundable"] != facts["requested"]
    assert facts["refundable"] == Money(currency, paid).exact


@given(currency=st.sampled_from(["JPY", "EUR", "KWD"]), nanos=BELOW_MOST)
def test_an_amount_finer_than_a_coin_is_told_to_its_last_digit(currency: str, nanos: int) -> None:
    amount = Money(currency, nanos)
    try:
        require_coins(amount, "amount")
    except InvalidArgument as refused:
        value = refused.facts["amount"].removesuffix(f" {currency}")
        whole, _, fraction = value.partition(".")
        assert int(whole) * NANOS_PER_UNIT + int(fraction.ljust(9, "0")) == nanos

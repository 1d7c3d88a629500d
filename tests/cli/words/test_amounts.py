"""Money keeps every digit between text and integers."""

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela_client.cli.words.amounts import (
    NANOS,
    UNITS_MAX,
    NotAnAmount,
    is_currency,
    parse_amount,
    plain_amount,
    pretty_amount,
)

PLAIN = re.compile("-?[0-9]+([.][0-9]{1,9})?", re.ASCII)
amounts = st.decimals(
    min_value=-UNITS_MAX, max_value=UNITS_MAX, allow_nan=False, allow_infinity=False, places=9
).filter(lambda number: abs(number) <= UNITS_MAX)


@given(amounts)
@example(Decimal("-0.5"))
@example(Decimal(UNITS_MAX))
def test_no_digit_is_lost_either_way(number: Decimal) -> None:
    units, nanos = parse_amount(f"{number:f}")
    assert Decimal(units) + Decimal(nanos).scaleb(-9) == number
    assert abs(nanos) < NANOS and units * nanos >= 0
    assert Decimal(plain_amount(units, nanos)) == number


@given(st.text(max_size=12) | st.text("0123456789.-", max_size=24))
@example("1e3")
@example("1,234.50")
@example(" 1")
@example("+1")
@example(".5")
@example("5.")
@example("١٢")
@example("0.1234567890")
@example(str(UNITS_MAX + 1))
@example("NaN")
def test_what_is_no_plain_decimal_is_no_amount(text: str) -> None:
    if PLAIN.fullmatch(text) and abs(Decimal(text)) < UNITS_MAX + 1:
        units, nanos = parse_amount(text)
        assert Decimal(text) == Decimal(units) + Decimal(nanos).scaleb(-9)
    else:
        with pytest.raises(NotAnAmount, match=re.escape(f'"{text}"')):
            parse_amount(text)


@pytest.mark.parametrize(
    ("units", "nanos", "currency", "plain", "pretty"),
    [
        (6552, 700_000_000, "USD", "6552.70", "6,552.70 USD"),
        (0, 0, "EUR", "0.00", "0.00 EUR"),
        (500, 0, "JPY", "500", "500 JPY"),
        (1, 5_000_000, "KWD", "1.005", "1.005 KWD"),
        (0, 1, "EUR", "0.000000001", "0.000000001 EUR"),
        (0, -500_000_000, "EUR", "-0.50", "-0.50 EUR"),
        (-1_234_567, 0, "EUR", "-1234567.00", "-1,234,567.00 EUR"),
    ],
)
def test_amounts_are_written_as_their_currency_is(
    units: int, nanos: int, currency: str, plain: str, pretty: str
) -> None:
    assert plain_amount(units, nanos, currency) == plain
    assert pretty_amount(units, nanos, currency) == pretty


@pytest.mark.parametrize(("text", "is_one"), [("EUR", True), ("eur", False), ("EURO", False), ("ÉUR", False)])
def test_a_currency_is_three_capital_letters(text: str, is_one: bool) -> None:
    assert is_currency(text) is is_one

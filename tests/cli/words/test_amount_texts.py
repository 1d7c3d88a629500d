"""A number is read as it was meant, or refused where it may be two."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.words.amount_texts import with_decimal_point
from clientela_client.cli.words.amounts import NotAnAmount

numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)


def german(number: Decimal) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


@given(number=numbers, blank=st.sampled_from(" '\u2019\u00a0\u202f"))
def test_marks_of_thousands_and_a_mark_before_two_digits_are_read_one_way(
    number: Decimal, blank: str
) -> None:
    english = f"{number:,.2f}"
    for text in (german(number), english, english.replace(",", blank), german(number).replace(".", blank)):
        for comma_separated in (True, False):
            assert Decimal(with_decimal_point(text, "", comma_separated=comma_separated)) == number
    assert Decimal(with_decimal_point(german(number), "comma", comma_separated=True)) == number
    assert Decimal(with_decimal_point(english, "point", comma_separated=False)) == number


@pytest.mark.parametrize("text", ["1,234", "-12,000", "999,999"])
def test_what_may_be_two_numbers_is_refused_with_the_way_out(text: str) -> None:
    for each, comma_separated in ((text, True), (text, False), (text.replace(",", "."), False)):
        with pytest.raises(NotAnAmount, match="--decimal point or --decimal comma"):
            with_decimal_point(each, "", comma_separated=comma_separated)


@pytest.mark.parametrize(
    ("text", "decimal", "read"),
    [
        ("1.234", "", "1.234"),
        ("0,500", "", "0.500"),
        ("12,5", "", "12.5"),
        ("1.234", "comma", "1234"),
        ("1,234", "comma", "1.234"),
        ("1,234", "point", "1234"),
        ("\u221212,50", "", "-12.50"),
        ("abc", "", "abc"),
        ("1,2,3", "", "1,2,3"),
    ],
)
def test_in_a_file_with_commas_a_point_is_before_the_fraction(text: str, decimal: str, read: str) -> None:
    assert with_decimal_point(text, decimal, comma_separated=True) == read


def test_a_number_that_is_not_as_the_caller_says_is_refused() -> None:
    for text, decimal in (("12.50", "comma"), ("12,50", "point")):
        with pytest.raises(NotAnAmount, match=f"no number with a decimal {decimal}"):
            with_decimal_point(text, decimal, comma_separated=True)

"""Measures are exact texts; a share is rounded down, so that it never seems to reach what it does not."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.standing.findings import Measure, number, share


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100))
def test_a_share_is_written_to_two_digits_rounded_down(part: int, rest: int, threshold: int) -> None:
    whole = part + rest
    measure = share("in_season", part, whole, threshold)
    exact = Fraction(100 * part, whole) if whole else Fraction(0)
    told = Fraction(Decimal(measure.value))
    assert exact - Fraction(1, 100) < told <= exact
    assert (told >= threshold) == (exact >= threshold)
    assert (measure.threshold, measure.unit) == (str(threshold), "%")


@given(st.integers(0, 2**60))
def test_a_whole_number_is_written_as_it_is(value: int) -> None:
    assert number("silence", value, 30, "days") == Measure("silence", str(value), "30", "days")
    assert number("silence", value, None, "days").threshold is None

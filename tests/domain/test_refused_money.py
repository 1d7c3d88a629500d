"""Money in a refusal is exact: two amounts that differ are never said alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.errors import FailedPrecondition, InvalidArgument
from clientela_server.domain.money import NANOS_PER_UNIT, Money, require_coins
from clientela_server.domain.purchases import refundable

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD", "CLF", "XAU"])
AMOUNTS = st.integers(1, 10**12) | st.integers(1, 10**6).map(lambda units: units * NANOS_PER_UNIT)


def test_what_can_be_given_back_is_not_said_to_be_what_was_asked_for() -> None:
    with pytest.raises(FailedPrecondition) as refused:
        refundable(Money("JPY", 10_400_000_000), 0, Money("JPY", 10_400_000_001), "customers/a/purchases/b")
    assert refused.value.facts["refundable"] == "10.4 JPY"
    assert refused.value.facts["requested"] == "10.400000001 JPY"


@given(currency=CURRENCIES, paid=AMOUNTS, more=AMOUNTS)
def test_amounts_that_differ_are_told_apart(currency: str, paid: int, more: int) -> None:
    with pytest.raises(FailedPrecondition) as refused:
        refundable(Money(currency, paid), 0, Money(currency, paid + more), "customers/a/purchases/b")
    facts = refused.value.facts
    assert facts["refundable"] != facts["requested"]
    assert facts["refundable"] == Money(currency, paid).exact


@given(currency=st.sampled_from(["JPY", "EUR", "KWD"]), nanos=AMOUNTS)
def test_an_amount_finer_than_a_coin_is_told_to_its_last_digit(currency: str, nanos: int) -> None:
    amount = Money(currency, nanos)
    try:
        require_coins(amount, "amount")
    except InvalidArgument as refused:
        value = refused.facts["amount"].removesuffix(f" {currency}")
        whole, _, fraction = value.partition(".")
        assert int(whole) * NANOS_PER_UNIT + int(fraction.ljust(9, "0")) == nanos

"""Amounts at the edges of what numbers hold: the classic way to be paid for buying (CWE-190, CWE-681).

Whatever is recorded, the totals are the sum of it, in whole numbers, or the purchase is refused. What
stops it: money is one integer of nanos, never a float; its range is checked at every sum
(domain/money.py).
"""

from decimal import Decimal

import grpc
import pytest
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import purchases_pb2 as ppb
from tests.attacks.surface import send
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, read_customer
from tests.rpc.refusals import Refused

NANOS = 10**9
# The most that units and nanos hold on the wire.
MOST_UNITS = 2**63 - 1
MOST = MOST_UNITS * NANOS + NANOS - 1
UNITS = [0, 1, -1, MOST_UNITS, MOST_UNITS // 2 + 1, MOST_UNITS // NANOS + 1, 2**31, 2**53 + 1, -(2**63)]
SUBUNITS = [0, 1, -1, NANOS - 1, NANOS, -NANOS, 2**31 - 1, -(2**31)]
amounts = st.tuples(
    st.sampled_from(UNITS) | st.integers(0, MOST_UNITS),
    st.sampled_from(SUBUNITS)
    | st.integers(0, NANOS - 1)
    | st.integers(0, 99).map(lambda cents: cents * 10**7),
)
REFUSALS = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE}


def nanos_of(amount: Money) -> int:
    return int(amount.units * NANOS + amount.nanos)


def record(caller: Caller, parent: str, amount: Money) -> Refused | None:
    """Record a purchase; None where it was done."""
    purchase = ppb.Purchase(amount=amount)
    try:
        caller.purchases.RecordPurchase(ppb.RecordPurchaseRequest(parent=parent, purchase=purchase))
    except grpc.RpcError as error:
        return Refused.of(error)
    return None


@given(paid=st.lists(amounts, min_size=1, max_size=4))
def test_the_total_is_the_sum_of_what_was_taken_to_the_last_coin(
    admin: Caller, paid: list[tuple[int, int]]
) -> None:
    buyer = new_customer(admin).name
    total, count = 0, 0
    for units, nanos in paid:
        refused = record(admin, buyer, Money(currency_code="EUR", units=units, nanos=nanos))

        well_formed = units >= 0 and 0 <= nanos < NANOS
        # What is finer than a cent is no amount of euros.
        well_formed = well_formed and nanos % (NANOS // 100) == 0
        fits = total + units * NANOS + nanos <= MOST
        assert (refused is None) == (well_formed and fits)
        assert refused is None or refused.code in REFUSALS
        if refused is None:
            total, count = total + units * NANOS + nanos, count + 1

    totals = read_customer(admin, buyer).totals
    assert [(each.purchase_count, nanos_of(each.amount)) for each in totals] == (
        [(count, total)] if count else []
    )


@given(
    price=amounts,
    quantity=st.sampled_from(["0", "1", "999999999999", "0.000000001", "999999999999.999999999"]),
)
def test_a_line_that_comes_to_more_than_there_is_is_refused(
    admin: Caller, price: tuple[int, int], quantity: str
) -> None:
    buyer = new_customer(admin).name
    units, nanos = price
    line = {
        "unit_price": {"currency_code": "EUR", "units": units, "nanos": nanos},
        "quantity": {"value": quantity},
    }
    request = ppb.RecordPurchaseRequest(parent=buyer, purchase={"lines": [line]})
    answer = send(admin, "RecordPurchase", request.SerializeToString())

    assert answer.code in {grpc.StatusCode.OK, *REFUSALS}
    totals = read_customer(admin, buyer).totals
    assert len(totals) == (answer.code is grpc.StatusCode.OK)
    if totals:
        exact = Decimal(units * NANOS + nanos) * Decimal(quantity)
        # Rounded to the cent, and nothing finer is taken.
        assert nanos_of(totals[0].amount) % (NANOS // 100) == 0
        assert abs(nanos_of(totals[0].amount) - exact) <= NANOS // 200


@pytest.mark.parametrize("code", ["XXXX", "eu", "EU\0", "€", "EUR "])
def test_a_currency_that_is_none_is_refused(admin: Caller, code: str) -> None:
    refused = record(admin, new_customer(admin).name, Money(currency_code=code, units=1))

    assert refused is not None
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT

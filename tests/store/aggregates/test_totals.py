"""The stored totals equal the sums of the whole ledger, after any writes."""

import random

import grpc
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller
from tests.rpc.making import at, money, new_customer, to_import, to_record
from tests.rpc.refusals import Refused
from tests.store.ledger import kept, recomputed


def random_work(caller: Caller, name: str, chance: random.Random) -> None:
    """Do one thing to a customer's ledger, whether it may be done or not."""
    amount = money(
        chance.randrange(5), chance.choice([0, 10_000_000, 990_000_000]), chance.choice(["EUR", "PLN"])
    )
    when = at(chance.randrange(1_000_000))
    match chance.randrange(4):
        case 0:
            caller.purchases.RecordPurchase(to_record(name, amount=amount, purchase_time=when))
        case 1:
            items = [
                to_import(name, amount=amount, purchase_time=when) for _ in range(chance.randrange(1, 4))
            ]
            bad = to_import(name, units=-1)
            message = ppb.ImportPurchasesRequest(items=[*items, items[0], bad])
            caller.purchases.ImportPurchases(iter(chance.choices([message], k=2)))
        case _:
            bought = caller.purchases.ListPurchases(ppb.ListPurchasesRequest(parent=name)).purchases
            if bought:
                target = chance.choice(bought)
                request = ppb.RefundPurchaseRequest(name=target.name, reason="x")
                if chance.random() < 0.7:
                    request.amount.CopyFrom(amount)
                caller.purchases.RefundPurchase(request)


@settings(max_examples=settings.default.max_examples // 4)
@given(seed=st.integers(0, 2**32))
def test_after_any_work_the_totals_are_what_the_ledger_comes_to(admin: Caller, seed: int) -> None:
    chance = random.Random(seed)
    name = new_customer(admin).name
    for _ in range(12):
        try:
            random_work(admin, name, chance)
        except grpc.RpcError as error:
            assert Refused.of(error).reason in REFUSALS  # noqa: PT017
        assert kept(admin, name) == recomputed(admin, name)


REFUSALS = {"REFUND_EXCEEDS_PURCHASE", "REFUNDED_WHOLLY", "REFUND_ZERO", "REFUND_OF_REFUND", "CURRENCY_MIXED"}


def test_erasing_a_customer_changes_no_figure(admin: Caller) -> None:
    name = new_customer(admin).name
    chance = random.Random(1)
    for _ in range(3):
        admin.purchases.RecordPurchase(to_record(name, chance.randrange(9), note="x"))
    before = kept(admin, name)

    admin.customers.EraseCustomer(cpb.EraseCustomerRequest(name=name))

    assert kept(admin, name) == recomputed(admin, name) == before

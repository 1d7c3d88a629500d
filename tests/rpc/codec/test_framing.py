"""Answers of stored bytes: they say what the ordinary encoder's say, in as many bytes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2, feed_pb2, purchases_pb2
from clientela_server.domain.money import Money
from clientela_server.domain.totals import Totals
from clientela_server.rpc.codec import customers, purchases
from clientela_server.rpc.codec.framing import listed
from clientela_server.rpc.codec.values import to_money
from clientela_server.rpc.gate.encoded import message_of
from clientela_server.rpc.services.feed import change
from clientela_server.store.journal.entries import Entry

NANOS = st.integers(0, 10**18)
TIMES = st.integers(0, 2 * 10**15)
NOTES = (
    st.text(max_size=5)
    | st.integers(100, 140).map("n".__mul__)
    | st.integers(16_350, 16_400).map("n".__mul__)
)
PURCHASES = st.builds(
    lambda note, paid: purchases_pb2.Purchase(
        name="customers/a/purchases/b", note=note, amount=to_money(Money("EUR", paid)), revision=7
    ),
    NOTES,
    NANOS,
)
CUSTOMERS = st.builds(lambda name: customers_pb2.Customer(name="customers/a", display_name=name), NOTES)
TOTALS = st.builds(Totals, st.sampled_from(["EUR", "JPY"]), st.integers(1, 10**6), NANOS, TIMES, TIMES)
NOUNS = {"customer": customers_pb2.Customer(name="customers/a"), "purchase": purchases_pb2.Purchase(note="x")}


def with_refund(purchase: purchases_pb2.Purchase, nanos: int) -> purchases_pb2.Purchase:
    """The message of a purchase of which this was refunded."""
    whole = purchases_pb2.Purchase()
    whole.CopyFrom(purchase)
    if nanos:
        whole.refunded_amount.CopyFrom(to_money(Money("EUR", nanos)))
    return whole


@given(st.lists(st.tuples(PURCHASES, st.just(0) | NANOS), max_size=5), st.text(max_size=5))
@example([(purchases_pb2.Purchase(), 0)], "")
def test_a_page_of_purchases_is_what_the_ordinary_encoder_makes(
    kept: list[tuple[purchases_pb2.Purchase, int]], token: str
) -> None:
    rest = purchases_pb2.ListPurchasesResponse(next_page_token=token)
    ordinary = purchases_pb2.ListPurchasesResponse(
        purchases=[with_refund(*each) for each in kept], next_page_token=token
    )

    made = listed(
        rest, "purchases", [purchases.encoded(each.SerializeToString(), nanos) for each, nanos in kept]
    )

    assert message_of(made, type(rest)) == ordinary
    assert len(made.data) == ordinary.ByteSize()


@given(st.lists(st.tuples(CUSTOMERS, st.lists(TOTALS, max_size=2)), max_size=5), st.integers(0, 10**6))
def test_a_page_of_customers_is_what_the_ordinary_encoder_makes(
    kept: list[tuple[customers_pb2.Customer, list[Totals]]], total: int
) -> None:
    rest = customers_pb2.ListCustomersResponse(total_size=total)
    ordinary = customers_pb2.ListCustomersResponse(total_size=total)
    for each, totals in kept:
        customers.add_totals(ordinary.customers.add(), totals)
        ordinary.customers[-1].MergeFrom(each)

    made = listed(
        rest, "customers", [customers.encoded(each.SerializeToString(), totals) for each, totals in kept]
    )

    assert message_of(made, type(rest)) == ordinary
    assert len(made.data) == ordinary.ByteSize()


@pytest.mark.parametrize("noun", sorted(NOUNS))
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_change_holds_the_record_in_the_field_of_its_noun_also_an_empty_one(
    noun: str, *, is_kept: bool
) -> None:
    record = NOUNS[noun] if is_kept else type(NOUNS[noun])()
    entry = Entry(
        revision=9,
        commit_us=5,
        actor="ann",
        method="M",
        request_id=None,
        name="customers/a",
        noun=noun,
        record=record.SerializeToString(),
    )

    told = feed_pb2.Change.FromString(change(entry))

    assert told.WhichOneof("resource") == noun
    assert getattr(told, noun) == record
    assert (told.revision, told.actor, told.name, told.request_id) == (9, "ann", "customers/a", "")

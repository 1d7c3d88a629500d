"""Any sequence of import messages, resent, doubled or partly invalid, gives what a simple model gives."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import money
from tests.rpc.watching import head, written_since
from tests.store.ledger import kept, recomputed

BUYERS = 3
# What an item says, by numbers: which request id, which buyer, how much; and what is wrong with it.
Said = tuple[int, int, int, str]
said = st.tuples(
    st.integers(0, 7),
    st.integers(0, BUYERS - 1),
    st.integers(0, 4),
    st.sampled_from(["", "", "", "money", "future"]),
)
messages = st.lists(st.tuples(st.lists(said, max_size=8), st.booleans()), max_size=4)


@dataclass
class Model:
    """What the ledger must hold: for each request id what was recorded under it first."""

    customers: set[int] = field(default_factory=set)
    recorded: dict[int, Said] = field(default_factory=dict)
    imported: int = 0
    duplicates: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def take(self, place: int, item: Said, create_missing: bool) -> None:
        number, buyer, _, wrong = item
        if wrong == "money":
            self.rejected.append((place, "FIELD_INVALID"))
        elif number in self.recorded:
            if self.recorded[number] == item:
                self.duplicates += 1
            else:
                self.rejected.append((place, "REQUEST_ID_REUSED"))
        elif wrong == "future":
            self.rejected.append((place, "PURCHASE_IN_FUTURE"))
        elif buyer not in self.customers and not create_missing:
            self.rejected.append((place, "CUSTOMER_NOT_FOUND"))
        else:
            self.customers.add(buyer)
            self.recorded[number] = item
            self.imported += 1


class Example:
    """Names and request ids of one example, so that examples share a server."""

    def __init__(self) -> None:
        self.buyers = [f"customers/{fresh()}" for _ in range(BUYERS)]
        self.ids = [request_id() for _ in range(8)]

    def item(self, said: Said) -> ppb.ImportItem:
        number, buyer, units, wrong = said
        purchase = ppb.Purchase(amount=money(units))
        if wrong == "money":
            purchase.amount.nanos = -1
        if wrong == "future":
            purchase.purchase_time.seconds = 99_999_999_999
        return ppb.ImportItem(purchase=purchase, customer=self.buyers[buyer], request_id=self.ids[number])


@given(streams=st.lists(messages, min_size=1, max_size=3))
def test_any_sequence_of_messages_comes_to_what_the_model_says(admin: Caller, streams: list[Any]) -> None:
    example, model, before = Example(), Model(), head(admin)
    for stream in streams:
        model.imported, model.duplicates, model.rejected = 0, 0, []
        known = len(model.customers)
        place = 0
        for items, create_missing in stream:
            for each in items:
                model.take(place, each, create_missing)
                place += 1

        answer = admin.purchases.ImportPurchases(
            ppb.ImportPurchasesRequest(
                items=map(example.item, items), create_missing_customers=create_missing
            )
            for items, create_missing in stream
        )

        assert (answer.imported_count, answer.duplicate_count) == (model.imported, model.duplicates)
        assert [(each.index, each.status.reason) for each in answer.rejected] == model.rejected
        assert answer.created_customer_count == len(model.customers) - known
        written = [each.revision for each in written_since(admin, before)]
        assert max(written, default=before) <= answer.revision <= head(admin)
    assert len(written_since(admin, before)) == len(model.recorded) + len(model.customers)
    for number in model.customers:
        bought = [units for _, buyer, units, _ in model.recorded.values() if buyer == number]
        sums = kept(admin, example.buyers[number])
        assert sums == recomputed(admin, example.buyers[number])
        assert {each: (sums[each].count, sums[each].nanos) for each in sums} == {
            "EUR": (len(bought), sum(bought) * 10**9)
        }

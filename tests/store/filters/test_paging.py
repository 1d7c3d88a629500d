"""Pages: put together they are the whole list, in order; a token is good for its own question only."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import at, money, new_customer, new_purchase
from tests.rpc.refusals import refusal

Key = Callable[[Any], Any]
CUSTOMER_KEYS: dict[str, Key] = {
    "name": lambda each: each.name,
    "display_name": lambda each: each.display_name,
    "create_time": lambda each: each.create_time.ToNanoseconds(),
    "update_time": lambda each: each.update_time.ToNanoseconds(),
}
PURCHASE_KEYS: dict[str, Key] = {
    "name": lambda each: each.name,
    "revision": lambda each: each.revision,
    "amount": lambda each: (each.amount.units, each.amount.nanos),
    "purchase_time": lambda each: each.purchase_time.ToNanoseconds(),
    "create_time": lambda each: each.create_time.ToNanoseconds(),
}
sizes = st.integers(1, 40)


def orders(keys: dict[str, Key]) -> st.SearchStrategy[list[tuple[str, bool]]]:
    """Orders of up to three fields, each up or down; the same field may come twice."""
    return st.lists(st.tuples(st.sampled_from(sorted(keys)), st.booleans()), max_size=3)


def written(order: list[tuple[str, bool]]) -> str:
    return ", ".join(f"{name} desc" if descending else name for name, descending in order)


def ordered(items: list[Any], order: list[tuple[str, bool]], keys: dict[str, Key], default: str) -> list[Any]:
    """Sort in plain Python; ties are in the order of names, in the direction of the last field."""
    order = order or [(default, False)]
    for name, descending in reversed([*order, ("name", order[-1][1])]):
        items = sorted(items, key=keys[name], reverse=descending)
    return items


def pages(method: Any, request: Any, field: str, size: int) -> list[list[Any]]:
    """All pages of a list."""
    request.page_size = size
    found = []
    while True:
        page = method(request)
        found.append(list(getattr(page, field)))
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def check_pages(found: list[list[Any]], size: int, expected: list[Any]) -> None:
    """Every page but the last is full, and together they are the list."""
    assert [each for page in found for each in page] == expected
    assert all(len(page) == size for page in found[:-1])
    assert len(found) == max(1, -(-len(expected) // size))


class Shop:
    """Thirty customers of few names, and forty purchases of few amounts and times."""

    def __init__(self, admin: Caller) -> None:
        chance = random.Random(3)
        self.label = fresh("t")
        self.filter = f"labels.tribe = {self.label}"
        self.customers = [
            new_customer(
                admin, display_name=chance.choice(["a", "A", "ą", "b"]), labels={"tribe": self.label}
            )
            for _ in range(30)
        ]
        self.buyer = self.customers[0].name
        self.purchases = [
            new_purchase(
                admin,
                self.buyer,
                amount=money(chance.randrange(3), chance.randrange(2) * 10_000_000),
                purchase_time=at(chance.randrange(3)),
            )
            for _ in range(40)
        ]
        changed = cpb.Customer(name=self.buyer, patron="Jan")  # so that its history has a second page
        admin.customers.UpdateCustomer(cpb.UpdateCustomerRequest(customer=changed))
        everybody = cpb.ListCustomersRequest(filter=self.filter, page_size=1000)
        self.customers = list(admin.customers.ListCustomers(everybody).customers)


@pytest.fixture(scope="module")
def shop(admin: Caller) -> Shop:
    return Shop(admin)


@given(order=orders(CUSTOMER_KEYS), size=sizes)
def test_pages_of_customers_are_the_whole_list_in_order(
    admin: Caller, shop: Shop, order: list[tuple[str, bool]], size: int
) -> None:
    request = cpb.ListCustomersRequest(filter=shop.filter, order_by=written(order))

    found = pages(admin.customers.ListCustomers, request, "customers", size)

    check_pages(found, size, ordered(shop.customers, order, CUSTOMER_KEYS, "name"))


@given(order=orders(PURCHASE_KEYS), size=sizes)
def test_pages_of_purchases_are_the_whole_list_in_order(
    admin: Caller, shop: Shop, order: list[tuple[str, bool]], size: int
) -> None:
    request = ppb.ListPurchasesRequest(parent=shop.buyer, order_by=written(order))

    found = pages(admin.purchases.ListPurchases, request, "purchases", size)

    check_pages(found, size, ordered(shop.purchases, order, PURCHASE_KEYS, "revision"))


def test_the_size_of_a_page_may_change_on_the_way(admin: Caller, shop: Shop) -> None:
    request = ppb.ListPurchasesRequest(parent=shop.buyer)
    seen: list[Any] = []
    for size in (1, 7, 3, 20, 1000):
        request.page_size = size
        page = admin.purchases.ListPurchases(request)
        seen += page.purchases
        request.page_token = page.next_page_token

    assert seen == shop.purchases


def test_what_comes_and_goes_between_pages_neither_repeats_nor_hides_others(admin: Caller) -> None:
    label = fresh("t")
    names = sorted(fresh() for _ in range(6))
    for customer_id in names:
        new_customer(admin, customer_id, labels={"tribe": label})
    request = cpb.ListCustomersRequest(filter=f"labels.tribe = {label}", page_size=3)
    first = admin.customers.ListCustomers(request)

    # One that was shown goes, one that was not goes too, and one comes before all of them.
    for gone in (names[2], names[4]):
        admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=f"customers/{gone}"))
    new_customer(admin, f"a-{fresh()}", labels={"tribe": label})
    request.page_token = first.next_page_token
    second = admin.customers.ListCustomers(request)

    assert [each.name for each in first.customers] == [f"customers/{each}" for each in names[:3]]
    assert [each.name for each in second.customers] == [f"customers/{names[3]}", f"customers/{names[5]}"]


# ---- tokens


def questions(shop: Shop) -> list[tuple[str, str, Any]]:
    """A question of each kind of list that has a second page."""
    return [
        ("customers", "ListCustomers", cpb.ListCustomersRequest(filter=shop.filter, page_size=2)),
        ("purchases", "ListPurchases", ppb.ListPurchasesRequest(parent=shop.buyer, page_size=2)),
        ("feed", "ListHistory", fpb.ListHistoryRequest(name=shop.buyer, page_size=1)),
    ]


def edits(token: str) -> list[str]:
    """Every token that differs in one bit, and some that differ otherwise."""
    flipped = [
        token[:place] + chr(ord(token[place]) ^ (1 << bit)) + token[place + 1 :]
        for place in range(len(token))
        for bit in range(7)
    ]
    others = [
        token[1:],
        token[:-1],
        token + "A",
        token + "=",
        "A" + token,
        token + token,
        token[::-1],
        token.swapcase(),
    ]
    return [edit for edit in flipped + others if edit != token and edit]


@pytest.mark.parametrize("place", range(3))
def test_any_edit_of_a_token_is_refused(admin: Caller, shop: Shop, place: int) -> None:
    noun, method, request = questions(shop)[place]
    ask = getattr(getattr(admin, noun), method)
    token = ask(request).next_page_token
    assert token

    for edit in edits(token):
        request.page_token = edit
        assert refusal(ask, request).reason == "PAGE_TOKEN_INVALID", edit


@given(data=st.data())
def test_a_token_put_together_of_others_is_refused(admin: Caller, shop: Shop, data: Any) -> None:
    request = cpb.ListCustomersRequest(filter=shop.filter, page_size=2)
    first = admin.customers.ListCustomers(request).next_page_token
    request.page_token = first
    second = admin.customers.ListCustomers(request).next_page_token
    cut = data.draw(st.integers(1, min(len(first), len(second)) - 1))

    request.page_token = first[:cut] + second[cut:]

    if request.page_token not in (first, second):
        assert refusal(admin.customers.ListCustomers, request).reason == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        (0, {"filter": "labels.tribe:*"}),
        (0, {"filter": ""}),
        (0, {"order_by": "name desc"}),
        (0, {"order_by": "name"}),
        (0, {"show_deleted": True}),
        (1, {"filter": "amount >= 0"}),
        (1, {"order_by": "amount"}),
        (1, {"parent": "customers/-"}),
        (2, {"name": "{other}"}),
    ],
)
def test_a_token_of_another_question_is_refused(
    admin: Caller, shop: Shop, place: int, changed: dict[str, Any]
) -> None:
    noun, method, request = questions(shop)[place]
    ask = getattr(getattr(admin, noun), method)
    request.page_token = ask(request).next_page_token

    other = next(each.name for each in shop.customers if each.name != shop.buyer)
    for field, value in changed.items():
        setattr(request, field, other if value == "{other}" else value)

    assert refusal(ask, request).reason == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("place", range(3))
def test_a_token_of_another_caller_or_another_list_is_refused(
    admin: Caller, clerk: Caller, shop: Shop, place: int
) -> None:
    tokens = [
        getattr(getattr(admin, noun), method)(request).next_page_token
        for noun, method, request in questions(shop)
    ]
    noun, method, request = questions(shop)[place]

    for other in range(3):
        request.page_token = tokens[other]
        assert refusal(getattr(getattr(clerk, noun), method), request).reason == "PAGE_TOKEN_INVALID"
        if other != place:
            assert refusal(getattr(getattr(admin, noun), method), request).reason == "PAGE_TOKEN_INVALID"

"""What is typed wrong is said in the form, and what was refused is shown where it was done."""

import pytest
from playwright.sync_api import Locator, expect

from clientela.v1 import customers_pb2
from clientela_client import connect
from clientela_lab.phone.ui_driver import UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import Books


def fill(phone: UiDriver, **fields: str) -> None:
    """Fill in the form, and save."""
    for label, text in fields.items():
        phone.page.get_by_label(label.replace("_", " "), exact=True).fill(text)
    phone.page.get_by_role("button", name="Save").tap()


def wrong(phone: UiDriver) -> Locator:
    return phone.page.locator(".field-bad .said")


@pytest.mark.parametrize(
    ("field", "typo", "said"),
    [
        ("Telephone", "12 34", "country's code"),
        ("E-mail", "ann@@example.com", "such as ann@example.com"),
        ("E-mail", "ann@example.com, ann@example.com", "twice"),
        ("Looked after by", "x" * 201, "200 characters"),
    ],
)
def test_a_typo_is_told_where_it_was_made(phone: UiDriver, field: str, typo: str, said: str) -> None:
    phone.go("new")
    fill(phone, Name="Ann", **{field: typo})
    expect(wrong(phone)).to_contain_text(said)
    expect(phone.page.get_by_label(field, exact=True)).to_be_focused()
    assert not phone.outbox()
    fill(phone, **{field: {"Telephone": "+48 22 123 45 67", "E-mail": "ann@example.com"}.get(field, "Jan")})
    phone.page.wait_for_selector(".total")
    phone.settled()
    assert [item["state"] for item in phone.outbox()] == ["accepted"]


def test_a_customer_that_was_refused_is_there_with_the_reason(
    server: LocalServer, books: Books, phone: UiDriver
) -> None:
    with connect(server.address, token=server.token) as client:
        taken = customers_pb2.Customer(display_name="Other", emails=["ann@example.com"])
        client.customers.create(taken, customer_id="other")
    phone.go("new")
    fill(phone, **{"Name": "Ann", "E-mail": "ann@example.com"})
    expect(phone.page.locator(".item-means")).to_contain_text("exists already")
    expect(phone.page.locator("h1")).to_have_text("Ann")
    phone.go("customers")
    expect(phone.page.locator(".row", has_text="Ann").locator(".bad")).to_have_text("Refused")
    phone.page.locator(".row", has_text="Ann").tap()
    phone.page.get_by_role("button", name="Correct").tap()
    fill(phone, **{"E-mail": "ann@other.example"})
    phone.page.wait_for_selector(".total")
    phone.settled()
    with connect(server.address, token=server.token) as client:
        assert {each.display_name for each in client.customers.list()} >= {"Ann"}


def test_a_sale_that_was_refused_is_put_right_on_its_receipt(books: Books, phone: UiDriver) -> None:
    phone.sell("12.50", agreed="12")
    phone.page.get_by_role("button", name="as agreed").tap()
    expect(phone.page.locator('.slip[data-state="accepted"]')).to_be_visible()
    assert [entry.amount.units for entry in books.entries()] == [12]


def test_an_edit_that_was_refused_is_shown_at_its_customer(server: LocalServer, phone: UiDriver) -> None:
    phone.go("customers/blue-door/edit")
    phone.page.get_by_label("Name", exact=True).fill("Blue Door Kitchen")
    with connect(server.address, token=server.token) as client:
        theirs = customers_pb2.Customer(name="customers/blue-door", display_name="Blue Door & Sons")
        client.customers.update(theirs, update_mask=["display_name"])
    phone.page.get_by_role("button", name="Save").tap()
    expect(phone.page.locator(".item-means")).to_contain_text("Somebody else changed")
    phone.page.get_by_role("button", name="Compare").tap()
    expect(phone.page.locator(".sides")).to_have_count(1)


@pytest.mark.parametrize(
    ("currency", "price", "said"),
    [
        ("EUR", "2.345", "EUR has 2 digits"),
        ("SEK", "0,001", "SEK has 2 digits"),
        ("EUR", "two", "such as 12.50"),
    ],
)
def test_money_finer_than_a_coin_is_refused_in_each_field(
    phone: UiDriver, currency: str, price: str, said: str
) -> None:
    phone.fill_sale(price, agreed=price)
    phone.page.get_by_label("Currency").select_option(currency)
    phone.page.locator(".foot button").tap()
    expect(phone.page.locator(".line .said-bad")).to_contain_text(said)
    expect(wrong(phone)).to_contain_text(said)
    assert not phone.outbox()

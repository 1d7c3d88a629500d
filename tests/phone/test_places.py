"""Search, scroll position and half-typed text are there again after going back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from clientela.v1 import customers_pb2
from clientela_client import connect
from clientela_lab.phone.lossy_line import LossyLine
from clientela_lab.phone.ui_driver import UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import Books

_TOP = "() => Math.round(scrollY)"
#: Figures of nothing, as soon as any is seen.
_FLASHES = """() => { window.flashes = []; new MutationObserver(() => {
  const shown = document.querySelector('main')?.innerText ?? '';
  if (/\\b0 customers|By the feed\\s+0 B|All in all\\s+0 B/.test(shown)) window.flashes.push(shown);
}).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true}); }"""


@pytest.fixture
def crowd(server: LocalServer, books: Books) -> None:
    """Thirty customers called Gate beside the one who buys."""
    with connect(server.address, token=server.token) as client:
        for number in range(30):
            gate = customers_pb2.Customer(display_name=f"Gate {number:02}")
            client.customers.create(gate, customer_id=f"gate-{number:02}")


def test_going_back_keeps_what_was_searched_and_how_far_it_was_scrolled(crowd: None, phone: UiDriver) -> None:
    phone.go("customers")
    find = phone.page.get_by_label("Find a customer")
    for back in (
        lambda: phone.page.get_by_label("Back").tap(),
        phone.page.go_back,
        phone.page.reload,
    ):
        find.fill("gate")
        expect(phone.page.locator(".row")).to_have_count(30)
        phone.page.evaluate("scrollTo(0, 700)")
        phone.page.wait_for_function("() => Math.round(scrollY) === 700 && history.state?.top === 700")
        if back != phone.page.reload:
            phone.page.get_by_text("Gate 15").tap()
            phone.page.wait_for_selector(".total")
        back()
        expect(find).to_have_value("gate")
        phone.page.wait_for_function("() => Math.round(scrollY) === 700")

    # A tab begins anew.
    phone.page.get_by_role("link", name="Sale").tap()
    phone.page.get_by_role("link", name="Customers").tap()
    expect(find).to_have_value("")
    assert phone.page.evaluate(_TOP) == 0


def test_a_half_typed_sale_outlives_a_reload_and_another_sale(
    crowd: None, books: Books, phone: UiDriver
) -> None:
    phone.fill_sale("3.00", what="Half typed")
    expect(phone.page.locator(".foot button")).to_contain_text("3.00")
    phone.fill_sale("5.00", customer="gate-01", what="Tea")
    phone.until(phone.record(), "accepted")
    phone.reload()
    phone.page.get_by_role("link", name="Sale").tap()
    begun = phone.page.locator(".begun .row")
    expect(begun).to_have_count(1)
    expect(begun).to_contain_text("Half typed")
    begun.get_by_role("link").tap()
    expect(phone.page.locator(".line .price")).to_have_value("3.00")
    phone.until(phone.record(), "accepted")
    assert sorted(entry.amount.units for entry in books.entries()) == [3, 5]
    phone.go("sale")
    expect(phone.page.locator(".row").first).to_be_visible()
    expect(begun).to_have_count(0)


def test_a_sale_that_was_begun_can_be_dropped(phone: UiDriver) -> None:
    phone.fill_sale("3.00", what="Half typed")
    expect(phone.page.locator(".foot button")).to_contain_text("3.00")
    phone.go("sale")
    phone.page.get_by_role("button", name="Discard").tap()
    phone.page.get_by_role("button", name="Tap again to discard").tap()
    expect(phone.page.locator(".begun")).to_have_count(0)
    phone.go("sale/blue-door")
    expect(phone.page.locator(".line .price")).to_have_value("")


def test_a_half_typed_customer_outlives_a_reload(phone: UiDriver) -> None:
    phone.go("new")
    phone.page.get_by_text("A firm").tap()
    phone.page.get_by_label("Legal name").fill("Green OÜ")
    phone.page.wait_for_function("() => history.state?.typed?.changed?.legalName === 'Green OÜ'")
    phone.page.reload()
    expect(phone.page.get_by_label("Legal name")).to_have_value("Green OÜ")


@pytest.mark.parametrize("token", ["wrong", "żółw"])
def test_a_wrong_token_is_told_at_once(line: LossyLine, phones: Callable[[], UiDriver], token: str) -> None:
    phone = phones()
    phone.page.goto(f"{line.url}/#/signin")
    phone.page.get_by_label("Token").fill(token)
    phone.page.get_by_role("button", name="Sign in").tap()
    expect(phone.page.get_by_role("status")).to_contain_text("does not know this token")
    expect(phone.page.locator(".signin")).to_be_visible()


def test_a_link_with_a_wrong_token_is_told_at_once(line: LossyLine, phones: Callable[[], UiDriver]) -> None:
    phone = phones()
    phone.page.goto(f"{line.url}/#token=wrong")
    expect(phone.page.locator(".said")).to_contain_text("does not know this token")


def test_a_link_with_a_wrong_token_takes_no_good_ones_place(books: Books, phone: UiDriver) -> None:
    phone.page.evaluate("location.hash = 'token=wrong'")
    expect(phone.page.locator(".said")).to_contain_text("does not know this token")
    phone.until(phone.sell("3.00"), "accepted")
    assert [entry.recorded_by for entry in books.entries()] == ["till-1"]


def test_settings_tell_no_figures_before_they_are_known(phone: UiDriver) -> None:
    phone.page.evaluate(_FLASHES)
    phone.go("settings")
    expect(phone.page.locator("dl")).to_contain_text("1 customers")
    expect(phone.page.locator(".meter").first).to_contain_text("B")
    assert phone.page.evaluate("window.flashes") == []

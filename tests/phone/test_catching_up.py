"""A phone that was away during an import shows how far behind it is, and can be used meanwhile."""

import time

import pytest
from playwright.sync_api import Page, Route, expect

from clientela.v1 import purchases_pb2
from clientela_client import connect
from clientela_lab.phone.ui_driver import WITHIN_MS, UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import DOOR, Books

#: More than are taken one by one.
IMPORTED = 2_500


class Held:
    """Calls of one method, held until they are let go."""

    def __init__(self, page: Page, method: str) -> None:
        self._page, self._pattern = page, f"**/{method}"
        self._routes: list[Route] = []
        page.route(self._pattern, self._hold)

    def _hold(self, route: Route) -> None:
        self._routes.append(route)

    def let_go(self) -> None:
        self._page.unroute(self._pattern)
        for route in self._routes:
            route.continue_()


@pytest.fixture
def away(server: LocalServer, books: Books, phone: UiDriver) -> UiDriver:
    """A phone in the tunnel, while 2,500 purchases of one euro each were imported."""
    books.save_segment()
    phone.offline()
    expect(phone.page.get_by_text("No network")).to_be_visible()
    with connect(server.address, token=server.token) as client:
        client.purchases.import_(_one_euro(at) for at in range(IMPORTED))
    return phone


def _one_euro(at: int) -> purchases_pb2.ImportItem:
    item = purchases_pb2.ImportItem(customer=DOOR)
    purchase = item.purchase
    purchase.amount.currency_code, purchase.amount.units = "EUR", 1
    purchase.purchase_time.FromSeconds(int(time.time()) - at - 1)
    return item


def test_live_is_said_when_all_of_it_is_there(away: UiDriver) -> None:
    listing = Held(away.page, "ListCustomers")
    away.offline(False)
    fresh = away.page.locator(".fresh").first
    # The purchases, and the changes of a stage or a segment that came of them.
    expect(fresh).to_contain_text("Catching up, 2,5", timeout=WITHIN_MS)
    expect(away.page.locator(".fresh-live")).to_have_count(0)

    # What is here can be read meanwhile, and so can what the server tells.
    away.page.get_by_label("Find a customer").fill("blue")
    expect(away.page.locator(".row")).to_have_count(1)
    away.go("segments/everybody")
    expect(away.page.locator(".face")).to_have_count(1)
    away.go("customers/blue-door")
    expect(away.page.locator(".total strong")).to_have_text("€2,500.00")

    listing.let_go()
    away.go("customers")
    expect(fresh).to_have_text("Live", timeout=WITHIN_MS)
    expect(away.page.locator(".row")).to_contain_text("2,500 purchases")


@pytest.mark.long
def test_what_was_read_before_is_told_as_of_before_until_then(away: UiDriver) -> None:
    listing = Held(away.page, "ListCustomers")
    away.offline(False)
    expect(away.page.locator(".fresh").first).to_contain_text("Catching up", timeout=WITHIN_MS)
    away.offline()
    expect(away.page.locator(".fresh").first).to_contain_text("As of")
    expect(away.page.locator(".row")).to_contain_text("No purchases yet")
    listing.let_go()
    away.offline(False)
    expect(away.page.locator(".row")).to_contain_text("2,500 purchases", timeout=WITHIN_MS)

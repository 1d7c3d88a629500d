"""Nothing moves under a finger: what is drawn stays where it is while more comes in."""

import pytest
from playwright.sync_api import expect

from clientela_lab.phone.ui_driver import UiDriver
from tests.phone.books import Books
from tests.phone.screens import SCREENS, show, still

#: Below this the web's own measure calls a page stable (Cumulative Layout Shift, "good").
STABLE = 0.1
_WATCH = """() => { window.shifted = 0; new PerformanceObserver(list => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifted += shift.value;
}).observe({type: 'layout-shift'}); }"""


def test_nothing_jumps_from_screen_to_screen(books: Books, phone: UiDriver) -> None:
    books.save_segment()
    phone.until(phone.sell("3.50", what="Tea"), "accepted")
    jumps = {}
    for screen in SCREENS:
        if screen in {"conflict", "reasons"}:
            continue
        phone.go("settings" if screen != "settings" else "outbox")
        phone.page.wait_for_selector("h1")
        phone.page.evaluate(_WATCH)
        show(phone, screen)
        jumps[screen] = phone.page.evaluate("window.shifted")
    assert {screen: jump for screen, jump in jumps.items() if jump >= STABLE} == {}


@pytest.mark.parametrize("place", ["customers", "customers/blue-door", "outbox", "settings"])
def test_going_into_a_tunnel_moves_nothing(phone: UiDriver, place: str) -> None:
    phone.go(place)
    still(phone)
    phone.page.evaluate(_WATCH)
    phone.offline()
    expect(phone.page.get_by_text("No network")).to_be_visible()
    still(phone)
    assert phone.page.evaluate("window.shifted") < STABLE

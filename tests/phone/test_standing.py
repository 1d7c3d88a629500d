"""Standing and segments on the phone: the reason, what turns it, and what is known in a tunnel."""

import time

import pytest
from playwright.sync_api import Browser, Locator, expect

from clientela.v1 import customers_pb2, purchases_pb2, segments_pb2, standing_pb2
from clientela_client import Client, connect
from clientela_lab.phone.lossy_line import LossyLine
from clientela_lab.phone.ui_driver import WITHIN_MS, UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import DOOR, Books

_DAY_S = 86_400


def bought(client: Client, name: str, *days_ago: int) -> None:
    for days in days_ago:
        purchase = purchases_pb2.Purchase()
        purchase.amount.currency_code, purchase.amount.units = "EUR", 20
        purchase.purchase_time.FromSeconds(int(time.time()) - days * _DAY_S)
        client.purchases.record(name, purchase)


@pytest.fixture
def lost(server: LocalServer, books: Books) -> None:
    """A customer who has not bought for long."""
    with connect(server.address, token=server.token) as client:
        bought(client, DOOR, 400, 390, 380)


def chip(phone: UiDriver) -> Locator:
    return phone.page.locator(".standing-line .chip")


def test_a_stage_leads_to_its_reason_and_to_what_would_change_it(lost: None, phone: UiDriver) -> None:
    phone.go("customers/blue-door")
    expect(chip(phone)).to_have_text("Lost")
    phone.page.locator(".standing-line").tap()
    stage = phone.page.locator(".stage")
    expect(stage).to_contain_text("Nothing was bought since")
    expect(stage.locator(".measured")).to_contain_text("380 days threshold 180 days")
    expect(stage.locator(".flip")).to_contain_text("“Lost” ends with one purchase.")
    expect(phone.page.locator("section[data-label]")).to_have_count(2)
    expect(phone.page.locator(".folded")).to_have_count(13)

    regular = phone.page.locator('.folded[data-label="REGULAR"]')
    expect(regular.locator(".reason")).not_to_be_visible()
    regular.locator("summary").focus()
    phone.page.keyboard.press("Enter")
    expect(regular.locator(".reason")).to_contain_text("Bought on 3 days")
    expect(regular.locator(".flip")).to_contain_text("“Regular” begins with one purchase.")


def test_the_reason_is_told_in_the_language_of_the_phone(lost: None, phone: UiDriver) -> None:
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Lost")
    phone.page.evaluate("localStorage.setItem('language', 'pl')")
    phone.reload()
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Utracony")
    expect(phone.page.locator(".stage .reason")).to_contain_text("nic nie kupiono")


def test_a_purchase_turns_the_stage_on_the_screen(lost: None, phone: UiDriver) -> None:
    phone.go("customers/blue-door")
    expect(chip(phone)).to_have_text("Lost")
    phone.until(phone.sell("20.00"), "accepted")
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Regular", timeout=WITHIN_MS)


def test_what_others_write_turns_the_stage_on_an_open_screen(
    lost: None, server: LocalServer, phone: UiDriver
) -> None:
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Lost")
    with connect(server.address, token=server.token) as client:
        bought(client, DOOR, 0)
        expect(phone.page.locator(".stage h2")).to_have_text("Regular", timeout=WITHIN_MS)
        client.standing.update_policy(standing_pb2.Policy(regular_purchase_days=9))
    expect(phone.page.locator(".stage h2")).not_to_have_text("Regular", timeout=WITHIN_MS)


def test_in_a_tunnel_the_last_standing_is_there_with_its_age(lost: None, phone: UiDriver) -> None:
    phone.go("customers/blue-door")
    expect(chip(phone)).to_have_text("Lost")
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.offline()
    phone.reload()
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Lost")
    expect(phone.page.locator(".lead .fresh")).to_contain_text("As of")
    phone.sell("20.00")
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".notice")).to_contain_text("Not counted in yet")
    expect(phone.page.locator(".stage h2")).to_have_text("Lost")

    phone.offline(False)
    expect(phone.page.locator(".stage h2")).to_have_text("Regular", timeout=WITHIN_MS)
    expect(phone.page.locator(".lead .fresh-live")).to_be_visible()


def test_what_was_never_seen_says_so(lost: None, phone: UiDriver) -> None:
    phone.go("segments")
    expect(phone.page.get_by_text("No segments yet.")).to_be_visible()
    phone.offline()
    phone.go("customers/blue-door")
    expect(phone.page.locator(".standing-line")).to_contain_text("Not seen on this phone yet")
    phone.go("customers/blue-door/standing")
    expect(phone.page.get_by_text("Not seen on this phone yet")).to_be_visible()
    phone.go("segments/win-back")
    expect(phone.page.get_by_text("Not seen on this phone yet")).to_be_visible()
    phone.go("segments")
    expect(phone.page.get_by_text("No segments yet.")).to_be_visible()


def test_where_the_server_is_silent_the_last_standing_stays(
    lost: None, server: LocalServer, phone: UiDriver
) -> None:
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Lost")
    server.kill()
    phone.go("segments")
    expect(phone.page.get_by_text("Not seen on this phone yet")).to_be_visible()
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Lost")
    expect(phone.page.locator(".lead .fresh")).to_contain_text("As of")
    server.start()
    phone.go("segments")
    expect(phone.page.get_by_text("No segments yet.")).to_be_visible(timeout=WITHIN_MS)


def test_a_lost_reply_is_asked_for_again(lost: None, line: LossyLine, phone: UiDriver) -> None:
    line.lose_next("GetStanding")
    phone.go("customers/blue-door/standing")
    expect(phone.page.locator(".stage h2")).to_have_text("Lost")
    assert line.lost == [("/clientela.v1.StandingService/GetStanding", "reply")]


def test_a_screen_that_could_not_be_loaded_comes_when_it_can_be(
    browser: Browser, server: LocalServer, books: Books
) -> None:
    phone = UiDriver(browser, server.url, service_workers="block")
    phone.sign_in(books.clerk("till-2"))
    phone.page.route("**/assets/standing-*.js", lambda route: route.abort())
    phone.go("customers/blue-door/standing")
    expect(phone.page.get_by_text("This page is not on the phone yet.")).to_be_visible()
    phone.page.unroute_all()
    expect(phone.page.locator(".stage h2")).to_have_text("Potential")
    phone.close()


def test_a_segment_lists_its_members_page_by_page(server: LocalServer, phone: UiDriver) -> None:
    with connect(server.address, token=server.token) as client:
        for number in range(70):
            name = f"Stall {number:02}"
            client.customers.create(
                customers_pb2.Customer(display_name=name), customer_id=f"stall-{number:02}"
            )
        segment = segments_pb2.Segment(
            display_name="Stalls", filter='display_name : "Stall"', strategy="A letter in spring."
        )
        client.segments.create(segment, segment_id="stalls")
        phone.go("customers")
        phone.page.get_by_role("link", name="Segments").tap()
        phone.page.get_by_role("link", name="Stalls").tap()
        expect(phone.page.locator(".card")).to_contain_text("A letter in spring.")
        expect(phone.page.locator(".card .filter")).to_have_text('display_name : "Stall"')
        expect(phone.page.locator(".list .row")).to_have_count(50)
        phone.page.get_by_role("button", name="Show more").tap()
        expect(phone.page.locator(".list .row")).to_have_count(70)
        expect(phone.page.get_by_text("70 customers")).to_be_visible()

        # Who leaves is told by the feed, while one looks at it.
        client.customers.delete("customers/stall-00")
        expect(phone.page.locator(".list .row")).to_have_count(69, timeout=WITHIN_MS)
    phone.page.get_by_role("link", name="Stall 69").tap()
    expect(phone.page.locator("h1")).to_have_text("Stall 69")
    phone.offline()
    phone.go("segments/stalls")
    expect(phone.page.locator(".list .row")).to_have_count(69)
    expect(phone.page.locator(".heading .fresh")).to_contain_text("As of")

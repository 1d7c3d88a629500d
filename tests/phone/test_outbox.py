"""The outbox in a real browser, against a real server: what it survives."""

import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from clientela.v1 import customers_pb2
from clientela_client import connect
from clientela_lab.patience import HANG_S
from clientela_lab.phone.lossy_line import Fate, LossyLine, passes
from clientela_lab.phone.ui_driver import WITHIN_MS, UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import DOOR, Books


def without_answers(line: LossyLine) -> None:
    """Let no reply to a sale come through, nor the feed, which would settle the doubt by itself."""
    fates: dict[str, Fate] = {"RecordPurchase": "reply", "Watch": "request"}
    line.fate = lambda path: fates.get(path.rpartition("/")[2], "pass")
    line.cut()


def test_a_sale_outlives_a_reload_in_the_tunnel(books: Books, phone: UiDriver) -> None:
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.offline()
    sale = phone.sell("3.00")
    phone.reload()
    # In doubt, where the new page tried before its browser told it that there is no network.
    assert phone.state(sale) in {"queued", "sending", "doubt"}
    assert not books.entries()
    phone.offline(False)
    phone.until(sale, "accepted")
    assert len(books.entries()) == 1


def test_a_draft_outlives_a_reload(phone: UiDriver) -> None:
    phone.fill_sale("3.00", what="Half typed")
    phone.page.wait_for_function("document.querySelector('.foot button').textContent.includes('3.00')")
    phone.reload()
    phone.go("sale/blue-door")
    expect(phone.page.locator(".line input").first).to_have_value("Half typed")


def test_what_is_typed_stays_when_the_buyer_changes(
    server: LocalServer, books: Books, phone: UiDriver
) -> None:
    with connect(server.address, token=server.token) as client:
        client.customers.create(customers_pb2.Customer(display_name="Green Gate"), customer_id="green-gate")
    phone.fill_sale("3.00", what="Tea")
    phone.page.get_by_role("link", name="Change").tap()
    phone.page.get_by_text("Green Gate").tap()
    expect(phone.page.locator(".line input").first).to_have_value("Tea")
    phone.until(phone.record(), "accepted")
    assert [entry.name.split("/")[1] for entry in books.entries()] == ["green-gate"]


def test_a_crash_while_sending_leaves_a_doubt_that_is_settled(
    books: Books, line: LossyLine, phone: UiDriver
) -> None:
    without_answers(line)
    sale = phone.sell("3.00")
    phone.until(sale, "doubt")
    phone.reload()
    line.fate = passes
    phone.until(sale, "accepted")
    assert len(books.entries()) == 1


def test_a_revoked_token_keeps_the_queue(books: Books, phone: UiDriver) -> None:
    phone.offline()
    sale = phone.sell("3.00")
    books.revoke("till-1")
    phone.offline(False)
    expect(phone.page.get_by_role("alert")).to_contain_text("sign in again")
    phone.until(sale, "queued")
    phone.sign_in_again(books.clerk("till-2"))
    phone.until(sale, "accepted")
    assert [entry.recorded_by for entry in books.entries()] == ["till-2"]


def test_a_doubt_under_a_revoked_token_is_recorded_once(
    books: Books, line: LossyLine, phone: UiDriver
) -> None:
    without_answers(line)
    sale = phone.sell("3.00")
    phone.until(sale, "doubt")
    books.revoke("till-1")
    line.fate = lambda path: "request" if path.endswith("/Watch") else "pass"
    expect(phone.page.get_by_role("alert")).to_contain_text("sign in again", timeout=WITHIN_MS)
    phone.sign_in_again(books.clerk("till-2"))
    phone.until(sale, "accepted")
    assert [entry.recorded_by for entry in books.entries()] == ["till-1"]


def test_two_tabs_send_each_sale_once(books: Books, phone: UiDriver) -> None:
    other = phone.context.new_page()
    other.goto(f"{phone.url}/#/outbox")
    phone.offline()
    sales = [phone.sell(f"{price}.00") for price in (1, 2, 3)]
    expect(other.locator(".item")).to_have_count(3)
    phone.offline(False)
    for sale in sales:
        phone.until(sale, "accepted")
    assert [entry.amount.units for entry in books.entries()] == [1, 2, 3]
    assert {item["attempts"] for item in phone.outbox()} == {1}


def test_a_ledger_restored_from_a_backup_is_noticed(
    server: LocalServer, books: Books, phone: UiDriver, upkeep: Callable[..., None]
) -> None:
    kept = phone.sell("1.00")
    phone.until(kept, "accepted")
    backup = server.folder / "kept.db"
    upkeep("backup", str(backup), "--database", str(server.database))
    lost = phone.sell("2.00")
    phone.until(lost, "accepted")
    server.stop()
    phone.offline()
    queued = phone.sell("3.00")
    upkeep("restore", str(backup), "--database", str(server.database), "--force")
    server.start()
    phone.offline(False)
    phone.until(queued, "accepted")
    phone.page.wait_for_selector(f'[data-request="{lost}"] .chip[data-attention="restored"]')
    assert phone.state(kept) == "accepted"
    phone.page.get_by_role("button", name="Send again").tap()
    phone.settled()
    assert sorted(entry.amount.units for entry in books.entries()) == [1, 2, 3]


@pytest.fixture
def upkeep(server: LocalServer) -> Callable[..., None]:
    """Run one of the server's commands."""
    import subprocess

    def run(*arguments: str) -> None:
        command = [sys.executable, "-m", "clientela_server", *arguments]
        done = subprocess.run(
            command, env=server.env, capture_output=True, text=True, timeout=HANG_S, check=False
        )
        assert done.returncode == 0, done.stderr

    return run


def test_a_new_customer_and_their_first_sale_are_made_in_the_tunnel(books: Books, phone: UiDriver) -> None:
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.offline()
    phone.go("new")
    phone.page.get_by_label("Name", exact=True).fill("Green Gate")
    phone.page.get_by_role("button", name="Save").tap()
    phone.page.get_by_role("link", name="Record a purchase").tap()
    phone.page.locator(".line .price").fill("5.00")
    sale = phone.record()
    phone.offline(False)
    phone.until(sale, "accepted")
    [entry] = books.entries()
    assert entry.amount.units == 5
    phone.go("customers")
    phone.page.get_by_text("Green Gate").tap()
    expect(phone.page.locator(".total strong")).to_contain_text("5.00")


def test_two_versions_are_shown_side_by_side(server: LocalServer, phone: UiDriver) -> None:
    phone.go("customers/blue-door/edit")
    phone.page.get_by_label("Name", exact=True).fill("Blue Door Kitchen")
    phone.page.get_by_label("Looked after by").fill("Till 1")
    with connect(server.address, token=server.token) as client:
        theirs = customers_pb2.Customer(name=DOOR, display_name="Blue Door & Sons")
        client.customers.update(theirs, update_mask=["display_name"])
    phone.page.get_by_role("button", name="Save").tap()
    phone.go("outbox")
    phone.page.get_by_role("button", name="Compare").tap()
    sides = phone.page.locator(".sides").first.locator(".side span")
    expect(sides).to_have_text(["Blue Door Kitchen", "Blue Door & Sons"])
    phone.page.locator(".sides").first.locator(".side").nth(1).tap()
    phone.page.get_by_role("button", name="Save").tap()
    phone.settled()
    with connect(server.address, token=server.token) as client:
        now = client.customers.get(DOOR)
    assert [now.display_name, now.patron] == ["Blue Door & Sons", "Till 1"]


def test_what_others_do_is_shown_as_it_happens(
    books: Books, phone: UiDriver, phones: Callable[[], UiDriver]
) -> None:
    other = phones()
    other.sign_in(books.clerk("till-3"))
    phone.go("customers/blue-door")
    phone.page.wait_for_selector(".total")
    sale = other.sell("9.00", what="Tea")
    other.until(sale, "accepted")
    expect(phone.page.locator(".total strong")).to_contain_text("9.00")
    expect(phone.page.locator("li").first).to_contain_text("Tea")


def test_what_is_recorded_is_shown_also_while_the_feed_is_away(line: LossyLine, phone: UiDriver) -> None:
    line.fate = lambda path: "request" if path.endswith("/Watch") else "pass"
    line.cut()
    phone.until(phone.sell("8.00"), "accepted")
    phone.go("customers/blue-door")
    expect(phone.page.locator("li").first).to_contain_text("8.00")


def test_a_link_that_signs_in_leaves_no_token_in_the_address(phone: UiDriver) -> None:
    assert "token" not in phone.page.url


def test_a_link_opened_where_the_app_is_open_signs_in_too(books: Books, phone: UiDriver) -> None:
    other = books.clerk("till-2")
    phone.page.evaluate("token => { location.hash = 'token=' + token; }", other)
    phone.page.wait_for_selector(".find")
    assert "token" not in phone.page.url
    sale = phone.sell("3.00")
    phone.until(sale, "accepted")
    assert [entry.recorded_by for entry in books.entries()] == ["till-2"]


def test_what_was_refused_is_corrected_and_sent(server: LocalServer, books: Books, phone: UiDriver) -> None:
    with connect(server.address, token=server.token) as client:
        taken = customers_pb2.Customer(display_name="Other", emails=["taken@gate.example"])
        client.customers.create(taken)
    phone.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    phone.offline()
    phone.go("new")
    phone.page.get_by_label("Name", exact=True).fill("Green Gate")
    phone.page.get_by_label("E-mail").fill("taken@gate.example")
    phone.page.get_by_role("button", name="Save").tap()
    phone.page.get_by_role("link", name="Record a purchase").tap()
    phone.page.locator(".line .price").fill("5.00")
    phone.record()
    phone.offline(False)
    phone.go("outbox")
    phone.page.get_by_role("button", name="Correct").tap()
    phone.page.get_by_label("E-mail").fill("green@gate.example")
    phone.page.get_by_role("button", name="Save").tap()
    # The sale was refused for want of its customer, who is there now.
    phone.page.get_by_role("button", name="Send again").tap()
    phone.settled()
    assert [entry.amount.units for entry in books.entries()] == [5]

"""The whole story: sales in a tunnel. Each is in the ledger once, and the phone shows it so."""

from playwright.sync_api import expect

from clientela_lab.phone.lossy_line import LossyLine
from clientela_lab.phone.ui_driver import UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import Books


def test_a_phone_in_a_tunnel(server: LocalServer, books: Books, line: LossyLine, phone: UiDriver) -> None:
    phone.offline()
    first = phone.sell("18.50", what="Coffee beans")
    second = phone.sell("4.50", what="Filter papers")
    for sale in (first, second):
        phone.until(sale, "queued")
    assert not books.entries()

    # Out of the tunnel, and the first reply is lost: the server has it, the phone cannot know.
    line.lose_next("RecordPurchase")
    phone.offline(False)
    phone.until(first, "accepted")
    phone.until(second, "accepted")
    assert line.lost == [("/clientela.v1.PurchaseService/RecordPurchase", "reply")]

    # Two taps on one button.
    phone.fill_sale("2.00", what="Oat milk")
    phone.page.locator(".foot button").evaluate("button => { button.click(); button.click(); }")
    phone.until(phone.receipt(), "accepted")

    # A price that the lines contradict: the server refuses, and the clerk decides.
    conflict = phone.sell("12.50", what="Grinder brush", agreed="12")
    phone.until(conflict, "refused")
    phone.page.get_by_role("button", name="as agreed").tap()
    expect(phone.page.locator(f'[data-request="{conflict}"]')).to_have_count(0)
    phone.settled()

    # The server is killed while a sale is on its way, and comes back.
    server.kill()
    last = phone.sell("7.25", what="Cup")
    phone.until(last, "doubt")
    server.start()
    phone.page.get_by_role("button", name="Try now").tap()
    phone.until(last, "accepted")

    amounts = sorted(entry.amount.units * 100 + entry.amount.nanos // 10**7 for entry in books.entries())
    assert amounts == [200, 450, 725, 1200, 1850]
    assert {item["state"] for item in phone.outbox()} == {"accepted"}
    revisions = {item["about"]: int(item["revision"]) for item in phone.outbox()}
    assert revisions == {entry.name: entry.revision for entry in books.entries()}

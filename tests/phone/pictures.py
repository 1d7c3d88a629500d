"""The phone's pictures for the documents, of a real run: `python -m tests.phone.pictures FOLDER`."""

import sys
import time
from pathlib import Path

from clientela.v1 import customers_pb2, purchases_pb2, segments_pb2
from clientela_client import connect
from clientela_lab.phone.ui_driver import CHROMIUM, UiDriver, browsing
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import Books
from tests.phone.screens import still

_WEEK_S = 7 * 86_400
_NEIGHBOURS = (
    "Ąžuolas Bakery",
    "Harbour Kiosk",
    "Łąka Flowers",
    "Northgate School",
    "Old Mill Inn",
    "River Theatre",
)
_ARTICLES = (("Coffee beans, 1 kg", 18, 500_000_000), ("Filter papers", 4, 500_000_000), ("Oat milk", 2, 0))

_SEGMENTS = (
    ("Coffee, regularly", 'stage = "REGULAR" AND purchases >= 3', "The new harvest first, by telephone."),
    ("One step from a client", 'kinds : "BUYER"', "Ask for an e-mail address at the next sale."),
    ("To win back", 'stage = "LOST" AND kinds : "STRATEGIC"', "A call, and special terms."),
)


def stock(server: LocalServer) -> None:
    """Register a few customers who bought something."""
    with connect(server.address, token=server.token) as client:
        door = customers_pb2.Customer(display_name="Blue Door Café", phones=["+37255501234"])
        door.organization.legal_name = "Blue Door OÜ"
        door.emails.append("hello@bluedoor.example")
        first = client.customers.create(door, customer_id="blue-door")
        others = [client.customers.create(customers_pb2.Customer(display_name=name)) for name in _NEIGHBOURS]
        everybody = [each.name for each in (first, *others)]
        for at, customer in enumerate(everybody):
            for before, (what, units, nanos) in reversed(list(enumerate(_ARTICLES[: 3 - at % 3]))):
                purchase = purchases_pb2.Purchase()
                purchase.purchase_time.FromSeconds(int(time.time()) - (2 + before * 3) * _WEEK_S)
                line = purchase.lines.add(description=what)
                line.unit_price.currency_code, line.unit_price.units, line.unit_price.nanos = (
                    "EUR",
                    units,
                    nanos,
                )
                client.purchases.record(customer, purchase)
        for display_name, filter_, strategy in _SEGMENTS:
            segment = segments_pb2.Segment(display_name=display_name, filter=filter_, strategy=strategy)
            client.segments.create(segment)


def take(hand: UiDriver, folder: Path) -> None:
    """Walk through the app, and take a picture of each place."""

    def picture(name: str) -> None:
        still(hand)
        hand.page.screenshot(path=folder / f"phone-{name}.png")

    picture("customers")
    hand.go("customers/blue-door")
    hand.page.wait_for_selector(".total strong")
    hand.page.wait_for_selector(".standing-line .chip")
    picture("customer")
    hand.page.locator(".standing-line").tap()
    hand.page.wait_for_selector(".stage")
    picture("standing")
    hand.go("segments")
    hand.page.wait_for_selector(".filter")
    picture("segments")
    hand.page.get_by_role("link", name="One step").tap()
    hand.page.wait_for_selector(".face")
    picture("members")
    hand.fill_sale("18.50", what="Coffee beans, 1 kg")
    picture("sale")
    hand.offline()
    hand.record()
    picture("kept")
    hand.sell("12.50", what="Grinder brush", agreed="12")
    hand.offline(False)
    hand.settled()
    hand.go("outbox")
    picture("outbox")


def main(folder: Path) -> int:
    """Take them."""
    if CHROMIUM is None:
        print("needs chromium", file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    with LocalServer(web="127.0.0.1:0") as server, browsing() as browser:
        stock(server)
        hand = UiDriver(browser, server.url, device_scale_factor=1)
        hand.sign_in(Books(server).clerk("till-1"))
        take(hand, folder)
        hand.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))

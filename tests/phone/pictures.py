"""The phone's pictures for the documents, of a real run: `python -m tests.phone.pictures FOLDER`."""

import sys
from pathlib import Path

from clientela.v1 import customers_pb2, purchases_pb2
from clientela_client import connect
from clientela_lab.local_server import LocalServer
from clientela_lab.phone.hand import CHROMIUM, Hand, browsing
from tests.phone.books import Books
from tests.phone.screens import still

_NEIGHBOURS = (
    "Ąžuolas Bakery",
    "Harbour Kiosk",
    "Łąka Flowers",
    "Northgate School",
    "Old Mill Inn",
    "River Theatre",
)
_ARTICLES = (("Coffee beans, 1 kg", 18, 500_000_000), ("Filter papers", 4, 500_000_000), ("Oat milk", 2, 0))


def stock(server: LocalServer) -> None:
    """Register a few customers who bought something."""
    with connect(server.address, token=server.token) as client:
        door = customers_pb2.Customer(display_name="Blue Door Café", phones=["+37255501234"])
        door.organization.legal_name = "Blue Door OÜ"
        door.emails.append("hello@bluedoor.example")
        client.customers.create(door, customer_id="blue-door")
        for name in _NEIGHBOURS:
            client.customers.create(customers_pb2.Customer(display_name=name))
        everybody = list(client.customers.list())
        for at, customer in enumerate(everybody):
            for what, units, nanos in _ARTICLES[: at % 3 + 1]:
                purchase = purchases_pb2.Purchase()
                line = purchase.lines.add(description=what)
                line.unit_price.currency_code, line.unit_price.units, line.unit_price.nanos = (
                    "EUR",
                    units,
                    nanos,
                )
                client.purchases.record(customer.name, purchase)


def take(hand: Hand, folder: Path) -> None:
    """Walk through the app, and take a picture of each place."""

    def picture(name: str) -> None:
        still(hand)
        hand.page.screenshot(path=folder / f"phone-{name}.png")

    picture("customers")
    hand.go("customers/blue-door")
    hand.page.wait_for_selector(".total strong")
    picture("customer")
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
        hand = Hand(browser, server.url, device_scale_factor=1)
        hand.sign_in(Books(server).clerk("till-1"))
        take(hand, folder)
        hand.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))

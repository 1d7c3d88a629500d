"""The published sample as a shop: purchases are real; how clients came, and what that cost, is made up."""

from pathlib import Path

from clientela_lab import cdnow
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.cli.running import Ended, run_process

# Of eight clients who follow each other by id, and in the whole of the first quarter, when all were won.
CHANNELS = (
    "advertising",
    "marketing",
    "advertising",
    "referral",
    "marketing",
    "public_relations",
    "advertising",
    "",
)
SPENT = {"advertising": 25_000, "marketing": 27_000, "public_relations": 18_000, "referral": 4_500}
CAMPAIGNS = {"advertising": "<b>spring</b>", "marketing": "catalogue"}
LAST_DAY = ("--as-of", "1998-06-30")


class Shop:
    """`clientela ...` as a process, asking one server."""

    def __init__(self, server: LocalServer) -> None:
        self.env = server.env | {"CLIENTELA_SERVER": server.address}

    def __call__(self, *words: str) -> Ended:
        return run_process(self.env, *words)

    def done(self, *words: str) -> Ended:
        ended = self(*words)
        assert ended.exit_code == 0, ended.stderr
        return ended


def stock(shop: Shop, folder: Path) -> None:
    """Import the clients with their channels, their purchases, and what was spent."""
    ids = sorted({row.customer_id for row in cdnow.rows()})
    lines = [f"{known},Customer {known},{CHANNELS[place % 8]}" for place, known in enumerate(ids)]
    customers, purchases = folder / "customers.csv", folder / "cdnow.csv"
    customers.write_text("\n".join(["customer_id,display_name,channel", *lines]) + "\n", encoding="utf-8")
    cdnow.write_csv(purchases)
    shop.done("customers", "import", str(customers))
    shop.done("purchases", "import", str(purchases), "--currency", cdnow.CURRENCY)
    for channel, amount in SPENT.items():
        words = (
            "economics",
            "spend",
            channel,
            str(amount),
            "USD",
            "--from",
            "1997-01-01",
            "--to",
            "1997-03-31",
        )
        campaign = ("--campaign", CAMPAIGNS[channel]) if channel in CAMPAIGNS else ()
        shop.done(*words, *campaign)
    shop.done("economics", "spend", "other", "500", "USD", "--from", "1997-06-01", "--keeping")
    for report in ("show", "ltv"):  # the first of a kind takes long: what finds it is loaded
        shop.done("economics", report, *LAST_DAY, "--timeout", f"{HANG_S:g}")

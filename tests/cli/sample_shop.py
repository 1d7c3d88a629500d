"""The published sample as a shop, made by the lines that docs/economics.md gives for it.

Purchases are real; how clients came, and what that cost, is made up.
"""

import shlex
from pathlib import Path

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.cli.running import Ended, run_process

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/economics.md").read_text("utf-8")
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
    lines = stocking(DOCUMENT)
    assert len(lines) == 8
    for line in lines:
        words = [str(folder / word) if word.endswith(".csv") else word for word in shlex.split(line)[1:]]
        channel = words[2]
        campaign = ("--campaign", CAMPAIGNS[channel]) if channel in CAMPAIGNS else ()
        shop.done(*words, *campaign)
    for report in ("show", "ltv"):  # the first of a kind takes long: what finds it is loaded
        shop.done("economics", report, *LAST_DAY, "--timeout", f"{HANG_S:g}")


def stocking(document: str) -> list[str]:
    """Return the lines that make the sample one's own, in their order."""
    block = document.partition("To have the same on yours")[2].partition("On a terminal:")[0]
    return [line.strip() for line in block.splitlines() if line.startswith("    ")]

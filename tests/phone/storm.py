"""Random taps, cuts, reloads and kills: is each sale in the ledger once, and does the phone say so?

    python -m tests.phone.storm --runs 100 --seed 1

Each run has a server and a browser's profile of its own, and one source of chance, its seed, so that a run
that fails can be had again: `--runs 1 --seed N`. A sale's amount is its number: the ledger tells them apart.
"""

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from playwright.sync_api import Browser

from clientela_lab.phone.lossy_line import Fate, LossyLine, passes
from clientela_lab.phone.ui_driver import CHROMIUM, UiDriver, browsing
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import Books

STEPS = 14
_WEIGHTS = {
    "sell": 6,
    "sell twice": 2,
    "offline": 2,
    "online": 3,
    "reload": 1,
    "cut": 1,
    "kill": 1,
    "start": 2,
    "wait": 2,
}


@dataclass
class Storm:
    """One run: what was done, and what came of it."""

    seed: int
    sold: int = 0
    lost_replies: int = 0
    lost_requests: int = 0
    kills: int = 0
    reloads: int = 0
    faults: list[str] = field(default_factory=list)


class Weather:
    """Does what chance says to one phone, one line and one server."""

    def __init__(self, seed: int, hand: UiDriver, line: LossyLine, server: LocalServer) -> None:
        self.chance = random.Random(seed)
        self.storm = Storm(seed)
        self._hand, self._line, self._server = hand, line, server
        self._is_up, self._is_online = True, True

    def blow(self) -> None:
        """Let a number of things happen."""
        self._line.fate = self._fate
        for _ in range(STEPS):
            [what] = self.chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
            getattr(self, "_" + what.replace(" ", "_"))()

    def calm(self) -> None:
        """Let the net and the server come back, and wait until the phone has come to rest."""
        self._line.fate = passes
        self._start()
        self._online()
        self._hand.settled()

    def _fate(self, path: str) -> Fate:
        if not path.endswith("/RecordPurchase"):
            return "request" if self.chance.random() < 0.1 else "pass"
        fate: Fate = self.chance.choice(["pass", "pass", "request", "reply"])
        self.storm.lost_replies += fate == "reply"
        self.storm.lost_requests += fate == "request"
        return fate

    def _sell(self) -> None:
        self.storm.sold += 1
        self._hand.sell(str(self.storm.sold))

    def _sell_twice(self) -> None:
        self.storm.sold += 1
        self._hand.fill_sale(str(self.storm.sold))
        self._hand.page.locator(".foot button").evaluate("button => { button.click(); button.click(); }")
        self._hand.receipt()

    def _offline(self) -> None:
        self._is_online = False
        self._hand.offline()

    def _online(self) -> None:
        self._is_online = True
        self._hand.offline(False)

    def _reload(self) -> None:
        # Without a network the shell comes from the service worker, which tests of the outbox cover.
        if self._is_online:
            self.storm.reloads += 1
            self._hand.reload()

    def _cut(self) -> None:
        self._line.cut()

    def _kill(self) -> None:
        if self._is_up:
            self.storm.kills += 1
            self._server.kill()
        self._is_up = False

    def _start(self) -> None:
        if not self._is_up:
            self._server.start()
        self._is_up = True

    def _wait(self) -> None:
        self._hand.page.wait_for_timeout(self.chance.uniform(0, 400))


def judge(storm: Storm, hand: UiDriver, books: Books) -> None:
    """Compare what was tapped, what the phone says, and what the ledger holds."""
    ledger = {entry.name: entry.revision for entry in books.entries()}
    amounts = Counter(entry.amount.units for entry in books.entries())
    for number in range(1, storm.sold + 1):
        if amounts[number] != 1:
            storm.faults.append(f"sale {number} is in the ledger {amounts[number]} times")
    if len(ledger) != storm.sold:
        storm.faults.append(f"{storm.sold} sales were tapped, {len(ledger)} are in the ledger")
    for item in hand.outbox():
        said = (item["state"], int(item["revision"] or 0))
        if said != ("accepted", ledger.get(item["about"])):
            storm.faults.append(
                f"the phone says {said} of {item['about']}, the ledger {ledger.get(item['about'])}"
            )
    if len(hand.outbox()) != storm.sold:
        storm.faults.append(f"the outbox holds {len(hand.outbox())} of {storm.sold}")
    storm.faults += hand.faults


def run(browser: Browser, seed: int) -> Storm:
    """Run one storm."""
    with LocalServer(web="127.0.0.1:0") as server, LossyLine(server.url) as line:
        books = Books(server)
        books.open_door()
        hand = UiDriver(browser, line.url)
        try:
            hand.sign_in(server.token)
            hand.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
            weather = Weather(seed, hand, line, server)
            weather.blow()
            weather.calm()
            judge(weather.storm, hand, books)
            return weather.storm
        finally:
            hand.close()


def main() -> int:
    """Run many storms, and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the next has the next one")
    options = parser.parse_args()
    if CHROMIUM is None:
        print("needs chromium", file=sys.stderr)
        return 2
    began, storms = time.monotonic(), []
    with browsing() as browser:
        for seed in range(options.seed, options.seed + options.runs):
            storms.append(run(browser, seed))
            if storms[-1].faults:
                print(f"seed {seed}:", *storms[-1].faults, sep="\n  ")
    bad = sum(bool(storm.faults) for storm in storms)
    names = ("sold", "lost_replies", "lost_requests", "kills", "reloads")
    totals = {name.replace("_", " "): sum(getattr(storm, name) for storm in storms) for name in names}
    print(f"{len(storms)} storms in {time.monotonic() - began:.0f} s:", totals)
    print(f"storms with a sale lost, doubled or without an end: {bad}")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())

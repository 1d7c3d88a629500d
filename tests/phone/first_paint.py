"""How soon a phone shows something, and how soon it can be used, on the browser's own "Slow 4G".

    python -m tests.phone.first_paint

The figures of the throttle are those of the browser's developer tools: 562.5 ms for each round trip, 1.44
Mbit/s down, 675 kbit/s up. The processor is not slowed down. A first visit has nothing in any cache; a second
one has the service worker.
"""

import statistics
import sys

from playwright.sync_api import Browser

from clientela_lab.phone.ui_driver import CHROMIUM, UiDriver, browsing
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import Books

_SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.44e6 / 8,
    "uploadThroughput": 675e3 / 8,
}
_PAINTED = """() => new Promise(resolve => new PerformanceObserver(list => {
  const [paint] = list.getEntriesByName('first-contentful-paint');
  if (paint) resolve(paint.startTime);
}).observe({type: 'paint', buffered: true}))"""
RUNS = 5


def visits(browser: Browser, server: LocalServer, token: str) -> tuple[float, float, float, float]:
    """Return the first paint and the first use of a first and of a second visit, in ms."""
    hand = UiDriver(browser, server.url)
    try:
        wire = hand.context.new_cdp_session(hand.page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", _SLOW_4G)
        first = _visit(hand, f"{server.url}/#token={token}")
        hand.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        hand.page.goto("about:blank")
        return (*first, *_visit(hand, f"{server.url}/#/customers"))
    finally:
        hand.close()


def _visit(hand: UiDriver, url: str) -> tuple[float, float]:
    hand.page.goto(url)
    painted = float(hand.page.evaluate(_PAINTED))
    hand.page.wait_for_selector(".row")
    return painted, float(hand.page.evaluate("performance.now()"))


def main() -> int:
    """Measure, and print the medians."""
    if CHROMIUM is None:
        print("needs chromium", file=sys.stderr)
        return 2
    with LocalServer(web="127.0.0.1:0") as server, browsing() as browser:
        books = Books(server)
        books.open_door()
        token = books.clerk("till-1")
        figures = [visits(browser, server, token) for _ in range(RUNS)]
    names = ("first visit: first paint", "customers shown", "second visit: first paint", "customers shown")
    for name, values in zip(names, zip(*figures, strict=True), strict=True):
        least, most = min(values), max(values)
        print(f"{name:28} {statistics.median(values):7.0f} ms   (of {RUNS}: {least:.0f} to {most:.0f})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

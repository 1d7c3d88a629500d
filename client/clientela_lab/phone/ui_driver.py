"""Drives the phone's user interface in a browser that emulates a phone: taps, types, reads.

Needs playwright (`clientela[browser]`) and chromium. Read next: lossy_line.py, what is between the two.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from clientela_lab.clock import monotonic
from clientela_lab.patience import HANG_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Root needs the first; the others keep the browser from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WITHIN_MS = HANG_S * 1000
# Playwright's own 5 s are over on a loaded machine; only a hang takes as long as this.
expect.set_options(timeout=WITHIN_MS)
#: Longer than the longest pause of the sender.
_MOVING = {"queued", "sending", "doubt"}
#: The outbox as it is on the phone's disk, read beside the app.
_READ_OUTBOX = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('clientela');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const all = database.transaction('outbox').objectStore('outbox').getAll();
    all.onsuccess = () => { database.close(); resolve(all.result.map(({message, ...item}) => item)); };
  };
})"""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Yield a headless browser, closed with the context."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def phone_context(browser: Browser, **options: Any) -> BrowserContext:
    """Return a browser context that emulates a phone: viewport, touch, pixel density."""
    told = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "locale": "en"}
    context = browser.new_context(**{**told, "is_mobile": True, "has_touch": True, **options})
    context.set_default_timeout(WITHIN_MS)
    return context


class UiDriver:
    """One phone; `url` is the server's as its browser reaches it."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.context = phone_context(browser, **options)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self._listen()

    def _listen(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def sign_in(self, token: str) -> None:
        """Open the link of the QR code, and wait for the first synchronization."""
        self.page.goto(f"{self.url}/#token={token}")
        expect(self.page.locator(".fresh-live").first).to_be_visible(timeout=WITHIN_MS)

    def sign_in_again(self, token: str) -> None:
        """Follow the banner, and enter another token."""
        self.page.get_by_role("link", name="Sign in").tap()
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Sign in").tap()
        self.page.wait_for_selector(".find")

    def go(self, place: str) -> None:
        """Open a screen, as a tap on a link does."""
        self.page.evaluate("place => { location.hash = '/' + place; }", place)

    def reload(self) -> None:
        """Reload, as after a crash: only what is on disk is left."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}/#/outbox")
        self.page.wait_for_selector(".tabs a")

    def offline(self, is_offline: bool = True) -> None:
        """Switch the network off, or on again."""
        self.context.set_offline(is_offline)

    def fill_sale(
        self, price: str, *, what: str = "Coffee", agreed: str = "", customer: str = "blue-door"
    ) -> None:
        """Fill in a sale of one item."""
        self.go(f"sale/{customer}")
        line = self.page.locator(".line").first
        line.locator("input").first.fill(what)
        line.locator(".price").fill(price)
        if agreed:
            self.page.get_by_label("Agreed total").fill(agreed)

    def record(self) -> str:
        """Tap "Record"; return the request id of the receipt."""
        self.page.locator(".foot button").tap()
        return self.receipt()

    def receipt(self) -> str:
        """Wait for the receipt; return its request id."""
        self.page.wait_for_selector(".slip")
        return str(self.page.evaluate("location.hash.split('/').pop()"))

    def sell(self, price: str, **more: str) -> str:
        """Record a sale; return its request id."""
        self.fill_sale(price, **more)
        return self.record()

    def outbox(self) -> list[dict[str, Any]]:
        """Return the outbox from the phone's disk."""
        return list(self.page.evaluate(_READ_OUTBOX))

    def state(self, request_id: str) -> str:
        """Return the state of one write in the outbox, or why it needs attention."""
        [item] = [item for item in self.outbox() if item["requestId"] == request_id]
        return str(item["attention"] or item["state"])

    def until(self, request_id: str, state: str) -> None:
        """Wait until the outbox shows a write in this state."""
        self.go("outbox")
        wanted = f'[data-request="{request_id}"] .chip[data-state="{state}"]'
        self.page.wait_for_selector(wanted, timeout=WITHIN_MS)

    def settled(self) -> None:
        """Wait until the outbox on disk, and so on the screen, has nothing to send."""
        self.go("outbox")
        deadline = monotonic() + HANG_S
        while any(item["state"] in _MOVING and not item["attention"] for item in self.outbox()):
            assert monotonic() < deadline, "the outbox does not come to rest"
            self.page.wait_for_timeout(50)
        expect(self.page.locator('.chip[data-state="sending"]')).to_have_count(0)

    def close(self) -> None:
        """Close the browser context."""
        self.context.close()

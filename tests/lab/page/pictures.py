"""Takes the pictures of docs/pictures from a real run: `make pictures`.

The lost reply without its request id, in light and in dark, opened at the request that was charged twice.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from clientela_lab.catalogue import find
from clientela_lab.page.page import write_page
from clientela_lab.phone.ui_driver import CHROMIUM, browsing
from clientela_lab.runs.running import play
from tests.lab.page.palette import with_palette

FOLDER = Path(__file__).resolve().parents[3] / "docs/pictures"
SIZE = {"width": 1440, "height": 1080}


def main() -> None:
    if CHROMIUM is None:
        sys.exit("make: a chromium is needed to take pictures (Debian: apt-get install chromium)")
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        page = Path(folder) / "lost-reply.html"
        found = find("lost-reply")
        write_page(play(found, without=found.scenario.protection).events, page)
        with browsing() as browser:
            for scheme in ("light", "dark"):
                take(browser, page, scheme)


def take(browser: Browser, file: Path, scheme: str) -> None:
    """Open the first request, point at its amount, and keep what is seen."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
    page.goto(file.as_uri())
    page.locator(".is-message").first.click()
    page.evaluate("scrollTo(0, 0)")
    page.locator(".node", has=page.locator(".name:text-is('amount')")).dispatch_event("mouseover")
    picture = FOLDER / f"lab-{scheme}.png"
    picture.write_bytes(with_palette(browser, page.screenshot()))
    print(f"{picture.relative_to(Path.cwd())}: {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()

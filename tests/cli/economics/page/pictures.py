"""Takes the pictures of the page of economics from a real run: `make pictures`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from clientela_lab.phone.ui_driver import CHROMIUM, browsing
from clientela_lab.servers.local_server import LocalServer
from tests.cli.sample_shop import LAST_DAY, Shop, stock
from tests.lab.page.palette import with_palette

FOLDER = Path(__file__).resolve().parents[4] / "docs/pictures"
SIZE = {"width": 1120, "height": 980}


def main() -> None:
    if CHROMIUM is None:
        sys.exit("make: a chromium is needed to take pictures (Debian: apt-get install chromium)")
    with TemporaryDirectory() as folder, LocalServer() as server:
        shop, page = Shop(server), Path(folder) / "economics.html"
        stock(shop, Path(folder))
        shop.done("economics", "page", str(page), "--margin", "40%", *LAST_DAY)
        with browsing() as browser:
            for scheme in ("light", "dark"):
                take(browser, page, scheme)


def take(browser: Browser, file: Path, scheme: str) -> None:
    """Open the page, and keep what is seen of it first."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(file.as_uri())
    picture = FOLDER / f"economics-{scheme}.png"
    picture.write_bytes(with_palette(browser, page.screenshot()))
    print(f"{picture.relative_to(Path.cwd())}: {picture.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()

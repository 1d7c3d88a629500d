"""A real browser, and pages of the samples in it. Any message on a page's console fails the test."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from clientela_lab.page.page import write_page
from clientela_lab.patience import HANG_S
from tests.lab.page.tape import Event

Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a recording from disk; at the end it must have said nothing, and asked for nothing."""
    noise: list[str] = []

    def open_page(
        events: Sequence[Event],
        *,
        torn: bool = False,
        size: tuple[int, int] = (1440, 1000),
        scheme: str = "light",
        at: str = "",
    ) -> Page:
        file = tmp_path / "page.html"
        write_page(events, file, torn)
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(HANG_S * 1000)
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on(
            "request", lambda request: noise.append(request.url) if not is_it(request.url, file) else None
        )
        page.on("dialog", lambda dialog: noise.append(dialog.message))
        page.goto(f"{file.as_uri()}{at}")
        page.wait_for_selector("html[data-ready=yes]")
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert noise == []


def is_it(url: str, file: Path) -> bool:
    return url.partition("#")[0] == file.as_uri()

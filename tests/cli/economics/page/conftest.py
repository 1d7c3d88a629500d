"""A real browser with the page in it. Any message on the page's console fails the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from clientela_client.cli.economics.page.findings import Findings
from clientela_client.cli.economics.page.page import write_page
from clientela_lab.patience import HANG_S

Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page from disk; at the end it must have said nothing, and asked for nothing."""
    noise: list[str] = []

    def open_page(
        findings: Findings, *, width: int = 1280, scheme: str = "light", bypass_csp: bool = False
    ) -> Page:
        file = tmp_path / "economics.html"
        write_page(findings, file)
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=bypass_csp
        )
        page = context.new_page()
        page.set_default_timeout(HANG_S * 1000)
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("dialog", lambda dialog: noise.append(dialog.message))
        page.on("request", lambda request: request.url == file.as_uri() or noise.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready=yes]")
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert noise == []

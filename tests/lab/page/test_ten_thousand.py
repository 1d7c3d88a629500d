"""Ten thousand events: what is in the document stays small, wherever the reader is."""

import pytest
from playwright.sync_api import Page

from tests.lab.page import samples
from tests.lab.page.conftest import Open

EVENTS = 10_000
ROWS_MAX = 150
FRAMES = """
async () => {
  let longest = 0, before = performance.now();
  for (let step = 0; step < 60; step += 1) {
    scrollBy(0, document.body.scrollHeight / 60);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  return longest;
}
"""


@pytest.fixture
def page(opened: Open) -> Page:
    return opened(samples.many(EVENTS), size=(1440, 900))


def rows(page: Page) -> int:
    return page.locator("[role=option]").count()


def test_only_the_rows_near_the_window_are_in_the_document(page: Page) -> None:
    assert 10 < rows(page) < ROWS_MAX
    page.locator("#frames").check()
    assert 10 < rows(page) < ROWS_MAX
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    page.locator("[role=option][aria-posinset='4990']").wait_for()
    assert 10 < rows(page) < ROWS_MAX


def test_the_end_is_reached_and_opened(page: Page) -> None:
    longest_ms = page.evaluate(FRAMES)
    page.locator("#rows").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.locator("#panel-title").text_content() in {
        "OK",
        "Purchase",
        "RecordPurchase",
        "RecordPurchaseRequest",
    }
    assert rows(page) < ROWS_MAX
    loaded_ms = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    print(f"{EVENTS:,} events: read after {loaded_ms:.0f} ms, longest frame {longest_ms:.0f} ms")


def test_all_of_it_can_be_searched(page: Page) -> None:
    page.locator("#text").fill('"purchase 1000"')
    assert set(page.locator(".of-arrow .label b").all_text_contents()) == {
        "Purchase",
        "RecordPurchaseRequest",
    }
    assert rows(page) == 2

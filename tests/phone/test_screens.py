"""Every screen, light and dark, in every language: nothing serious for axe-core, nothing too small to tap."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from clientela.v1 import customers_pb2
from clientela_client import connect
from clientela_lab.phone.ui_driver import UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import AXE, DOOR, Books
from tests.phone.screens import SCREENS, show

LANGUAGES = ("en", "pl", "ru", "lt")

_AXE = "() => axe.run({resultTypes: ['violations']})"
#: Controls that a thumb would miss; a radio button is as large as its label.
_SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary')].filter(element => {
  const target = element.closest('label') ?? element;
  const { width, height } = target.getBoundingClientRect();
  return width > 1 && (width < 44 || height < 44);
}).map(element => element.outerHTML.slice(0, 120))"""
_TWICE_AS_LARGE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root { font-size: 200% !important; }');
  document.adoptedStyleSheets = [sheet];
}"""
#: Texts that are cut off: by an ancestor that hides what overflows it, by a small control, by the screen.
_CLIPPED = """() => {
  const found = new Set();
  // Not innerWidth: a phone's browser zooms out of what is too wide.
  const width = document.documentElement.clientWidth;
  const boxed = 'nav.tabs a, .badge, .chip, .button, .small, .choice label';
  const unseen = '.hidden, .skip, option, noscript, script, legend, details:not([open]) > :not(summary)';
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const parent = text.parentElement;
    const isSeen = getComputedStyle(parent).visibility !== 'hidden' && !parent.closest(unseen);
    if (!text.data.trim() || !isSeen) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.left < -1 || box.right > width + 1) {
        if (!parent.closest('.usual, .totals')) found.add(`screen: ${text.data}`);
      }
      for (let each = parent; each !== document.body; each = each.parentElement) {
        const style = getComputedStyle(each);
        if (style.display === 'inline') continue;
        const cuts = (axis) => ['hidden', 'clip'].includes(style[axis]) || each.matches(boxed);
        const room = each.getBoundingClientRect();
        const wide = cuts('overflowX') && (box.left < room.left - 1 || box.right > room.right + 1);
        const high = cuts('overflowY') && (box.top < room.top - 2 || box.bottom > room.bottom + 2);
        if (wide || high) found.add(`${each.tagName}.${each.className}: ${text.data}`);
      }
    }
  }
  for (const each of document.querySelectorAll('input:not([type=radio])')) {
    const hint = document.createElement('canvas').getContext('2d');
    hint.font = getComputedStyle(each).font;
    const room = each.getBoundingClientRect();
    const small = each.scrollHeight > each.clientHeight + 2 || room.right > width + 1;
    if (small || hint.measureText(each.placeholder).width > each.clientWidth) found.add(each.outerHTML);
  }
  return [...found];
}"""
_OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server with something to show."""
    with LocalServer(folder=tmp_path_factory.mktemp("shop"), web="127.0.0.1:0") as running:
        books = Books(running)
        books.open_door()
        books.save_segment()
        yield running


@pytest.fixture(scope="module", params=["light", "dark"])
def stocked(request: pytest.FixtureRequest, shop: LocalServer, browser: Browser) -> Iterator[UiDriver]:
    """A phone with a sale in each state, and an edit that somebody else was faster than."""
    hand = UiDriver(browser, shop.url, color_scheme=request.param)
    hand.sign_in(Books(shop).clerk(f"till-{request.param}"))
    hand.until(hand.sell("3.50", what="Tea"), "accepted")
    hand.until(hand.sell("12.50", agreed="12"), "refused")
    hand.go("customers/blue-door/edit")
    hand.page.get_by_label("Name", exact=True).fill("Blue Door Kitchen")
    with connect(shop.address, token=shop.token) as client:
        theirs = customers_pb2.Customer(name=DOOR, display_name=f"Blue Door {request.param}")
        client.customers.update(theirs, update_mask=["display_name"])
    hand.page.get_by_role("button", name="Save").tap()
    hand.go("outbox")
    hand.page.get_by_role("button", name="Compare").wait_for()
    hand.offline()
    hand.sell("1.00", what="Water")
    hand.offline(False)
    hand.settled()
    yield hand
    hand.close()


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_serious(stocked: UiDriver, screen: str) -> None:
    if not AXE.is_file():
        pytest.skip("needs axe-core: `npm ci` in client/phone")
    show(stocked, screen)
    stocked.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = stocked.page.evaluate(_AXE)
    serious = [
        (each["id"], [node["html"][:160] for node in each["nodes"]])
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert not serious


@pytest.mark.parametrize("screen", SCREENS)
def test_a_thumb_hits_what_it_aims_at(stocked: UiDriver, screen: str) -> None:
    show(stocked, screen)
    assert not stocked.page.evaluate(_SMALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_wider_than_the_phone(stocked: UiDriver, language: str) -> None:
    stocked.page.evaluate("language => localStorage.setItem('language', language)", language)
    stocked.reload()
    expect(stocked.page.locator("html")).to_have_attribute("lang", language)
    too_wide = {}
    for screen in SCREENS:
        show(stocked, screen)
        too_wide[screen] = stocked.page.evaluate(_OVERFLOW)
    stocked.page.evaluate("localStorage.removeItem('language')")
    stocked.reload()
    assert {screen for screen, pixels in too_wide.items() if pixels > 0} == set()


def test_the_judge_of_clipped_text_sees_it(stocked: UiDriver) -> None:
    show(stocked, "customers")
    plant = """(style) => { const note = document.createElement('p'); note.id = 'planted';
      note.textContent = 'planted text'; note.style.cssText = style; document.body.prepend(note); }"""
    for style in (
        "width: 3em; overflow: hidden; white-space: nowrap",
        "height: .5em; overflow: hidden",
        "width: 100%; white-space: nowrap; text-indent: 350px",
    ):
        assert not stocked.page.evaluate(_CLIPPED)
        stocked.page.evaluate(plant, style)
        assert stocked.page.evaluate(_CLIPPED)
        stocked.page.evaluate("document.getElementById('planted').remove()")


@pytest.mark.parametrize(
    "language", ["ru", *(pytest.param(each, marks=pytest.mark.long) for each in ("en", "pl", "lt"))]
)
def test_text_twice_as_large_is_clipped_nowhere(stocked: UiDriver, language: str) -> None:
    stocked.page.evaluate("language => localStorage.setItem('language', language)", language)
    stocked.reload()
    expect(stocked.page.locator("html")).to_have_attribute("lang", language)
    stocked.page.evaluate(_TWICE_AS_LARGE)
    clipped = {}
    for screen in SCREENS:
        show(stocked, screen)
        clipped[screen] = stocked.page.evaluate(_CLIPPED)
        if stocked.page.evaluate(_OVERFLOW) > 0:
            clipped[screen].append("the page is wider than the phone")
    stocked.page.evaluate("localStorage.removeItem('language')")
    stocked.reload()
    assert {screen: texts for screen, texts in clipped.items() if texts} == {}

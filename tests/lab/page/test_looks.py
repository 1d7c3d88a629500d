"""How the page looks: texts that can be read in light and dark, on a wide window and on a telephone."""

import re

import pytest
from playwright.sync_api import Page

from tests.lab.page import samples
from tests.lab.page.conftest import Open

CONTRAST_MIN = 4.5
# What is under a text: the colours of all that it stands in, from the page up to itself.
COLOURS = """
elements => elements.filter((element) => element.checkVisibility({visibilityProperty: true}) &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())).map((element) => {
  const grounds = [];
  for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
  return [element.textContent.slice(0, 40), getComputedStyle(element).color, grounds];
})
"""
Colour = tuple[float, float, float]


def parsed(text: str) -> tuple[Colour, float]:
    """Read rgb(...) and color(srgb ...) as three numbers from 0 to 1, and how opaque it is."""
    numbers = [float(number) for number in re.findall(r"[\d.]+(?:e-?\d+)?", text)]
    scale = 1.0 if text.startswith("color(") else 255.0
    red, green, blue = (number / scale for number in numbers[:3])
    return (red, green, blue), numbers[3] if len(numbers) > 3 else 1.0


def over(ground: Colour, text: str) -> Colour:
    colour, opacity = parsed(text)
    mixed = [opacity * new + (1 - opacity) * old for new, old in zip(colour, ground, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def luminance(colour: Colour) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text: str, grounds: list[str]) -> float:
    ground: Colour = (1.0, 1.0, 1.0)
    for layer in grounds:
        ground = over(ground, layer)
    light, dark = sorted([luminance(over(ground, text)), luminance(ground)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint_texts(page: Page) -> dict[str, float]:
    """All texts in the document that are harder to read than they may be, with their contrast."""
    found = {
        words: round(contrast(colour, grounds), 2)
        for words, colour, grounds in page.locator(
            "body *:not(script, option, button:disabled)"
        ).evaluate_all(COLOURS)
    }
    assert len(found) > 60
    return {words: value for words, value in found.items() if value < CONTRAST_MIN}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sample", [samples.lost_reply, samples.streams])
def test_every_text_can_be_read_on_its_ground(opened: Open, scheme: str, sample: samples.Sample) -> None:
    page = opened(sample(), scheme=scheme)
    page.locator("#frames").check()
    page.locator("[role=option]", has_text="Request").first.click()
    page.locator(".node", has_text="parent").or_(page.locator(".node", has_text="names")).first.hover()
    assert faint_texts(page) == {}


def test_a_text_that_is_too_faint_is_found(opened: Open) -> None:
    page = opened(samples.lost_reply())
    page.evaluate("document.querySelector('h1').style.color = '#999'")
    assert list(faint_texts(page)) == ["A reply is lost. Is the customer charged"]


def test_light_and_dark_can_be_switched(opened: Open) -> None:
    page = opened(samples.lost_reply(), scheme="dark")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.keyboard.press("t")
    light = page.evaluate(ground)
    assert luminance(parsed(light)[0]) > 0.8
    assert luminance(parsed(dark)[0]) < 0.1
    assert faint_texts(page) == {}
    page.keyboard.press("t")
    assert page.evaluate(ground) == dark


@pytest.mark.parametrize("width", [390, 700, 1024, 1920])
def test_nothing_is_wider_than_the_window(opened: Open, width: int) -> None:
    page = opened(samples.lost_reply(), size=(width, 844))
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= width
    page.locator("[role=option]", has_text="RecordPurchaseRequest").first.click()
    assert page.evaluate(wide) <= width
    panel = page.locator("#panel")
    assert panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") <= 0
    assert page.locator(".hex").evaluate("hex => hex.scrollWidth - hex.clientWidth") <= 0


def test_what_has_the_focus_shows_it(opened: Open) -> None:
    page = opened(samples.lost_reply())
    for _ in range(8):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or page.evaluate("document.activeElement.id") == "rows"
    page.locator("#rows").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".row.active").evaluate("row => getComputedStyle(row).outlineStyle") == "solid"


def test_nothing_moves_for_who_wants_no_motion(opened: Open) -> None:
    page = opened(samples.lost_reply(), size=(390, 844))
    page.locator("[role=option]", has_text="RecordPurchaseRequest").first.click()
    assert page.evaluate("document.getAnimations().length") == 0

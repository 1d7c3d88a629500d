"""The page of economics in a real browser: all figures are there, and nothing strange acts on it."""

import re

import pytest
from playwright.sync_api import expect

from clientela_client.cli.economics.page.page import page as page_of
from clientela_client.cli.economics.page.scales import lines_of, short
from tests.cli import economics_samples as samples
from tests.cli.economics.page.conftest import Open
from tests.cli.economics.page.samples import HOSTILE, findings, nothing, ten_years
from tests.phone.books import AXE

PLACES = ("channels", "months", "cohorts", "rfm", "lifetime", "spending")


def test_it_is_small_and_fetches_nothing() -> None:
    text = page_of(findings())
    assert len(text.encode()) < 100_000
    assert re.findall(r"https?://", text) == []
    assert " style=" not in text and " onclick=" not in text


def test_every_section_and_figure_is_there(opened: Open) -> None:
    page = opened(findings())
    for place in PLACES:
        expect(page.locator(f"nav a[href='#{place}']")).to_be_visible()
        expect(page.locator(f"#{place} h2")).to_be_visible()
    row = page.locator("#channels tbody tr", has_text="advertising")
    expect(row).to_contain_text("61.40")
    expect(row).to_contain_text("✗ UNPROFITABLE")
    expect(page.locator("#channels svg[role=img]")).to_have_attribute(
        "aria-label", re.compile("referral: CAC 30.00")
    )
    expect(page.locator("#cohorts tbody tr").first).to_contain_text("26")
    assert page.locator(".rfm tbody td").count() == 25
    expect(page.locator("#lifetime")).to_contain_text("7.0 % too low")
    expect(page.locator("#lifetime")).to_contain_text("800.00 to 1,700.25")


def test_what_strangers_typed_stays_text(opened: Open) -> None:
    page = opened(findings(HOSTILE))
    shown = HOSTILE.replace("\u202e", "\ufffd")
    expect(page.locator("#spending tbody")).to_contain_text(shown)
    expect(page.locator("#lifetime .clients")).to_contain_text(f"Blue Door Café {shown}")
    expect(page.locator("#channels .said")).to_contain_text(HOSTILE)
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0


def test_a_page_of_nothing_says_so(opened: Open) -> None:
    page = opened(nothing())
    expect(page.locator("#lifetime")).to_contain_text("Nothing is predicted. Nobody bought yet.")
    expect(page.locator("#cohorts")).to_contain_text("Nobody bought in EUR until 2026-11-22.")
    expect(page.locator("#spending")).to_contain_text("Nothing is recorded")
    assert page.locator("#channels svg").count() == 0


def test_without_reports_and_predictions_all_else_is_there(opened: Open) -> None:
    why = "The models are not installed."
    parts = {"rfm": None, "cohorts": None, "lifetime": None, "why_no_reports": why, "why_no_lifetime": why}
    page = opened(findings(economics=samples.economics(predicted=False), **parts))
    for place in ("months", "cohorts", "rfm", "lifetime"):
        expect(page.locator(f"#{place}")).to_contain_text(why)
    assert page.locator("#channels .later").count() == 0
    assert page.locator("#channels .now").count() == 3


def test_of_many_years_the_last_are_shown_and_it_is_said(opened: Open) -> None:
    page = opened(findings(cohorts=ten_years()), width=390)
    expect(page.locator("#months")).to_contain_text("The last 120 months.")
    expect(page.locator("#cohorts")).to_contain_text("The last 36 of them.")
    assert page.locator(".revenue").count() == 120
    assert page.locator(".triangle tbody tr").count() == 36
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [320, 390, 768, 1920])
def test_nothing_is_wider_than_the_window(opened: Open, width: int) -> None:
    page = opened(findings(), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(opened: Open, scheme: str, width: int) -> None:
    if not AXE.exists():
        pytest.skip("needs axe-core: `npm ci` in client/phone")
    page = opened(findings(), width=width, scheme=scheme, bypass_csp=True)
    page.locator("summary").evaluate_all("all => all.forEach(each => { each.parentElement.open = true; })")
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_light_and_dark_can_be_switched_by_key_and_button(opened: Open) -> None:
    page = opened(findings(), scheme="dark")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.keyboard.press("t")
    assert page.evaluate(ground) != dark
    expect(page.locator("#theme")).to_have_attribute("aria-pressed", "false")
    page.locator("#theme").click()
    assert page.evaluate(ground) == dark


def test_all_can_be_reached_by_keyboard(opened: Open) -> None:
    page = opened(findings())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the figures"
    stops = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        stops.add(page.evaluate("document.activeElement.tagName"))
    assert {"A", "BUTTON", "SUMMARY", "DIV"} <= stops


def test_on_paper_all_is_open_and_light(opened: Open) -> None:
    page = opened(findings(), scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    expect(page.locator("nav")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 32, 40)"
    page.set_viewport_size({"width": 720, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 720, "A4, less its margins"


@pytest.mark.parametrize(
    ("largest", "lines"),
    [
        (61.4, [0, 20, 40, 60, 80]),
        (100, [0, 25, 50, 75, 100]),
        (0.3, [0, 0.1, 0.2, 0.3]),
        (0, [0, 1]),
        (3_000_000, [0, 1e6, 2e6, 3e6]),
    ],
)
def test_lines_of_a_scale_are_round_and_reach_the_largest(largest: float, lines: list[float]) -> None:
    assert lines_of(largest) == pytest.approx(lines)
    assert short(2_500_000) == "2.5M" and short(12_500) == "12,500" and short(0.25) == "0.25"

"""WCAG 2.2 AA beyond what axe sees, in all five languages, and the budget of what a browser has to fetch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from serving.pages.assets import assets
from serving.pages.language import LANGUAGES

Open = Callable[..., Page]
Check = Callable[[Page], None]

BUDGET = 120_000
PHONE = {"viewport": {"width": 320, "height": 640}}
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
)
ADD_RULES = """
(rules) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [sheet];
}
"""
SMALL_TARGETS = """
() => [...document.querySelectorAll("button, a[href], input, textarea, [role=option]")]
  .filter((node) => node.offsetParent && !node.closest("p:not(.examples), li span") && node.type !== "hidden")
  .map((node) => [node.textContent || node.id, node.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([name, box]) => `${name.trim()}: ${box.width} x ${box.height}`)
"""
CLIPPED = """
() => [...document.querySelectorAll("button, label, legend, h1, h2, h3, .hint")]
  .filter((node) => node.offsetParent && !node.classList.contains("hidden"))
  .filter((node) => getComputedStyle(node).display !== "inline" && node.scrollWidth > node.clientWidth + 1)
  .map((node) => node.textContent)
"""
CONTRAST = """
(selector) => {
  const channels = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (color) => channels(color).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const node = document.querySelector(selector);
  const card = node.closest(".card");
  const pair = [getComputedStyle(node).borderTopColor, getComputedStyle(card).backgroundColor].map(light);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}
"""


def priced(open_page: Open, address: str, language: str, **options: object) -> Page:
    page = open_page(f"{address}/?lang={language}", **options)
    page.locator("#examples button").first.click()
    expect(page.locator("#amount")).to_be_visible()
    return page


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fits_a_phone_and_passes_axe(
    service: str, open_page: Open, accessible: Check, language: str
) -> None:
    page = priced(open_page, service, language, **PHONE)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert fits(page)
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate(CLIPPED) == []
    assert not re.search(r"\{\w+\}|undefined|\bNaN\b", page.locator("body").inner_text())
    accessible(page)


@pytest.mark.parametrize("language", ["fr", "de"])
def test_wider_text_spacing_hides_nothing(service: str, open_page: Open, language: str) -> None:
    page = priced(open_page, service, language, **PHONE)
    page.evaluate(ADD_RULES, SPACING)
    assert fits(page)
    assert page.evaluate(CLIPPED) == []


def test_text_of_twice_the_size_fits(service: str, open_page: Open) -> None:
    page = priced(open_page, service, "de", viewport={"width": 640, "height": 450})
    assert fits(page)


def test_nothing_moves_for_those_who_ask_for_it(service: str, open_page: Open) -> None:
    page = priced(open_page, service, "en", reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_chosen_suggestion_is_seen_in_forced_colours(service: str, open_page: Open) -> None:
    page = open_page(service, forced_colors="active")
    page.locator("#country").press_sequentially("fra")
    expect(page.get_by_role("option", name="France")).to_be_visible()
    page.keyboard.press("ArrowDown")
    outline = page.locator("[role=option][aria-selected=true]").evaluate(
        "node => getComputedStyle(node).outlineStyle"
    )
    assert outline == "solid"


def test_the_price_scale_is_drawn_in_forced_colours(service: str, open_page: Open) -> None:
    page = priced(open_page, service, "en", forced_colors="active", color_scheme="dark")
    system = page.evaluate("getComputedStyle(document.body).color")
    for selector in (".price-scale .tick", ".price-scale .end"):
        assert page.locator(selector).first.evaluate("node => getComputedStyle(node).fill") == system
    band = page.locator(".price-scale .band")
    assert band.evaluate("node => getComputedStyle(node).stroke") == system


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("selector", ["#clear", "#examples button", "#country"])
def test_borders_of_controls_are_seen(service: str, open_page: Open, selector: str, scheme: str) -> None:
    page = open_page(service, color_scheme=scheme)
    assert page.evaluate(CONTRAST, selector) >= 3


def test_parts_in_english_say_so_on_a_page_in_french(service: str, open_page: Open) -> None:
    page = open_page(f"{service}/?lang=fr")
    expect(page.get_by_role("link", name="English")).to_have_attribute("lang", "en")
    for name in ("Exploitation (en anglais)", "Fiche du modèle (en anglais)"):
        expect(page.get_by_role("link", name=name)).to_have_attribute("hreflang", "en")


def test_scripts_and_styles_stay_small_and_come_from_here() -> None:
    texts = [asset.content.decode() for name, asset in assets().items() if name.endswith((".js", ".css"))]
    assert sum(len(text.encode()) for text in texts) <= BUDGET
    addresses = {found for text in texts for found in re.findall(r"https?://[^\s\"')]+", text)}
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_a_phone_and_a_keyboard_are_enough_in_french(service: str, open_page: Open) -> None:
    page = open_page(service, locale="fr-FR", viewport={"width": 390, "height": 844})
    keys = page.keyboard
    for province, year, note in (
        ("Bordeaux", "2015", "Cassis et cèdre, tanins fermes."),
        ("Champagne", "NV", "Bulles fines, brioche."),
        ("Bourgogne", "2012", ""),
    ):  # fmt: skip
        page.locator("#clear").focus()
        keys.press("Enter")
        for text in ("France", province, year, note):
            keys.type(text)
            keys.press("Escape")
            keys.press("Tab")
        page.locator("#price").focus()
        keys.press("Enter")
        expect(page.locator("#answer-heading")).to_be_focused()
        said = "Non millésimé (NV)" if year == "NV" else year
        expect(page.get_by_text(f"Pour : {said}, {province}, France")).to_be_visible()
    page.route("**/feedback", lambda route: route.fulfill(status=202, json={}))
    page.locator("#real-price").focus()
    keys.type("31,50")
    keys.press("Enter")
    expect(page.get_by_text("Merci, votre prix est enregistré.")).to_be_focused()

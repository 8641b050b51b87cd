"""A French reader with a phone-sized screen and a keyboard: three wines, a real price, a link, the card."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "fr-FR"}
WINES = (
    ("fra", "bourg", "2015", "Griotte et sous-bois, tanins soyeux.", "2015, Bourgogne, France"),
    ("ital", "tosc", "2012", "Cerise noire, cuir, finale un peu sèche.", "2012, Toscane, Italie"),
    ("Portugal", "Porto", "nm", "", "Non millésimé (NV), Porto, Portugal"),
)


@pytest.fixture
def page(service: str, open_page: Open) -> Page:
    return open_page(service, permissions=["clipboard-read", "clipboard-write"], **PHONE)


def tab_to(page: Page, identity: str, *, key: str = "Tab") -> None:
    """Press a key until the element of this id has the focus; it is then on the screen, with its label."""
    for _ in range(25):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.id") == identity:
            return on_screen(page, identity)
    raise AssertionError(f"{identity} is not reached by {key}")


def on_screen(page: Page, identity: str) -> None:
    for selector in (f"#{identity}", f"label[for={identity}]"):
        for box in (each.bounding_box() for each in page.locator(selector).all()):
            assert box is None or box["y"] >= 0, f"{selector} begins above the screen"


def choose(page: Page, typed: str) -> None:
    """A name by its beginning, from the list; one with a capital is typed as a whole."""
    page.keyboard.type(typed)
    if typed.istitle():
        return
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def price(page: Page, country: str, province: str, vintage: str, note: str) -> None:
    choose(page, country)
    tab_to(page, "province")
    choose(page, province)
    tab_to(page, "millesime")
    page.keyboard.type(vintage)
    tab_to(page, "description")
    page.keyboard.type(note)
    tab_to(page, "price")
    page.keyboard.press("Enter")
    expect(page.locator("#answer-heading")).to_be_focused()


def test_three_wines_a_price_a_link_and_the_card(page: Page) -> None:
    for number, (country, province, vintage, note, summary) in enumerate(WINES):
        if number == 0:
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")  # the skip link
            expect(page.locator("#country")).to_be_focused()
            on_screen(page, "country")
        else:
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")  # back to the form
            tab_to(page, "clear")
            page.keyboard.press("Enter")
            expect(page.locator("#country")).to_be_focused()
        price(page, country, province, vintage, note)
        expect(page.locator(".wine-priced")).to_have_text(f"Pour : {summary}")
        assert page.locator(".warnings [lang=en]").count() == 0  # every warning is in French
    tab_to(page, "real-price")
    page.keyboard.type("24,50")
    page.keyboard.press("Enter")
    expect(page.locator(".thanks")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Lien copié")).to_be_visible()
    assert "millesime=nm" in page.evaluate("navigator.clipboard.readText()")
    for _ in range(4):
        page.keyboard.press("Tab")
        if "Fiche" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_title("Model card · Give Me The Wine Price")

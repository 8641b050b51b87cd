"""A note and names in the reader's own language: read, said, and priced like the same wine in English."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]

WINES = {
    "en": ("France", "Burgundy", "Cherry and red fruit, light tannins, fresh acidity and a long finish."),
    "fr": (
        "France",
        "Bourgogne",
        "Cerise et fruits rouges, tanins légers, acidité fraîche, longue finale.",
    ),
    "it": ("Francia", "Borgogna", "Ciliegia e frutti rossi, tannini leggeri, acidità fresca e lungo finale."),
    "es": ("Francia", "Borgoña", "Cereza y frutas rojas, taninos ligeros, acidez fresca y largo final."),
    "de": (
        "Frankreich",
        "Burgund",
        "Kirsche und rote Früchte, leichte Tannine, frische Säure, langer Abgang.",
    ),
}


def price(page: Page) -> float:
    return float(re.sub(r"[^\d.]", "", page.locator("#amount").inner_text().replace(",", ".")))


def asked(open_page: Open, address: str, page_language: str, wine_language: str) -> Page:
    country, province, note = WINES[wine_language]
    page = open_page(f"{address}/?lang={page_language}")
    for field, text in {
        "country": country,
        "province": province,
        "millesime": "2014",
        "description": note,
    }.items():
        page.locator(f"#{field}").fill(text)
        page.keyboard.press("Escape")
    page.locator("#price").click()
    expect(page.locator("#amount")).to_be_visible()
    return page


@pytest.mark.parametrize("language", ["fr", "it", "es", "de"])
def test_a_line_in_each_language_is_priced_like_the_english_one(
    service: str, open_page: Open, language: str
) -> None:
    english = price(asked(open_page, service, "en", "en"))
    page = asked(open_page, service, language, language)
    assert 0.7 < price(page) / english < 1.4
    expect(page.locator("[data-code=read_as]")).to_have_count(0)
    expect(page.locator("[data-code=unknown_language]")).to_have_count(0)
    note = page.locator(".factors li").filter(has=page.locator(".local > span"))
    expect(note).to_have_count(1)  # also where its words cancel out
    expect(note.locator(".local > span > span").first).to_have_attribute("lang", "en")


def test_an_english_reader_is_told_what_french_was_read_as(service: str, open_page: Open) -> None:
    page = asked(open_page, service, "en", "fr")
    expect(page.locator("#note-language")).to_have_text("Tasting note read in French.")
    expect(page.get_by_text("“Bourgogne” was read as Burgundy.")).to_be_visible()


def test_a_note_in_another_language_is_left_out_and_said(service: str, open_page: Open) -> None:
    page = open_page(f"{service}/?lang=fr")
    note = "Ένα πλούσιο κόκκινο κρασί με αρώματα κερασιού και μπαχαρικών."
    for field, text in {
        "country": "Grèce",
        "province": "Crète",
        "millesime": "2014",
        "description": note,
    }.items():
        page.locator(f"#{field}").fill(text)
        page.keyboard.press("Escape")
    page.locator("#price").click()
    expect(page.locator("[data-code=unknown_language]")).to_contain_text("que le modèle ne lit pas")

"""A note and names in the reader's own language: read, said, and priced like the same wine in English."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

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
    assert not re.search(r"\((Burgundy|France)\)", page.locator(".factors").inner_text())
    note = page.locator(".factors li").filter(has=page.locator(".local > span"))
    expect(note).to_have_count(1)  # also where its words cancel out
    words = note.locator(".local > span > span")
    expect(words.first).not_to_have_attribute("lang", re.compile("."))
    for word in ", ".join(words.all_inner_texts()).split(", "):
        assert word in WINES[language][2].lower() or word in WINES[language][2]


@pytest.mark.parametrize("language", ["en", *(language for language in WINES if language != "en")])
def test_our_own_examples_are_warned_of_nothing(service: str, open_page: Open, language: str) -> None:
    page = open_page(f"{service}/?lang={language}")
    for number in range(3):
        page.locator("#examples button").nth(number).click()
        expect(page.locator(".wine-priced")).to_contain_text(page.locator("#province").input_value())
        expect(page.locator("[data-code=no_vintage], [data-code=read_as]")).to_have_count(0)
    expect(page.locator(".wine-priced")).not_to_contain_text("Champagne, Champagne")


@pytest.mark.parametrize(
    ("language", "others", "said"),
    [
        ("fr", 1.5, "à la hausse.: le reste de la note · à la baisse.: cherry"),
        ("de", 1.5, "höher: der Rest der Notiz · niedriger: cherry"),
        ("en", 0.9, "lower: cherry"),
    ],
)
def test_a_note_names_what_moved_it_where_no_word_did(
    service: str, open_page: Open, language: str, others: float, said: str
) -> None:
    def answer(route: Route) -> None:
        factors = [
            ("description", "cherry", 0.8),
            ("description", "other words", others),
            ("country", "France", 1.1),
        ]
        told = [{"field": field, "term": term, "factor": factor} for field, term, factor in factors]
        given = route.fetch().json()
        route.fulfill(json={**given, "explanation": {"base_price": 30, "factors": told}})

    page = open_page("about:blank")
    page.route("**/predict?explain=true", answer)
    page.goto(
        f"{service}/?lang={language}&country=France&province=Bordeaux&millesime=2014&description=cherry"
    )
    note = page.locator(".factors li").filter(has_text=re.compile("cherry"))
    expect(note.locator(".term .local")).to_have_text(re.compile(f"^{said}$"))


@pytest.mark.parametrize("language", WINES)
def test_fields_side_by_side_stand_on_one_line(service: str, open_page: Open, language: str) -> None:
    page = open_page(f"{service}/?lang={language}")
    page.locator("#price").click()  # errors push nothing out of line either
    for row in (
        ("country", "province", "millesime"),
        ("variety", "winery"),
        ("region", "designation", "points"),
    ):
        boxes = [page.locator(f"#{name}").bounding_box() for name in row]
        assert len({round(box["y"]) for box in boxes if box}) == 1, row


def test_a_word_that_moves_the_price_is_not_said_to_count_for_little(service: str, open_page: Open) -> None:
    page = open_page(f"{service}/?lang=fr")
    for field, text in {"country": "Italie", "province": "Toscane", "millesime": "2012"}.items():
        page.locator(f"#{field}").fill(text)
        page.keyboard.press("Escape")
    page.locator("#description").fill("Magnifique !")
    page.locator("#price").click()
    expect(page.locator("[data-code=few_known_words]")).to_contain_text("pas plus sûre que sans note")


@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [
        ("de", "o. J.", "Ohne Jahrgang (NV)"),
        ("en", "MV", "No vintage (NV)"),
        ("en", "multi-vintage", "No vintage (NV)"),
        ("it", "non millesimato", "Senza annata (NV)"),
        ("fr", "non millésimée", "Non millésimé (NV)"),
        ("es", "2014.", "2014"),
    ],
)
def test_a_vintage_is_read_as_readers_write_it(
    service: str, open_page: Open, language: str, typed: str, said: str
) -> None:
    page = open_page(f"{service}/?lang={language}&country=France&province=Champagne&millesime={typed}")
    expect(page.locator(".wine-priced")).to_contain_text(said)
    expect(page.locator("#millesime-error")).to_be_empty()


def test_italian_figures_take_their_article(service: str, open_page: Open) -> None:
    page = open_page(f"{service}/?lang=it&country=Francia&province=Borgogna&millesime=2014")
    expect(page.locator(".range")).to_contain_text(re.compile(r"vi rientra nell.80% dei casi"))


def test_an_english_reader_is_told_what_french_was_read_as(service: str, open_page: Open) -> None:
    page = asked(open_page, service, "en", "fr")
    expect(page.locator("#note-language")).to_have_text("Tasting note read in French.")
    expect(page.get_by_text("“Bourgogne” was read as Burgundy.")).to_be_visible()
    words = page.locator(".factors .local > span > span").first
    expect(words).to_have_attribute("lang", "fr")
    expect(words).to_contain_text(re.compile("cerise|fruits|tanins|légers|acidité|fraîche|longue|finale"))


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

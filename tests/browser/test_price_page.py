"""What somebody who wants a price meets at `/`."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

Open = Callable[..., Page]
Check = Callable[[Page], None]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NOTE = "Ripe blackberry and plum over firm tannins, with a long finish."


def fill_in(page: Page, **wine: str) -> None:
    for name, value in {
        "country": "France", "province": "Bordeaux", "millesime": "2015", "description": NOTE, **wine,
    }.items():  # fmt: skip
        page.locator(f"#{name}").fill(value)
    page.keyboard.press("Escape")


def test_a_wine_gets_its_price_its_range_and_the_reasons(
    service: str, open_page: Open, accessible: Check
) -> None:
    page = open_page(service)
    fill_in(page, points="93")
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.locator("#amount")).to_have_text(re.compile(r"^\$\d+"))
    expect(page.locator(".range")).to_have_text(
        re.compile(r"Range: \$[\d.]+ to \$[\d.]+\. On average, the real price lies in it in 80% of cases\.")
    )
    expect(page.get_by_role("img", name=re.compile("Price scale: estimate"))).to_be_visible()
    why = page.get_by_role("region", name="What explains this price")
    expect(why).to_contain_text(re.compile(r"Starting from \$\d+, a typical wine, each item multiplies"))
    factors = why.get_by_role("listitem")
    expect(factors.first).to_contain_text(re.compile(r".[\d.]+%? (raises|lowers) the price"))
    expect(page.get_by_role("status").first).to_contain_text("Estimated at $")
    expect(page.get_by_role("heading", name="The estimate")).to_be_focused()
    accessible(page)


def test_the_address_reproduces_the_estimate(service: str, open_page: Open) -> None:
    page = open_page(service)
    fill_in(page, variety="Merlot")
    page.get_by_role("button", name="Estimate the price").click()
    price = page.locator("#amount").inner_text()
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["description"] == [NOTE]
    assert asked["variety"] == ["Merlot"]
    other = open_page(page.url)
    expect(other.locator("#amount")).to_have_text(price)
    expect(other.locator("#description")).to_have_value(NOTE)


def test_an_invented_model_is_marked(service: str, open_page: Open) -> None:
    page = open_page(service)
    expect(page.get_by_text("this model was trained on invented reviews")).to_be_visible()
    expect(page.get_by_text("Model version 3.")).to_be_visible()


def test_names_are_completed_by_any_word_without_accents(
    service: str, open_page: Open, accessible: Check
) -> None:
    page = open_page(service)
    country = page.get_by_role("combobox", name="Country")
    country.press_sequentially("fra")
    option = page.get_by_role("option", name="France")
    expect(option).to_be_visible()
    expect(country).to_have_attribute("aria-expanded", "true")
    accessible(page)
    option.click()
    expect(country).to_have_value("France")
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_a_misspelt_name_is_read_and_said(service: str, open_page: Open, accessible: Check) -> None:
    page = open_page(service)
    fill_in(page, province="Bordeux", winery="Château Nowhere Known")
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.get_by_text("“Bordeux” was read as Bordeaux.")).to_be_visible()
    expect(page.get_by_text("Winery not known to the model: “Château Nowhere Known”.")).to_be_visible()
    expect(page.locator(".unknown")).to_contain_text("so it does not count")
    accessible(page)


def test_names_follow_the_country_and_stand_in_the_readers_language(service: str, open_page: Open) -> None:
    page = open_page(f"{service}/?lang=fr")
    page.locator("#country").fill("France")
    page.keyboard.press("Escape")
    page.locator("#province").click()
    options = page.get_by_role("option")
    expect(options.filter(has_text="Bourgogne")).to_be_visible()
    expect(options.filter(has_text="Californi")).to_have_count(0)
    options.filter(has_text="Bourgogne").click()
    expect(page.locator("#province")).to_have_value("Bourgogne")


def test_what_is_wrong_stands_beside_its_field(service: str, open_page: Open, accessible: Check) -> None:
    page = open_page(service)
    page.locator("#millesime").fill("last year")
    page.locator("#points").fill("101")
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.get_by_role("alert")).to_contain_text("Check the 4 fields marked below:")
    expect(page.locator("#country")).to_be_focused()
    expect(page.locator("#country-error")).to_have_text("Please fill this in.")
    page.get_by_role("alert").get_by_role("link", name="Vintage").click()
    expect(page.locator("#millesime")).to_be_focused()
    expect(page.locator("#millesime")).to_have_accessible_description(re.compile("a year of four digits"))
    expect(page.locator("#points-error")).to_contain_text("from 80 to 100")
    accessible(page)
    page.locator("#country").fill("France")
    expect(page.locator("#country-error")).to_be_empty()


def test_what_only_the_service_finds_wrong_stands_beside_its_field_too(service: str, open_page: Open) -> None:
    page = open_page(service, expect="400 (Bad Request)")
    fill_in(page)
    page.locator("#winery").evaluate(
        "field => { field.dataset.limit = 9999; field.value = 'x'.repeat(300); }"
    )
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.locator("#winery-error")).to_contain_text("at most 200 characters")
    expect(page.locator("#winery-error")).to_have_attribute("lang", "en")
    expect(page.locator("#winery")).to_be_focused()


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (429, {"Retry-After": "30"}, "Too many requests in a short time. Try again in 30 seconds."),
        (503, {}, "No model is in service yet."),
        (
            500,
            {"X-Request-ID": "r-17"},
            "(error 500). Try again in a minute. Reference to quote: r-17",
        ),
        (None, {}, "The service cannot be reached."),
    ],
)
def test_a_failure_says_what_to_do(
    service: str, open_page: Open, status: int | None, headers: dict[str, str], words: str
) -> None:  # fmt: skip
    def fail(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(
                status=status, headers={"Content-Type": "application/problem+json", **headers}, body="{}"
            )

    page = open_page(service, expect="Failed to load resource")
    page.route("**/predict?explain=true", fail)
    fill_in(page)
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.locator("#description")).to_have_value(NOTE)
    page.unroute("**/predict?explain=true")
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.locator("#amount")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_empty()


def test_the_page_is_french_for_french_readers(service: str, open_page: Open, accessible: Check) -> None:
    page = open_page(service, locale="fr-FR")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    fill_in(
        page,
        country="france",
        province="Bourgogne",
        description="Robe rubis, nez de cerise et finale soyeuse.",
    )
    page.get_by_role("button", name="Estimer le prix").click()
    expect(page.locator("#amount")).to_have_text(re.compile(r"^\d+(,\d\d)?\s\$$"))
    expect(page.get_by_text("Point de départ")).to_be_visible()
    expect(page.get_by_text("Bourgogne »")).to_have_count(0)
    accessible(page)


def test_the_switch_changes_the_language_and_keeps_the_question(service: str, open_page: Open) -> None:
    page = open_page(service)
    fill_in(page)
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.locator("#amount")).to_be_visible()
    page.get_by_role("link", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Que vaut ce vin"))
    expect(page.locator("#description")).to_have_value(NOTE)
    expect(page.locator("#amount")).to_be_visible()


def test_a_phone_shows_all_of_it_without_scrolling_sideways(
    service: str, open_page: Open, accessible: Check
) -> None:
    page = open_page(service, **PHONE)
    page.get_by_role("button", name="Napa Cabernet").tap()
    expect(page.locator("#amount")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    accessible(page)
    narrow = open_page(service, viewport={"width": 320, "height": 640})
    assert narrow.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def typed_while_suggestions_are_held(page: Page, keys: tuple[str, ...]) -> list[Route]:
    """Type the beginning of a country, then the keys; the requests for suggestions, not answered yet."""
    held: list[Route] = []
    page.route("**/categories/country?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright sets an attribute of it
    page.locator("#country").press_sequentially("ita")
    for key in keys:
        page.keyboard.press(key)
    return held


@pytest.mark.parametrize(
    "keys", [("ArrowDown", "Enter"), ("ArrowDown", "Enter", "Tab"), ("ArrowDown", "Tab")]
)
def test_keys_typed_before_the_suggestions_come_act_on_those_that_come(
    service: str, open_page: Open, keys: tuple[str, ...]
) -> None:
    page = open_page(service)
    held = typed_while_suggestions_are_held(page, keys)
    expect(page.locator("#country")).to_have_value("ita")
    for route in held:
        route.continue_()
    expect(page.locator("#country")).to_have_value("Italy")
    expect(page.locator("#country-list")).to_be_hidden()
    expect(page.locator("#answer-heading")).not_to_be_focused()


@pytest.mark.parametrize("keys", [("Escape",), ("ArrowDown", "Enter", "Escape")])
def test_a_list_that_was_dismissed_before_it_came_does_not_come(
    service: str, open_page: Open, keys: tuple[str, ...]
) -> None:
    page = open_page(service)
    held = typed_while_suggestions_are_held(page, keys)
    with page.expect_event("requestfinished", lambda request: "prefix=ita" in request.url):
        for route in held:
            route.continue_()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.locator("#country")).to_have_value("ita")


def test_the_keyboard_is_enough(service: str, open_page: Open) -> None:
    page = open_page(service)
    keys = page.keyboard
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the form")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#country")).to_be_focused()
    keys.type("fra")
    expect(page.get_by_role("option", name="France")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#country")).to_have_value("France")
    for text in ("Bordeaux", "2015", NOTE):
        keys.press("Tab")
        keys.type(text)
    keys.press("Escape")
    page.locator("#price").focus()
    keys.press("Enter")
    expect(page.locator("#amount")).to_be_visible()
    expect(page.get_by_role("heading", name="The estimate")).to_be_focused()


def test_the_real_price_can_be_told(service: str, open_page: Open, accessible: Check) -> None:
    page = open_page(service)
    page.get_by_role("button", name="Mosel Riesling").click()
    price = page.get_by_label("Price paid for one bottle, in US dollars")
    price.fill("nothing")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Enter an amount in US dollars, such as 24.50.")).to_be_visible()
    accessible(page)
    price.fill("24.50")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you: your price is recorded.")).to_be_focused()
    expect(price).to_have_count(0)
    accessible(page)


def test_a_key_is_asked_for_and_kept_for_the_tab(
    guarded_service: str, api_key: str, open_page: Open, accessible: Check
) -> None:
    page = open_page(guarded_service, expect="401 (Unauthorized)")
    fill_in(page)
    page.get_by_role("button", name="Estimate the price").click()
    key = page.get_by_label("API key")
    expect(key).to_be_focused()
    accessible(page)
    key.fill("wrong")
    key.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Unknown key.")
    key.fill(api_key)
    key.press("Enter")
    expect(page.locator("#amount")).to_be_visible()
    assert api_key not in page.url
    page.reload()
    expect(page.locator("#amount")).to_be_visible()


def test_dark_is_as_readable_as_light(service: str, open_page: Open, accessible: Check) -> None:
    page = open_page(service, color_scheme="dark")
    fill_in(page, country="Frannce")
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.locator("#amount")).to_be_visible()
    accessible(page)

"""The answer on the page at `/`: what it says it is for, how it ages, and how a real price is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route, expect

Open = Callable[..., Page]
Check = Callable[[Page], None]


def estimated(open_page: Open, address: str, example: str = "Mosel Riesling", **options: str) -> Page:
    page = open_page(address, **options)
    page.get_by_role("button", name=example).click()
    expect(page.locator("#amount")).to_be_visible()
    return page


def test_an_answer_says_for_which_wine_it_is_and_fades_when_the_form_moves_on(
    service: str, open_page: Open, accessible: Check
) -> None:
    page = estimated(open_page, service)
    expect(page.get_by_text("For: Riesling, 2014, Mosel, Germany")).to_be_visible()
    page.locator("#millesime").fill("2016")
    expect(page.get_by_text("The form has changed since.")).to_be_visible()
    expect(page.locator("#estimate")).to_have_attribute("inert", "")
    accessible(page)
    page.locator("#millesime").fill("2014")
    expect(page.get_by_text("The form has changed since.")).to_be_hidden()


def test_an_answer_does_not_stay_beside_a_form_that_was_refused(service: str, open_page: Open) -> None:
    page = estimated(open_page, service)
    page.locator("#millesime").fill("20")
    page.get_by_role("button", name="Estimate the price").click()
    expect(page.get_by_role("alert")).to_contain_text("Check the field marked below:")
    expect(page.get_by_text("The form has changed since.")).to_be_visible()


def test_back_leads_to_the_wine_before(service: str, open_page: Open) -> None:
    page = estimated(open_page, service)
    first = page.locator("#amount").inner_text()
    page.get_by_role("button", name="Napa Cabernet").click()
    expect(page.locator("#province")).to_have_value("California")
    expect(page.locator("#amount")).not_to_have_text(first)
    page.go_back()
    expect(page.locator("#province")).to_have_value("Mosel")
    expect(page.locator("#amount")).to_have_text(first)


@pytest.mark.parametrize(
    ("language", "typed", "sent"),
    [
        ("en", "1,200", 1200), ("en", "$24.50", 24.5), ("en", "1,200.50", 1200.5), ("fr", "24,50", 24.5),
        ("fr", "24,50 $", 24.5), ("fr", "1 200", 1200), ("de", "1.200", 1200), ("de", "1.200,50", 1200.5),
        ("es", "24.5", 24.5), ("it", "USD 30", 30), ("en", "30 dollars", 30), ("es", "32,5 dólares", 32.5),
        ("fr", "30 dollars américains", 30), ("de", "30 Dollar", 30), ("de", "$ 30,-", 30),
        ("fr", "1'200 US$", 1200),
    ],
)  # fmt: skip
def test_a_real_price_is_read_as_its_writer_writes_numbers(
    service: str, open_page: Open, language: str, typed: str, sent: float
) -> None:
    prices: list[float] = []

    def record(route: Route) -> None:
        prices.append(route.request.post_data_json["price"])  # type: ignore[index]
        route.fulfill(status=202, json={})

    page = open_page(f"{service}/?lang={language}")
    page.route("**/feedback", record)
    page.locator("#examples button").first.click()
    page.locator("#real-price").fill(typed)
    page.locator(".feedback button").first.click()
    page.locator(".thanks, .feedback .chip").first.wait_for()
    if page.locator(".feedback .chip").count():
        page.locator(".feedback .chip").click()
    expect(page.locator(".thanks")).to_be_visible()
    assert prices == [sent]


@pytest.mark.parametrize("typed", ["24,50 €", "£20", "20 EUR", "20 euros", "A$30", "CA$ 20", "15 pounds"])
def test_another_currency_is_refused_and_said(service: str, open_page: Open, typed: str) -> None:
    page = estimated(open_page, service)
    page.locator("#real-price").fill(typed)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#feedback-note")).to_contain_text("in US dollars")
    expect(page.locator("#real-price")).to_have_attribute("aria-invalid", "")


def test_a_price_far_from_the_range_is_asked_about_first(
    service: str, open_page: Open, accessible: Check
) -> None:
    page = estimated(open_page, service)
    page.route("**/feedback", lambda route: route.fulfill(status=202, json={}))
    page.locator("#real-price").fill("999999")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#feedback-note")).to_contain_text("$999,999 lies far outside the range.")
    accessible(page)
    page.get_by_role("button", name="Yes, send it").click()
    expect(page.get_by_text("Thank you: your price is recorded.")).to_be_focused()
    expect(page.locator("#real-price")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("interval", [(190, 316, 588), (2.5, 4, 6), (900, 1500, 2600), (12, 40, 170)])
def test_the_figures_of_the_price_scale_never_touch(
    service: str, open_page: Open, interval: tuple[float, float, float], language: str
) -> None:
    low, price, high = interval

    def answer(route: Route) -> None:
        given = route.fetch().json()
        route.fulfill(
            json={**given, "prediction": price, "interval": {"low": low, "high": high, "coverage": 0.8}}
        )

    page = open_page("about:blank", viewport={"width": 320, "height": 640})
    page.route("**/predict?explain=true", answer)
    page.goto(f"{service}/?lang={language}")
    page.locator("#examples button").first.click()
    expect(page.locator(".price-scale .tick").nth(1)).to_be_visible()
    boxes = [box for box in (tick.bounding_box() for tick in page.locator(".tick").all()) if box]
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] + 2 <= right["x"]


def test_the_price_scale_keeps_the_size_of_its_figures_when_the_screen_turns(
    service: str, open_page: Open
) -> None:
    page = estimated(open_page, service, viewport={"width": 844, "height": 390})
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".price-scale svg")).to_have_attribute("viewBox", re.compile(r"^0 0 3\d\d"))
    height = page.locator(".price-scale text").first.bounding_box()
    assert height is not None
    assert height["height"] < 30


def test_the_model_card_is_a_page_for_people(service: str, open_page: Open, accessible: Check) -> None:
    page = open_page(service)
    page.get_by_role("link", name="Model card").click()
    expect(page.get_by_role("heading", level=1, name="Model card")).to_be_visible()
    expect(page.get_by_text("this model was trained on invented reviews")).to_be_visible()
    accessible(page)
    answer = page.request.get(f"{service}/model", headers={"Accept": "application/json"})
    assert answer.headers["content-type"].startswith("application/json")
    assert page.request.get(f"{service}/model", headers={"Accept": "*/*"}).json()["model_version"] == "3"


def test_a_phone_leads_back_to_the_form(service: str, open_page: Open) -> None:
    page = estimated(open_page, service, viewport={"width": 390, "height": 844})
    page.get_by_role("link", name="Back to the form").click()
    expect(page.get_by_role("heading", name="The wine", exact=True)).to_be_focused()
    expect(page.get_by_role("heading", name="The wine", exact=True)).to_be_in_viewport()


def test_a_slow_model_card_takes_nothing_away_that_was_typed(service: str, open_page: Open) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page = open_page("about:blank")
    page.route("**/model", hold)
    page.goto(service)
    page.locator("#province").fill("Bordeaux")
    page.get_by_role("button", name="Mosel Riesling").click()
    expect(page.locator("#amount")).to_be_visible()
    page.locator("#winery").fill("Dr. Loosen")
    waiting[0].continue_()
    expect(page.locator("#model-facts")).to_contain_text("Model version")
    expect(page.locator("#winery")).to_have_value("Dr. Loosen")

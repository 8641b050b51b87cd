"""What an operator meets at `/ops`."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_day_is_drawn(service: str, open_page: Open, accessible: Check, scheme: str) -> None:
    page = open_page(f"{service}/ops", color_scheme=scheme)
    for title in ("Requests", "Latency", "Predicted price", "Expected and realised error", "Model versions"):
        expect(page.get_by_role("img", name=re.compile(f"^{title}"))).to_be_visible()
    tiles = page.locator(".tiles")
    expect(tiles.get_by_text(re.compile(r"^2,\d\d\d$"))).to_be_visible()
    expect(tiles).to_contain_text("±32%")
    expect(page.get_by_text("Most often: unknown winery")).to_be_visible()
    expect(page.locator(".row-label")).to_have_text(["earlier", "v2", "v3"])
    expect(page.get_by_role("region", name="This service, now")).to_contain_text("version 3")
    page.get_by_text("Figures").first.click()
    expect(page.get_by_role("region", name="Figures of Requests").get_by_role("row")).not_to_have_count(1)
    accessible(page)


def test_another_span_can_be_chosen(service: str, open_page: Open) -> None:
    page = open_page(f"{service}/ops")
    page.get_by_role("button", name="7 days").click()
    expect(page.get_by_role("button", name="7 days")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("span=7d"))
    expect(page.get_by_role("img", name=re.compile("^Requests"))).to_be_visible()


def test_figures_are_behind_the_key(
    guarded_service: str, api_key: str, open_page: Open, accessible: Check
) -> None:
    page = open_page(f"{guarded_service}/ops", expect="401 (Unauthorized)")
    expect(page.get_by_label("API key")).to_be_focused()
    expect(page.get_by_text("This service, now")).to_have_count(0)
    accessible(page)
    page.get_by_label("API key").fill(api_key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No database is configured")).to_be_visible()
    expect(page.get_by_role("region", name="This service, now")).to_contain_text("version 3")


def test_a_phone_shows_all_of_it(service: str, open_page: Open, accessible: Check) -> None:
    page = open_page(f"{service}/ops", viewport={"width": 360, "height": 740})
    expect(page.get_by_role("img", name=re.compile("^Requests"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    accessible(page)


@pytest.mark.parametrize(
    ("database", "words"),
    [("unreachable", "The database does not answer"), ("not configured", "No database is configured")],
)
def test_a_missing_history_is_explained(service: str, open_page: Open, database: str, words: str) -> None:
    def without_history(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "database": database, "log": None})

    page = open_page("about:blank")
    page.route("**/ops/report*", without_history)
    page.goto(f"{service}/ops")
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_role("region", name="This service, now")).to_contain_text("version 3")

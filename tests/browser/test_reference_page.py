"""What a programmer meets at `/docs`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from pricing.wine.schema import REQUIRED_FIELDS
from serving.payloads.problems import STATUSES

Open = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_endpoint_is_described_and_an_example_runs(
    service: str, open_page: Open, accessible: Check, scheme: str
) -> None:
    page = open_page(f"{service}/docs", color_scheme=scheme)
    predict = page.locator("details#predict")
    for field in REQUIRED_FIELDS:
        expect(predict.get_by_role("row", name=f"{field} required")).to_be_visible()
    predict.get_by_role("button", name="Send").click()
    expect(predict.get_by_text("200 OK")).to_be_visible()
    expect(predict.get_by_role("region", name="Answer")).to_contain_text('"prediction":')
    expect(predict.get_by_role("region", name="The same with curl")).to_contain_text("curl -sS -X POST")
    for path in page.request.get(f"{service}/openapi.json").json()["paths"]:
        expect(page.get_by_text(path, exact=True).first).to_be_visible()
    accessible(page)


def test_every_problem_is_explained_where_its_type_leads(
    service: str, open_page: Open, accessible: Check
) -> None:
    page = open_page(f"{service}/docs/problems")
    for _, slug, title in STATUSES.values():
        expect(page.locator(f"section#{slug}")).to_contain_text(title)
    accessible(page)


def test_a_phone_shows_all_of_it(service: str, open_page: Open) -> None:
    page = open_page(f"{service}/docs", viewport={"width": 360, "height": 740})
    expect(page.locator("details#predict")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

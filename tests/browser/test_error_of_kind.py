"""How good estimates like this one were: the figures are those of requests that gave as much."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from pricing.evaluation.views import REQUESTS

Open = Callable[..., Page]
FOUR = {"country": "France", "province": "Bordeaux", "millesime": "2015"}
NAMES = FOUR | {"variety": "Bordeaux-style Red Blend", "winery": "Clos Morardine", "region": "Bordeaux"}
ALL = NAMES | {"designation": "Réserve", "points": "91"}
LINE = "Ripe blackberry over firm tannins."
PARAGRAPH = f"{LINE} Cedar and cassis on the nose, a long savoury finish, better in ten years than now."
GREEK = "Ένα πλούσιο κόκκινο κρασί με αρώματα κερασιού και μπαχαρικών και μακρά επίγευση στο τέλος."
ROWS = {view.name: 100 + number for number, view in enumerate(REQUESTS)}
DEAR = {view: 200 + rows for view, rows in ROWS.items()}


def figures(view: str, rows: int, **bounds: float) -> dict[str, Any]:
    group = f"{view}, dear" if bounds else view
    return {"slice": "request", "view": view, "group": group, "rows": rows, **bounds,
            "median_ape": 0.25, "coverage": 0.8}  # fmt: skip


def card(*slices: dict[str, Any]) -> dict[str, Any]:
    return {
        "model_version": "3",
        "synthetic_data": False,
        "card": {"data": {}, "metrics": {}, "slices": slices},
    }


def asked(open_page: Open, address: str, answer: dict[str, Any], wine: dict[str, str]) -> Page:
    def reply(route: Route) -> None:
        route.fulfill(json=answer)

    page = open_page("about:blank")
    page.route("**/model", reply)
    page.goto(address)
    for field, text in wine.items():
        page.locator(f"#{field}").fill(text)
        page.keyboard.press("Escape")
    page.locator("#price").click()
    expect(page.locator("#amount")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("wine", "view"),
    [
        (FOUR | {"description": PARAGRAPH}, "required fields"),
        (FOUR | {"variety": "Merlot", "description": PARAGRAPH}, "required fields"),
        (FOUR | {"description": LINE}, "required fields, first 12 words of the note"),
        (FOUR, "required fields, no note"),
        (FOUR | {"description": GREEK}, "required fields, no note"),
        (NAMES | {"winery": "Château Zzyzx", "description": PARAGRAPH}, "required fields"),
        (NAMES | {"description": LINE}, "+ variety, winery, region, first 12 words of the note"),
        (ALL | {"description": PARAGRAPH}, "all"),
        (ALL, "all, no note"),
    ],
)
def test_figures_are_those_of_requests_that_give_as_much(
    service: str, open_page: Open, wine: dict[str, str], view: str
) -> None:
    slices = [figures(name, rows) for name, rows in ROWS.items()]
    slices += [figures(name, rows, **{"from": 1e5}) for name, rows in DEAR.items()]
    page = asked(open_page, service, card(*slices), wine)
    expect(page.locator("#kind")).to_contain_text(re.compile(rf"tested on {ROWS[view]} wines"))


def test_figures_are_those_of_its_price_where_these_were_measured(service: str, open_page: Open) -> None:
    slices = [
        figures("required fields, no note", 111),
        figures("required fields, no note", 55, **{"from": 0.5, "to": 9e4}),
    ]
    page = asked(open_page, service, card(*slices), FOUR)
    expect(page.locator("#kind")).to_contain_text(
        "(place and vintage, no note, estimated at $0.50 to $90,000), tested on 55 wines"
    )


def test_the_range_is_said_to_hold_what_it_held_for_wines_like_this_one(
    service: str, open_page: Open
) -> None:
    slices = [figures("required fields, no note", 111) | {"coverage": 0.65}]
    page = asked(open_page, service, card(*slices), FOUR)
    expect(page.locator(".range")).to_contain_text("in 65% of cases")
    expect(page.locator("#kind")).to_contain_text("the real price in 65% of cases")


@pytest.mark.parametrize("untested", [{"millesime": "NV"}, {"millesime": "1901"}, {"province": "Zzyzx"}])
def test_no_figures_are_said_of_wines_unlike_any_that_was_tested(
    service: str, open_page: Open, untested: dict[str, str]
) -> None:
    slices = [figures(name, rows) for name, rows in ROWS.items()]
    page = asked(open_page, service, card(*slices), FOUR | untested)
    expect(page.locator("#kind")).to_have_count(0)
    expect(page.locator(".range")).to_contain_text("in 80% of cases")


def test_a_request_that_gives_more_than_was_measured_says_so(service: str, open_page: Open) -> None:
    slices = [figures("required fields, no note", 111)]
    page = asked(open_page, service, card(*slices), FOUR | {"variety": "Merlot"})
    expect(page.locator("#kind")).to_contain_text("(at least place and vintage, no note)")


def test_figures_of_richer_requests_are_never_borrowed(service: str, open_page: Open) -> None:
    old = {"slice": "estimated price", "group": "$15 to $30", "from": 1, "to": 9e4, "rows": 77,
           "median_ape": 0.1, "coverage": 0.9}  # fmt: skip
    fields = old | {"slice": "provided fields", "group": "required fields", "rows": 88}
    page = asked(open_page, service, card(old, fields), FOUR | {"description": LINE})
    expect(page.locator("#kind")).to_contain_text("tested on 88 wines")

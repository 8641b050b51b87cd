"""The page of a Space as visitors see it: in the Hub's frame and behind its proxy, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS
from tests.integration.huggingface.front import ELSEWHERE, HUB, SPACE, VISITOR, front
from tests.integration.huggingface.sealed import space
from tests.programs import chromium
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache

pytestmark = [pytest.mark.integration, pytest.mark.needs("chromium", "libatomic1", "nginx")]

LIMIT = {"RATE_LIMIT_PER_MINUTE": "1", "RATE_LIMIT_BURST": "3"}
Visit = Callable[[str, str], Page]


@contextmanager
def visiting(port: int) -> Iterator[Visit]:
    """Opens pages of the front, each for a visitor with an address and a browser profile of his own."""
    rules = f"--host-resolver-rules=MAP *:443 127.0.0.1:{port}"
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, rules])

        def visit(host: str, address: str) -> Page:
            context = browser.new_context(
                ignore_https_errors=True, locale="en-US", extra_http_headers={VISITOR: address}
            )
            page = context.new_page()
            page.goto(f"https://{host}/")
            return page

        yield visit
        browser.close()


def in_frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def fill_in(page: Page) -> None:
    for name, value in WINE.items():
        in_frame(page).locator(f"#{name}").fill(value)
    in_frame(page).locator("#description").press("Escape")


def ask(page: Page) -> None:
    in_frame(page).get_by_role("button", name="Estimate the price").click()


@pytest.fixture
def visit(app: Path, home: Path, tmp_path: Path) -> Iterator[Visit]:
    keep_in_cache(home / "state")
    with space(app, home, LIMIT) as url, front(url, tmp_path) as port, visiting(port) as opened:
        yield opened


def test_visitors_price_wines_in_the_frame_of_the_hub_each_with_a_limit_of_his_own(visit: Visit) -> None:
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "429" not in message.text:
            errors.append(message.text)

    greedy, modest = visit(HUB, "203.0.113.7"), visit(HUB, "198.51.100.9")
    for page in (greedy, modest):
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        fill_in(page)
    for _ in range(3):
        ask(greedy)
        expect(in_frame(greedy).locator("#amount")).to_have_text(re.compile(r"^\$\d+"))
    ask(greedy)
    expect(in_frame(greedy).get_by_text(re.compile("Too many requests in a short time"))).to_be_visible()
    ask(modest)
    expect(in_frame(modest).locator("#amount")).to_have_text(re.compile(r"^\$\d+"))
    assert errors == []


def test_frame_of_anybody_else_stays_empty(visit: Visit) -> None:
    page = visit(ELSEWHERE, "203.0.113.7")
    inner = page.frames[1]
    expect(inner.locator("body")).not_to_contain_text("Estimate the price")
    assert inner.url.startswith("chrome-error:")
    alone = visit(SPACE, "203.0.113.7")
    expect(alone.get_by_role("button", name="Estimate the price")).to_be_visible()

"""A real Chromium before a real service. Any error that the browser notes fails the test."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.history import write_history
from tests.pace import patience
from tests.programs import chromium
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.postgres import postgres_server
from tests.serving_kit.services import service as serving

NEEDED = ("chromium", "libatomic1", "postgresql")
DESKTOP = {"locale": "en-US", "viewport": {"width": 1280, "height": 900}}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.needs(*NEEDED))


@pytest.fixture(scope="session")
def make_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Starts services with a small model and the settings given, and ends them with the session."""
    with ExitStack() as running:

        def start(**settings: str) -> str:
            state = tmp_path_factory.mktemp("service")
            keep_in_cache(state, "3")
            return running.enter_context(serving(state, settings)).address

        yield start


@pytest.fixture(scope="session")
def database_uri() -> Iterator[str]:
    with postgres_server() as started:
        yield started.create_database("browser")


@pytest.fixture(scope="session")
def service(make_service: Callable[..., str], database_uri: str) -> str:
    """A service that anybody may ask, whose database remembers a day."""
    write_history(database_uri)
    return make_service(NEON_URI=database_uri)


@pytest.fixture(scope="session")
def api_key() -> str:
    """The key that `guarded_service` knows."""
    return "a-key-for-the-browser-tests"


@pytest.fixture(scope="session")
def guarded_service(make_service: Callable[..., str], api_key: str) -> str:
    """A service that asks for a key and keeps its log to itself."""
    return make_service(API_KEYS=f"shop=sha256:{hashlib.sha256(api_key.encode()).hexdigest()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while it runs, no test of another file may run an event loop."""
    expect.set_options(timeout=patience(5) * 1000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own. `expected` are errors that the test itself provokes."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    expected: list[str] = []

    def opened(address: str, *, expect: str = "", **options: object) -> Page:
        context = browser.new_context(**{**DESKTOP, **options})
        context.set_default_timeout(patience(10) * 1000)
        contexts.append(context)
        if expect:
            expected.append(expect)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(known in text for known in expected)] == []


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails with what axe finds wrong on a page as it stands, once nothing fades in any more."""

    def check(page: Page) -> None:
        page.evaluate("Promise.allSettled(document.getAnimations().map((each) => each.finished))")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check

"""Take the pictures of the documentation: `python -m tests.browser.pictures docs/images`.

Of a stack that runs here (`make up DATA=…`, its ports from the environment or as it was started), after a
training and a promotion. They show notes written for them, never a review. `--only forms` takes a part.
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from deployments.local.stack.started_with import as_started
from deployments.prefect_api import PrefectApi
from tests.browser.conftest import ARGUMENTS
from tests.browser.prefect.custom_run import CustomRun
from tests.pace import patience
from tests.programs import chromium

COLOURS: Final = 128
"""Enough for text and charts; a picture stays below 150 kB."""
DESKTOP: Final = {"viewport": {"width": 1280, "height": 900}}
PHONE: Final = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
RIOJA: Final = {
    "country": "Spain", "province": "Rioja", "millesime": "2014", "variety": "Tempranillo", "winery": "Muga",
    "description": "Dusty cherry, vanilla and old leather; ripe tannins, and a long savoury finish.",
}  # fmt: skip
BURGUNDY: Final = {
    "country": "France", "province": "Bourgogne", "millesime": "2014", "variety": "Pinot noir",
    "description": "Griotte, sous-bois et fumée ; bouche fine, tanins soyeux, belle longueur.",
}  # fmt: skip
FILLED: Final[dict[str, dict[str, Any]]] = {
    "wine-train": {"reason": "new reviews of autumn"},
    "wine-promote": {"model_version": "2"},
    "wine-rollback": {"reason": "Rioja is priced too high"},
    "wine-drift": {"window_days": 30},
    "wine-score": {
        "catalogue_uri": "s3://my-bucket/wine/cave.csv",
        "output_uri": "s3://my-bucket/wine/cave-priced.csv",
        "columns": {"Pays": "country"},
    },
    "wine-feedback": {"prices_uri": "s3://my-bucket/wine/paid.csv", "columns": {"Paid": "price"}},
    "wine-watch": {"stale_days": 45},
    "wine-archive": {"keep_days": 365},
}
ARTIFACTS: Final = {"prefect-card": "wine-model-card", "prefect-promote": "wine-promotion"}


def save(page: Page, path: Path, *, height: int | None = None) -> None:
    """What the page shows, in few colours; the first `height` pixels of a long one."""
    whole = page.screenshot(full_page=True, animations="disabled")
    picture = Image.open(io.BytesIO(whole)).convert("RGB")
    if height is not None:
        picture = picture.crop((0, 0, picture.width, min(height, picture.height)))
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


@contextmanager
def opened(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    with browser.new_context(**{"locale": "en-US", **DESKTOP, **options}) as context:
        page = context.new_page()
        page.goto(address)
        yield page


def price_pages(browser: Browser, serving: str, folder: Path) -> None:
    for name, wine, options in (
        ("page-desktop", {"lang": "en", **RIOJA}, DESKTOP),
        ("page-phone-fr", {"lang": "fr", **BURGUNDY}, {"locale": "fr-FR", **PHONE}),
    ):
        with opened(browser, f"{serving}/?{urlencode(wine)}", **options) as page:
            page.locator("#amount").wait_for()
            if name == "page-phone-fr":
                page.locator("#answer").scroll_into_view_if_needed()
                page.locator("#answer").screenshot(path=folder / f"{name}.png")
                few_colours(folder / f"{name}.png")
            else:
                save(page, folder / f"{name}.png")
    with opened(browser, f"{serving}/ops") as page:
        page.locator("svg").first.wait_for()
        save(page, folder / "operations.png", height=1_000)


def few_colours(path: Path) -> None:
    picture = Image.open(path).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def forms(browser: Browser, prefect: str, folder: Path) -> None:
    """The form of each deployment, filled in and not sent."""
    found = {each["name"]: each for each in PrefectApi(f"{prefect}/api").deployments()}
    for name, parameters in FILLED.items():
        with opened(browser, f"{prefect}/deployments", viewport={"width": 1100, "height": 1650}) as page:
            form = CustomRun.opened(page, found[name])
            for field, value in parameters.items():
                form.fill(field, value)
            page.mouse.move(0, 0)
            whole = page.locator("form").bounding_box()
            save(page, folder / f"{name}.png", height=int(whole["y"] + whole["height"]) if whole else None)


def runs(browser: Browser, prefect: str, folder: Path) -> None:
    """The list of runs, the last training, and what runs wrote for people."""
    api = PrefectApi(f"{prefect}/api")
    with opened(browser, f"{prefect}/runs") as page:
        page.get_by_text("Registered").or_(page.get_by_text("train")).first.wait_for()
        save(page, folder / "prefect-runs.png", height=900)
    training = next(run for run in api.runs_of("train/wine-train") if run["state_type"] == "COMPLETED")
    with opened(browser, f"{prefect}/runs/flow-run/{training['id']}") as page:
        page.get_by_text("Registered version").first.wait_for()
        save(page, folder / "prefect-train.png", height=900)
    for name, key in ARTIFACTS.items():
        wanted = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC", "limit": 1}
        [latest] = httpx.post(f"{prefect}/api/artifacts/filter", json=wanted, timeout=patience(20)).json()
        address = f"{prefect}/artifacts/artifact/{latest['id']}"
        with opened(browser, address, viewport={"width": 1100, "height": 1100}) as page:
            page.get_by_text(latest["description"]).first.wait_for()
            page.locator("article h1, article h2, article table, table").first.wait_for()
            save(page, folder / f"{name}.png", height=1_100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=("pages", "forms", "runs"))
    options = parser.parse_args()
    stack = as_started(os.environ)
    parts: dict[str, Callable[[Browser], None]] = {
        "pages": lambda browser: price_pages(browser, stack.serving_url, options.folder),
        "forms": lambda browser: forms(browser, stack.prefect_url, options.folder),
        "runs": lambda browser: runs(browser, stack.prefect_url, options.folder),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for name, take in parts.items():
            if options.only in (None, name):
                take(browser)
        browser.close()


if __name__ == "__main__":
    main()

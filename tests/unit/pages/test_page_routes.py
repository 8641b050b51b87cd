"""What the pages' routes answer, model or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from os.path import normpath
from pathlib import PurePosixPath

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from serving.pages.routes import category_router, page_router
from serving.pages.template import template_config


class Model:
    """What the routes need of a scorer."""

    hierarchy = None

    def __init__(self, **categories: tuple[str, ...]) -> None:
        self.categories = categories


class Slot:
    model: Model | None = None


@pytest.fixture
def slot() -> Slot:
    return Slot()


@pytest.fixture
def client(slot: Slot) -> Iterator[TestClient[Litestar]]:
    routers = [page_router(), category_router(lambda: slot.model)]  # type: ignore[arg-type,return-value]
    app = Litestar(routers, template_config=template_config())
    with TestClient(app) as client:
        yield client


def test_the_page_names_its_language_and_is_asked_for_anew(client: TestClient[Litestar]) -> None:
    answer = client.get("/", headers={"Accept-Language": "fr"})
    assert answer.headers["content-language"] == "fr"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_all_that_the_page_is_made_of_is_served_and_kept(client: TestClient[Litestar]) -> None:
    addresses = set(re.findall(r'(?:src|href)="(assets/[^"]+)"', client.get("/").text))
    assert len(addresses) >= 5
    for address in addresses:
        answer = client.get(f"/{address}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_scripts_find_each_other(client: TestClient[Litestar]) -> None:
    entry = re.search(r'src="(assets/\w+/)price/page\.js"', client.get("/").text)
    assert entry is not None
    waiting, seen = {"price/page.js", "ops/ops.js", "docs/docs.js"}, set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        answer = client.get(f"/{entry[1]}{name}")
        assert answer.headers["content-type"].startswith("text/javascript"), name
        imports = re.findall(r'from "(\.\.?/[\w/-]+\.js)"', answer.text)
        waiting |= {normpath(PurePosixPath(name).parent / path) for path in imports} - seen
    assert {"shared/elements.js", "price/wine-form.js", "ops/charts.js"} <= seen


def test_a_page_from_before_an_upgrade_still_gets_its_assets(client: TestClient[Litestar]) -> None:
    answer = client.get("/assets/0123456789ab/price/page.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    for path in ("price/routes.py", "page.css", "..%2Fpages/routes.py", "shared/page.css"):
        assert client.get(f"/assets/0123456789ab/{path}").status_code == 404, path


def test_names_are_those_of_the_model_in_service(client: TestClient[Litestar], slot: Slot) -> None:
    assert client.get("/categories").json()["country"] == {"names": [], "complete": True}
    slot.model = Model(country=("France", "Italy"))
    assert client.get("/categories").json()["country"]["names"] == ["France", "Italy"]
    slot.model = Model(country=("Spain",))
    assert client.get("/categories/country", params={"prefix": "SP"}).json() == {
        "names": ["Spain"],
        "labels": {},
    }
    spanish = {"prefix": "espa", "language": "fr"}
    assert client.get("/categories/country", params=spanish).json()["labels"] == {"Spain": "Espagne"}


def test_a_field_without_a_list_is_said(client: TestClient[Litestar]) -> None:
    answer = client.get("/categories/points")
    assert answer.status_code == 404
    assert "country, province" in answer.text

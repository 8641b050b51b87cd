"""Every route is closed but those that say they are open, however its address is written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from litestar import get, post

from serving.access.api_keys import new_key
from serving.access.route_access import access_of
from serving.app import create_app
from serving.models.loading import ServedModel
from serving.settings import ServingSettings
from tests.serving_kit.in_process import request, running

KEY, KEY_HASH = new_key()
KEYS = {"API_KEYS": f"shop={KEY_HASH}"}
WITH_KEY = [("X-API-Key", KEY)]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "predict")
OPEN_ROUTES = {
    "/", "/ops", "/docs", "/docs/problems", "/assets/{version}/{folder}/{name}", "/openapi.json",
    "/health", "/health/live", "/model", "/categories", "/categories/{field}", "/webhooks/mlflow",
}  # fmt: skip


def routes(*, needs_key: bool) -> set[str]:
    """Paths with a handler that needs a key, or does not."""
    return {
        route.path_format
        for route in create_app(ServingSettings()).routes
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[union-attr]
        if handler.fn.__name__ != "options_handler" and access_of(handler.opt).needs_key is needs_key
    }


def variants(path: str) -> Iterator[str]:
    """Other ways of writing an address, which servers, proxies and routers take for the same."""
    head, _, last = path.rpartition("/")
    yield from (path, f"{path}/", f"/{path}", f"{path}//", f"{path}%2F", f"/.{path}")
    yield from (f"{path}/x/..", f"{path}/.", f"/health/..{path}", f"{path}?x=/health", f"{path}#x")
    yield from (path.upper(), f"{head}/{last.title()}", f"{head}/%{ord(last[0]):02x}{last[1:]}")
    yield from (f"{path};x=1", f"{path}%00", f"{path}%20", f"{path}%3Fx")


def test_only_these_routes_are_open() -> None:
    assert routes(needs_key=False) == OPEN_ROUTES


@pytest.mark.parametrize("path", sorted(routes(needs_key=True)))
async def test_no_way_of_writing_an_address_gets_round_the_key(
    path: str, tmp_path: Path, model: ServedModel
) -> None:
    async with running(tmp_path, model, KEYS) as app:
        for method, target in product(METHODS, variants(path)):
            answer = await request(app, method, target, b"{}")
            told = (method, target, answer.status, answer.body[:200])
            if method == "OPTIONS" and answer.status == 204:
                assert answer.body == b"", told
            else:
                assert answer.status in {401, 404, 405}, told


@pytest.mark.parametrize("path", sorted(routes(needs_key=True)))
async def test_the_key_opens_them(path: str, tmp_path: Path, model: ServedModel) -> None:
    async with running(tmp_path, model, KEYS) as app:
        answers = [await request(app, method, path, b"{}", WITH_KEY) for method in ("GET", "POST")]
    assert 401 not in {answer.status for answer in answers}
    assert {200, 202, 400} & {answer.status for answer in answers}


async def test_a_route_that_says_nothing_wants_a_key(tmp_path: Path, model: ServedModel) -> None:
    @get("/new", sync_to_thread=False)
    def new() -> str:
        return "for holders of a key"

    @post("/new", sync_to_thread=False)
    def newer() -> str:
        return "for holders of a key"

    async with running(tmp_path, model, KEYS) as app:
        app.register(new)
        app.register(newer)
        assert (await request(app, "GET", "/new")).status == 401
        assert (await request(app, "POST", "/new")).status == 401
        assert (await request(app, "GET", "/new", headers=WITH_KEY)).status == 200


async def test_the_rate_limit_holds_however_the_address_is_written(
    tmp_path: Path, model: ServedModel
) -> None:
    limits = {"RATE_LIMIT_PER_MINUTE": "1", "RATE_LIMIT_BURST": "3"}
    async with running(tmp_path, model, limits) as app:
        targets = ["/predict", "/predict/", "//predict", "/predict%2F", "/predict//", "///predict"]
        statuses = [(await request(app, "POST", target, b"{}")).status for target in targets]
    assert statuses == [400, 400, 400, 429, 429, 429]


async def test_wrong_keys_lock_nobody_out(tmp_path: Path, model: ServedModel) -> None:
    limits = {**KEYS, "RATE_LIMIT_PER_MINUTE": "1", "RATE_LIMIT_BURST": "3"}
    guess = [("X-API-Key", "guess")]
    async with running(tmp_path, model, limits) as app:
        wrong = [(await request(app, "POST", "/predict", b"{}", guess)).status for _ in range(8)]
        right = [(await request(app, "POST", "/predict", b"{}", WITH_KEY)).status for _ in range(3)]
    assert wrong == [401] * 3 + [429] * 5, "who tries keys is slowed down"
    assert right == [400] * 3, "the holder of a key at the same address is not"

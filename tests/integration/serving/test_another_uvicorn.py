"""The service beside a uvicorn that lacks what the service's own HTTP protocol leans on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import httpx
import pytest

from serving.access.api_keys import new_key
from tests.pace import patience
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service

pytestmark = pytest.mark.integration

KEY, KEY_HASH = new_key()
WITHOUT_A_NAME = """
import runpy
from serving.http import server
server.LEANS_ON = (*server.LEANS_ON, "a_name_that_is_gone")
runpy.run_module("serving", run_name="__main__")
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    state = tmp_path_factory.mktemp("another") / "state"
    keep_in_cache(state)
    settings = {"API_KEYS": f"shop={KEY_HASH}"}
    with service(
        state, settings, path="/health/live", command=(sys.executable, "-c", WITHOUT_A_NAME)
    ) as found:
        yield found


def test_it_starts_and_says_what_is_missing(running: Process) -> None:
    log = running.log.read_text()
    assert "a_name_that_is_gone" in log
    assert "Install the version of uv.lock" in log


def test_it_prices_by_the_handlers(running: Process) -> None:
    answer = httpx.post(
        f"{running.address}/predict", json=WINE, headers={"X-API-Key": KEY}, timeout=patience(20)
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json()["prediction"] > 0
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "path", ["/predict", "/predict/", "//predict", "/predict/batch", "/feedback", "/metrics"]
)
def test_it_keeps_its_doors_closed(running: Process, path: str) -> None:
    answer = httpx.request(
        "GET" if path == "/metrics" else "POST",
        f"{running.address}{path}",
        content=json.dumps(WINE),
        headers={"content-type": "application/json"},
        timeout=patience(20),
    )
    assert answer.status_code in {401, 404}, answer.text
    assert "prediction" not in answer.json()

"""What a client sees of the service, over real HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar.routes import ASGIRoute, HTTPRoute

from serving.access.api_keys import new_key
from serving.app import create_app
from serving.settings import ServingSettings
from tests.pace import patience
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.services import Process, service

pytestmark = pytest.mark.integration

KEY, KEY_HASH = new_key()
OTHER_KEY, OTHER_HASH = new_key()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Of a service with default settings."""
    state = tmp_path_factory.mktemp("open") / "state"
    keep_in_cache(state)
    with service(state, {}) as running, httpx.Client(base_url=running.address, timeout=patience(20)) as made:
        yield made


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A service with everything switched on that keeps people out."""
    state = tmp_path_factory.mktemp("guarded") / "state"
    keep_in_cache(state)
    settings = {
        "API_KEYS": f"shop={KEY_HASH},cellar={OTHER_HASH}",
        "RATE_LIMIT_PER_MINUTE": "60",
        "RATE_LIMIT_BURST": "20",
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "CORS_ORIGINS": "https://shop.example.org",
        "NEON_URI": "postgresql://wine:Hush-Word-7@127.0.0.1:9/none",
        "LOG_REQUESTS": "true",
    }
    with service(state, settings, path="/health/live") as running:
        yield running


def test_a_price_comes_with_its_interval_and_its_model(client: httpx.Client) -> None:
    answer = client.post("/predict", json=WINE)
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert body["interval"]["low"] < body["prediction"] < body["interval"]["high"]
    assert body["currency"] == "USD"
    assert body["model"] == {"name": "WinePriceRegressorPipeline", "version": "1"}
    assert answer.headers["x-request-id"] == body["request_id"] == str(uuid.UUID(body["request_id"]))


def test_case_accents_and_space_do_not_change_the_price(client: httpx.Client) -> None:
    shouted = {**WINE, "country": "  FRANCE ", "province": "bordéaux", "millesime": 2015}
    prices = [client.post("/predict", json=wine).json()["prediction"] for wine in (WINE, shouted)]
    assert prices[0] == prices[1]


def test_the_explanation_multiplies_to_the_price(client: httpx.Client) -> None:
    body = client.post("/predict?explain=true", json=WINE).json()
    product = body["explanation"]["base_price"]
    for factor in body["explanation"]["factors"]:
        product *= factor["factor"]
    assert product == pytest.approx(body["prediction"], rel=0.02)


def test_one_wine_and_a_batch_of_it_agree(client: httpx.Client) -> None:
    single = client.post("/predict", json=WINE).json()
    batch = client.post("/predict/batch", json={"wines": [WINE, {"country": 1}, WINE]}).json()
    first, second, third = batch["predictions"]
    assert first["prediction"] == third["prediction"] == single["prediction"]
    assert second["error"]["status"] == 400
    assert {error["field"] for error in second["error"]["errors"]} == {
        "country", "description", "province", "millesime"
    }  # fmt: skip
    assert (batch["priced"], batch["failed"]) == (2, 1)


def test_a_request_id_is_honoured_and_a_strange_one_is_not(client: httpx.Client) -> None:
    assert (
        client.get("/health/live", headers={"X-Request-ID": "cart-77"}).headers["x-request-id"] == "cart-77"
    )
    strange = client.get("/health/live", headers={"X-Request-ID": "a\tb<script>"})
    assert uuid.UUID(strange.headers["x-request-id"])


@pytest.mark.parametrize(
    ("method", "path", "status", "what_to_do"),
    [
        ("GET", "/nope", 404, "See /docs"),
        ("GET", "/predict", 405, "use POST"),
        ("DELETE", "/health", 405, "use GET"),
        ("PUT", "/predict/batch", 405, "use POST"),
    ],
)
def test_refusals_are_problems(
    method: str, path: str, status: int, what_to_do: str, client: httpx.Client
) -> None:
    answer = client.request(method, path)
    assert what_to_do in answer.json()["detail"]
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert status != 405 or answer.headers["allow"]


def test_every_answer_has_the_headers_that_keep_browsers_safe(client: httpx.Client) -> None:
    for path in ("/", "/health", "/nope"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_metrics_count_what_happened(client: httpx.Client) -> None:
    client.post("/predict", json={**WINE, "varietal": "x"})
    text = client.get("/metrics").text
    for expected in (
        'wine_requests_total{route="/predict",status="200"}',
        'wine_request_duration_seconds_bucket{le="0.0005",route="/predict"}',
        'wine_warnings_total{code="unknown_field"}',
        'wine_model_info{name="WinePriceRegressorPipeline",source="cache",version="1"} 1.0',
        "wine_outbox_rows ", "wine_outbox_oldest_seconds ", "wine_outbox_published_total ",
        "wine_outbox_retries_total ",
        'wine_outbox_dropped_total{reason="cap"} 0.0', 'wine_model_load_failures_total{kind="refused"} 0.0',
    ):  # fmt: skip
        assert expected in text, expected


def test_the_model_card_is_there(client: httpx.Client) -> None:
    body = client.get("/model").json()
    assert body["model_version"] == "1"
    assert body["synthetic_data"] is True
    assert body["card"]["metrics"]["test_rmse_log_scale"] == 0.4


def test_the_description_has_every_route_and_no_other(client: httpx.Client) -> None:
    pages = {"/", "/ops", "/docs", "/docs/problems", "/openapi.json"}
    routes = {
        route.path_format
        for route in create_app(ServingSettings()).routes
        if isinstance(route, ASGIRoute | HTTPRoute) and not route.path.startswith("/assets")
    }
    assert set(client.get("/openapi.json").json()["paths"]) == routes - pages


def test_only_a_good_key_gets_a_price(guarded: Process) -> None:
    address = f"{guarded.address}/predict"
    for headers in ({}, {"X-API-Key": "wrong"}, {"Authorization": "Basic x"}):
        refused = httpx.post(
            address, json=WINE, headers={**headers, "X-Forwarded-For": "203.0.113.1"}, timeout=patience(20)
        )
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
    for headers in ({"X-API-Key": KEY}, {"Authorization": f"Bearer {OTHER_KEY}"}):
        assert httpx.post(address, json=WINE, headers=headers, timeout=patience(20)).status_code == 200
    assert httpx.get(f"{guarded.address}/metrics", timeout=patience(20)).status_code == 401
    assert httpx.get(f"{guarded.address}/ops/report", timeout=patience(20)).status_code == 401
    assert httpx.get(f"{guarded.address}/health/live", timeout=patience(20)).status_code == 200


def test_a_client_over_its_limit_waits_and_others_do_not(guarded: Process) -> None:
    address = f"{guarded.address}/predict/batch"
    batch = {"wines": [WINE] * 50}
    busy, calm = {"X-API-Key": OTHER_KEY}, {"X-API-Key": KEY}
    assert httpx.post(address, json=batch, headers=busy, timeout=patience(20)).status_code == 200
    refused = httpx.post(address, json=batch, headers=busy, timeout=patience(20))
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert (
        httpx.post(f"{guarded.address}/predict", json=WINE, headers=calm, timeout=patience(20)).status_code
        == 200
    )


def test_who_tries_keys_is_slowed_down(guarded: Process) -> None:
    headers = {"X-API-Key": "guess", "X-Forwarded-For": "203.0.113.77"}
    statuses = [
        httpx.post(f"{guarded.address}/predict", json=WINE, headers=headers, timeout=patience(20)).status_code
        for _ in range(30)
    ]
    assert set(statuses) == {401, 429}


def test_other_origins_are_let_in_only_where_that_is_set(guarded: Process) -> None:
    asking = {"Origin": "https://shop.example.org", "Access-Control-Request-Method": "POST"}
    allowed = httpx.options(f"{guarded.address}/predict", headers=asking, timeout=patience(20))
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example.org"
    other = httpx.options(
        f"{guarded.address}/predict",
        headers={**asking, "Origin": "https://evil.example"},
        timeout=patience(20),
    )
    assert "access-control-allow-origin" not in other.headers


def test_the_log_is_json_with_ids_and_without_secrets_or_addresses(guarded: Process) -> None:
    headers = {"X-API-Key": KEY, "X-Request-ID": "cart-78", "X-Forwarded-For": "203.0.113.99"}
    httpx.post(f"{guarded.address}/predict", json=WINE, headers=headers, timeout=patience(20))
    text = guarded.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == "cart-78"]
    assert (line["path"], line["status"], line["client"]) == ("/predict", 200, "shop")
    for secret in (KEY, OTHER_KEY, KEY_HASH, "Hush-Word-7", "203.0.113.99"):
        assert secret not in text


def test_settings_that_cannot_be_end_the_start_with_one_message(tmp_path: Path) -> None:
    env = {"SERVING_PORT": "x", "API_KEYS": "shop", "PATH": "/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "serving"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "SERVING_PORT" in done.stderr
    assert "Traceback" not in done.stderr

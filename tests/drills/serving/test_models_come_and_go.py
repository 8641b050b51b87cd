"""The model in service follows the registry, and nothing that comes from there can stop it."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from serving.access.webhook_signature import WebhookGate
from tests.integration.servers import end, mlflow_server, wait_until_healthy
from tests.pace import patience
from tests.serving_kit.load import WINE, Load, during
from tests.serving_kit.postgres import Postgres
from tests.serving_kit.registered import Registered
from tests.serving_kit.services import Process, service, wait_for

pytestmark = pytest.mark.drill

PROMOTIONS = 50


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(tmp_path_factory.mktemp("tracker")) as (address, process, log):
        wait_until_healthy(f"{address}/health", process, log)
        yield address


@pytest.fixture
def registered(tracker: str) -> Iterator[Registered]:
    Registered(tracker).forget()
    made = Registered(tracker)
    yield made
    made.forget()


@pytest.fixture
def settings(tracker: str) -> dict[str, str]:
    return {"MLFLOW_TRACKING_URI": tracker, "LOG_LEVEL": "WARNING"}


def version_in_service(running: Process) -> str:
    return str(running.health()["model_version"])


def refused(running: Process) -> str:
    """What the log says of the version that was not taken, once health says that there is a problem."""
    wait_for(lambda: running.health()["registry"]["problem"], what="a refusal in health")
    assert "last_error" not in running.health()["registry"], "what errors say is not for everybody"
    return running.log.read_text()


@dataclass(frozen=True)
class Wrong:
    """A version that must not be served, and what the log must say of it."""

    said: str
    options: dict[str, object]


WRONG = {
    "broken": Wrong("is not a model that this code wrote", {"artefact_bytes": b"no zip"}),
    "tampered with": Wrong("its bytes were changed after training", {"tamper": True}),
    "too new": Wrong("schema version 99", {"schema_version": 99}),
    "of another system": Wrong("never opened here", {"tagged": False}),
}


@pytest.fixture(scope="module")
def running_one(tracker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One service for all versions that do not fit."""
    registered = Registered(tracker)
    registered.add(alias="production")
    settings = {"MLFLOW_TRACKING_URI": tracker, "LOG_LEVEL": "WARNING"}
    with service(tmp_path_factory.mktemp("one") / "state", settings) as running:
        yield running
    registered.forget()


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_version_that_does_not_fit_changes_nothing_but_health_and_a_metric(
    wrong: Wrong, running_one: Process, tracker: str
) -> None:
    running, registered = running_one, Registered(tracker)
    good = version_in_service(running)
    failures = running.metric("wine_model_load_failures_total")
    bad = registered.add(alias="production", **wrong.options)  # type: ignore[arg-type]
    assert wrong.said in refused(running)
    assert (
        httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20)).json()["model"]["version"]
        == good
    )
    assert running.metric("wine_model_load_failures_total") == failures + 1, "it is not tried again and again"
    assert running.health()["registry"]["wanted_version"] == bad
    assert running.health()["status"] == "OK"
    better = registered.add(alias="production")
    wait_for(lambda: version_in_service(running) == better, what="the next good version")
    assert running.health()["registry"]["problem"] is None


def test_a_pickle_of_the_original_is_refused_without_being_opened(
    registered: Registered, settings: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "opened"
    files = tmp_path / "original"
    files.mkdir()
    (files / "model.pkl").write_bytes(pickle.dumps(_Bomb(str(trace))))
    (files / "MLmodel").write_text("flavors: {python_function: {loader_module: mlflow.sklearn}}\n")
    registered.add_folder(files, {"dataset_s3_path": "s3://old/"}, alias="production")
    with service(tmp_path / "state", settings, path="/health/live") as running:
        assert "pickle" in refused(running)
        answer = httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20))
        assert answer.status_code == 503
        assert answer.json()["detail"].startswith("No model is loaded yet")
        assert httpx.get(f"{running.address}/health", timeout=patience(20)).status_code == 503
    assert not trace.exists()


class _Bomb:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (self.path, "w")


def test_the_registry_is_down_at_start_and_comes_back(tmp_path: Path, settings: dict[str, str]) -> None:
    folder = tmp_path / "tracker"
    folder.mkdir()
    state = tmp_path / "state"
    with mlflow_server(folder) as (address, tracker, log):
        wait_until_healthy(f"{address}/health", tracker, log)
        own = {**settings, "MLFLOW_TRACKING_URI": address}
        version = Registered(address).add(alias="production")
        with service(state, own) as running:
            end(tracker)
            wait_for(lambda: running.health()["registry"]["status"] == "unreachable", what="the bad news")
            assert (
                httpx.post(f"{running.address}/predict", json=WINE, timeout=patience(20)).status_code == 200
            )
        with service(state, own) as again:
            assert again.health()["model"]["source"] == "cache"
            assert (
                httpx.post(f"{again.address}/predict", json=WINE, timeout=patience(20)).json()["model"][
                    "version"
                ]
                == version
            )
            wait_for(lambda: again.health()["registry"]["problem"] == "registry", what="the reason")


def test_a_first_model_is_served_as_soon_as_there_is_one(
    registered: Registered, settings: dict[str, str], tmp_path: Path
) -> None:
    with service(tmp_path / "state", settings, path="/health/live") as running:
        assert "train a model and promote it" in refused(running)
        version = registered.add(alias="production")
        wait_for(lambda: version_in_service(running) == version, what="the first model")


def test_fifty_promotions_under_load_fail_no_request(
    registered: Registered, settings: dict[str, str], tmp_path: Path
) -> None:
    one, two = registered.add(alias="production"), registered.add()
    with service(tmp_path / "state", {**settings, "MODEL_POLL_SECONDS": "0.05"}) as running:
        load = Load(running.port, connections=8)

        def promote_often() -> None:
            for number in range(PROMOTIONS):
                version = (two, one)[number % 2]
                registered.point(version)
                wait_for(
                    lambda v=version: load.counts.versions[v] and version_in_service(running) == v,
                    what=version,
                )

        counts = during(load, promote_often)
        assert counts.broken == 0
        assert set(counts.statuses) == {200}
        assert set(counts.versions) == {one, two}
        assert running.metric("wine_model_loads_total") == PROMOTIONS + 1
        kept = list((tmp_path / "state" / "models").glob("version-*"))
        assert len(kept) == 1, "the files of models that are gone are gone"


def test_a_webhook_brings_the_new_model_at_once(
    registered: Registered, settings: dict[str, str], tmp_path: Path
) -> None:
    registered.add(alias="production")
    own = {**settings, "MODEL_POLL_SECONDS": "3600", "MLFLOW_WEBHOOK_SECRET": "between-us"}
    with service(tmp_path / "state", own) as running:
        version = registered.add(alias="production")
        body, delivery, timestamp = b"{}", "delivery-1", str(int(time.time()))
        signature = WebhookGate("between-us").signature(delivery, timestamp, body)
        headers = {
            "X-MLflow-Delivery-Id": delivery,
            "X-MLflow-Timestamp": timestamp,
            "X-MLflow-Signature": signature,
        }
        forged = {**headers, "X-MLflow-Signature": "v1,AAAA"}
        address = f"{running.address}/webhooks/mlflow"
        assert httpx.post(address, content=body, headers=forged, timeout=patience(20)).status_code == 401
        assert httpx.post(address, content=body, headers=headers, timeout=patience(20)).status_code == 202
        wait_for(lambda: version_in_service(running) == version, what="the new version")


def test_a_candidate_shadows_live_traffic(
    registered: Registered, settings: dict[str, str], database_server: Postgres, database: str, tmp_path: Path
) -> None:
    registered.add(alias="production")
    candidate = registered.add(alias="ready_to_test")
    own = {**settings, "SHADOW_SAMPLE": "1", "NEON_URI": database_server.uri(database)}
    with service(tmp_path / "state", own) as running:
        wait_for(lambda: running.metric("wine_model_loads_total") == 2, what="both models")
        counts = asyncio.run(Load(running.port, requests=200).run())
        wait_for(
            lambda: running.metric("wine_shadow_predictions_total") == 200, what="the candidate's answers"
        )
        running.stop()
    found = database_server.query(
        "SELECT s.model_version, count(*)"
        " FROM wine_shadow_predictions s JOIN wine_predictions p USING (request_id)"
        " WHERE s.predicted_price = p.predicted_price AND s.expected_error > 0 GROUP BY 1",
        database,
    )
    assert found == f"{candidate}|200"
    assert set(counts.versions) != {candidate}

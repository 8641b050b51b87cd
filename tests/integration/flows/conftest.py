"""A data folder of synthetic reviews, and flows that run in this process against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

from flows.registry.model_registry import Registry
from pricing.synthetic.reviews import MARKER_FILE, MARKER_TEXT, sample
from tests.integration.conftest import Servers


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviews")
    made = sample(train_rows=1500, test_rows=400)
    made.train.to_csv(folder / "winemag-train.csv", index=False)
    made.test.to_csv(folder / "winemag-test.csv", index=False)
    (folder / MARKER_FILE).write_text(MARKER_TEXT)
    return folder


@pytest.fixture
def flow_env(servers: Servers, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """The environment of a worker, and Prefect's client pointed at the real server."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", servers.mlflow)
    monkeypatch.setenv("ARTIFACT_DATA", str(data_folder))
    monkeypatch.setenv("GIT_COMMIT", "0123abc")
    monkeypatch.delenv("NEON_URI", raising=False)
    with temporary_settings({PREFECT_API_URL: servers.prefect, PREFECT_LOGGING_LEVEL: "ERROR"}):
        yield servers


@pytest.fixture
def registry(flow_env: Servers) -> Iterator[Registry]:
    """The registered model of the server, empty at the start of each test."""
    mlflow.set_tracking_uri(flow_env.mlflow)
    made = Registry(MlflowClient(flow_env.mlflow))
    empty(made)
    yield made
    empty(made)


def empty(registry: Registry) -> None:
    """Leave no registered model to the next test of the same server."""
    if registry.versions():
        registry.client.delete_registered_model(registry.name)

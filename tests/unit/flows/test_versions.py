"""Whoever takes a version from the registry finds out when its bytes were changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from flows.errors import CandidateRejected, ProductionUnusable, TrackerUnreachable
from flows.gate.candidate import fetch_candidate, fetch_champion
from flows.registry import versions, wine_flavor
from flows.registry.contract import PRODUCTION
from flows.registry.model_registry import DESCRIPTION_LENGTH, Registry
from flows.registry.production import production
from flows.scoring.score_run import _model
from pricing.data.cleaning import clean
from pricing.errors import UntrustedArtefact
from pricing.estimators.baseline import baseline
from pricing.estimators.conformal import ConformalRegressor
from pricing.storage.recorded import SCHEMA_TAG, SHA256_TAG
from pricing.synthetic import reviews


@pytest.fixture(scope="module")
def wines() -> pd.DataFrame:
    return clean(reviews.sample(train_rows=200, test_rows=1).train)[0]


@pytest.fixture(scope="module")
def fitted(wines: pd.DataFrame) -> ConformalRegressor:
    return baseline().fit(wines, np.log(wines["price"]))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("mlflow")
    before = mlflow.get_tracking_uri()
    uri = f"sqlite:///{folder}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    experiment = client.create_experiment("test", artifact_location=str(folder / "artifacts"))
    with mock.patch.dict(os.environ, {"MLFLOW_EXPERIMENT_ID": experiment}):
        yield Registry(client)
    mlflow.set_tracking_uri(before)


@pytest.fixture
def version(registry: Registry, fitted: ConformalRegressor, wines: pd.DataFrame) -> ModelVersion:
    experiment = registry.client.get_experiment_by_name("test")
    run = registry.client.create_run(experiment.experiment_id)
    info = wine_flavor.log_model(fitted, run_id=run.info.run_id, example=wines, card={"data": {}})
    return registry.register(
        source=f"models:/{info.model_id}",
        run_id=run.info.run_id,
        model_id=info.model_id,
        flow_run_id=run.info.run_id,
        tags={name: str(info.metadata[name]) for name in (SHA256_TAG, SCHEMA_TAG)},
        description="x" * 9000,
    )


def test_a_version_is_loaded_as_it_was_saved(
    registry: Registry, version: ModelVersion, fitted: ConformalRegressor, wines: pd.DataFrame, tmp_path: Path
) -> None:
    loaded = versions.load(registry, version, tmp_path)
    assert np.abs(loaded.estimator.predict(wines) - fitted.predict(wines)).max() < 1e-9
    assert loaded.saved.card == {"data": {}}
    assert (loaded.saved.level, loaded.saved.synthetic) == (0.0, False)
    assert len(registry.version(version.version).description) == DESCRIPTION_LENGTH


def test_changed_bytes_are_refused_by_promote_drift_and_score(
    registry: Registry, version: ModelVersion, tmp_path: Path
) -> None:
    registry.tag(version.version, {SHA256_TAG: "0" * 64})
    registry.set_alias(PRODUCTION, version.version)
    changed = registry.version(version.version)
    with pytest.raises(UntrustedArtefact, match="changed after training"):
        versions.load(registry, changed, tmp_path / "load")
    with pytest.raises(CandidateRejected, match="changed after training"):
        fetch_candidate(registry, changed, tmp_path / "candidate")
    assert "changed after training" in str(fetch_champion(registry, changed, tmp_path / "champion"))
    with pytest.raises(ProductionUnusable, match="changed after training"):
        production(registry)
    with pytest.raises(ProductionUnusable, match="changed after training"):
        _model(registry, PRODUCTION, str(tmp_path / "score"))


def test_a_version_of_another_system_is_never_opened(registry: Registry, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "MLmodel").write_text("flavors: {sklearn: {pickled_model: model.pkl}}\n")
    (foreign / "model.pkl").write_bytes(b"cposix\nsystem\n(S'touch owned'\ntR.")
    registry._ensure_model()
    version = registry.client.create_model_version(registry.name, str(foreign))
    assert "never opened" in str(fetch_champion(registry, version, tmp_path / "champion"))
    assert not Path("owned").exists()


def test_a_store_that_does_not_answer_is_no_verdict_on_a_version(
    registry: Registry, version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: str) -> str:
        raise MlflowException("API request to http://mlflow/api failed with exception: connection refused")

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", refuse)
    with pytest.raises(TrackerUnreachable, match="could not be downloaded"):
        fetch_champion(registry, version, tmp_path / "champion")
    with pytest.raises(TrackerUnreachable, match="run again"):
        fetch_candidate(registry, version, tmp_path / "candidate")


def test_a_version_whose_files_are_gone_cannot_be_compared_with(registry: Registry, tmp_path: Path) -> None:
    registry._ensure_model()
    gone = registry.client.create_model_version(registry.name, str(tmp_path / "gone"))
    assert "no model of this system" in str(fetch_champion(registry, gone, tmp_path / "champion"))


def test_an_alias_that_points_nowhere_says_what_to_do(registry: Registry) -> None:
    with pytest.raises(ProductionUnusable, match="Train and promote one first"):
        versions.under_alias(registry, "nowhere")
